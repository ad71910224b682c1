/// Messages in the venue's usual form, with fixed numbers.
enum Message {
    static func bbo(_ coin: String = "BTC") -> String {
        #"{"channel":"bbo","data":{"coin":"\#(coin)","time":1790358617881,"bbo":[\#(level(1)),\#(level(2))]}}"#
    }

    /// A book of 20 levels per side. With white space in `space`, the fast path leaves it to the reader of any form.
    static func l2Book(_ coin: String = "BTC", space: String = "") -> String {
        let side = (0..<20).map(level).joined(separator: ",")
        return #"{"channel":"l2Book","data":{"coin":"\#(coin)","time":\#(space)1790358617881,"#
            + #""levels":[[\#(side)],[\#(side)]]}}"#
    }

    static func trades(_ coin: String = "BTC") -> String {
        let trades = (0..<5).map { index in
            #"{"coin":"\#(coin)","side":"\#(index % 2 == 0 ? "A" : "B")","px":"6409\#(index).0","sz":"0.0012\#(index)","#
                + #""time":1790358617881,"hash":"0x\#(String(repeating: "5a", count: 32))","#
                + #""tid":10000000000000\#(index),"users":["0x\#(String(repeating: "0b", count: 20))","#
                + #""0x\#(String(repeating: "c1", count: 20))"]}"#
        }
        return #"{"channel":"trades","data":[\#(trades.joined(separator: ","))]}"#
    }

    /// Mid prices of 858 coins.
    static func allMids() -> String {
        let mids = (0..<858).map { #""@\#($0)":"\#($0 % 90 + 1).0\#($0 % 9 + 1)5""# }
        return #"{"channel":"allMids","data":{"mids":{\#(mids.joined(separator: ","))}}}"#
    }

    static func candle() -> String {
        #"{"channel":"candle","data":{"t":1790358600000,"T":1790358659999,"s":"BTC","i":"1m","o":"64094.0","#
            + #""c":"64101.0","h":"64120.0","l":"64090.0","v":"12.34567","n":321}}"#
    }

    private static func level(_ index: Int) -> String {
        #"{"px":"640\#(index + 10).0","sz":"\#(index % 3).\#(index * 37 + 10001)","n":\#(index % 12 + 1)}"#
    }
}
