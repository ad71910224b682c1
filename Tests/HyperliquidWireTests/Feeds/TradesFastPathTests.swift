import HyperliquidWire
import Testing

/// The fast path for trades checks fewer bytes than the plain rules; both must agree.
@Suite("Trades on the fast path") struct TradesFastPathTests {
    private func trades(_ bytes: [UInt8], fast: Bool) -> [Trade]? { inTurn([bytes], fast: fast)[0] }

    private func inTurn(_ messages: [[UInt8]], fast: Bool) -> [[Trade]?] {
        var memory = TradesFeed.Memory()
        memory.subscribed(atMilliseconds: 0)
        return messages.map { bytes in
            try? withReader(bytes) { (reader) throws(DecodingFault) in
                reader.triesFastPath = fast
                _ = reader._readEnvelope()
                guard case .update(let trades) = try TradesFeed.decode(&reader, memory: &memory) else { return [] }
                return trades
            }
        }
    }

    private static let hash = "5c0e9f8a7b6d5c4e3f2a1b0c9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e"
    private static let buyer = "1a2b3c4d5e6f7a8b9c0d1e2f3a4b5c6d7e8f9a0b"
    private static let seller = "b0a9f8e7d6c5b4a3f2e1d0c9b8a7f6e5d4c3b2a1"

    private func row(
        coin: String = "BTC", side: String = "B", price: String = "64000.0", size: String = "0.01",
        time: String = "1790000001290", tradeID: String = "118059911234567"
    ) -> String {
        #"{"coin":"\#(coin)","side":"\#(side)","px":"\#(price)","sz":"\#(size)","time":\#(time),"#
            + #""hash":"0x\#(Self.hash)","tid":\#(tradeID),"users":["0x\#(Self.buyer)","0x\#(Self.seller)"]}"#
    }

    private func message(_ rows: [String]) -> String {
        #"{"channel":"trades","data":[\#(rows.joined(separator: ","))]}"#
    }

    @Test(arguments: [hash, buyer, seller])
    func `a byte in a hash or address is accepted if and only if it is a digit`(
        digits: String
    ) throws {
        let text = message([row(), row()])
        let start = try #require(text.utf8.firstRange(of: digits.utf8)).lowerBound
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: start)
        let edges: [UInt8] = [
            0x2f, 0x30, 0x39, 0x3a, 0x40, 0x47, 0x60, 0x61, 0x66, 0x67, 0x7f, 0x80, 0xaf, 0xb0, 0xb9, 0xba, 0xe1, 0xe6,
            0xe7, 0xff,
        ]
        for position in 0..<digits.utf8.count {
            for byte in position == 7 ? Array(0...255) : edges {
                var bytes = Array(text.utf8)
                bytes[offset + position] = byte
                let isDigit = "0123456789abcdefABCDEF".utf8.contains(byte)
                let fast = trades(bytes, fast: true)
                #expect((fast != nil) == isDigit, "byte \(byte) at \(position)")
                #expect(fast == trades(bytes, fast: false), "byte \(byte) at \(position)")
            }
        }
    }

    @Test(arguments: ["64000.0", "0.0123", "1790000001290", "118059911234567"])
    func `any byte in any position of a number is read as the plain rules say`(
        number: String
    ) throws {
        let text = message([row(size: "0.0123"), row(size: "0.0123")])
        let start = try #require(text.utf8.firstRange(of: number.utf8)).lowerBound
        let offset = text.utf8.distance(from: text.utf8.startIndex, to: start)
        for position in 0...number.utf8.count {
            let edges: [UInt8] = [
                0x20, 0x22, 0x2c, 0x2d, 0x2e, 0x2f, 0x30, 0x39, 0x3a, 0x3b, 0x5c, 0x65, 0x7d, 0x7f, 0x80, 0xb9, 0xba,
                0xff,
            ]
            for byte in position == 1 ? Array(0...255) : edges {
                var bytes = Array(text.utf8)
                bytes[offset + position] = byte
                #expect(trades(bytes, fast: true) == trades(bytes, fast: false), "byte \(byte) at \(position)")
            }
        }
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `coins and numbers of every length are read as the plain rules say`(seed: UInt64) throws {
        var generator = SplitMix64(seed: seed)
        let names = (0..<3).map { _ in
            String((0..<Int.random(in: 1...18, using: &generator)).map { _ in "ABCDxyz:@7".randomElement() ?? "A" })
        }
        func digits(_ counts: ClosedRange<Int>) -> String {
            let count = Int.random(in: counts, using: &generator)
            return (0..<count).map { "\(Int.random(in: ($0 == 0 && count > 1 ? 1 : 0)...9, using: &generator))" }
                .joined()
        }
        func decimal() -> String {
            switch Int.random(in: 0...3, using: &generator) {
            case 0: digits(1...12)
            case 1: "0." + digits(1...9)
            default: digits(1...6) + "." + digits(1...6)
            }
        }
        for count in [1, 1, 2, 3, 12] {
            let rows = (0..<count).map { _ in
                row(
                    coin: names.randomElement(using: &generator) ?? "",
                    side: Bool.random(using: &generator) ? "A" : "B",
                    price: decimal(), size: decimal(), time: digits(1...18), tradeID: digits(1...18))
            }
            let fast = trades(Array(message(rows).utf8), fast: true)
            let plain = try #require(trades(Array(message(rows).utf8), fast: false))
            #expect(fast == plain, "seed \(seed): \(rows)")
            #expect(fast.map { encoded($0[0]) } == rows.first, "seed \(seed)")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a time does not depend on the time of the row before it`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let times = [
            "1790000001290", "1790000001291", "1790000099999", "1790000100000", "1790000100001", "1000000000000",
            "1000000099999", "179000000129", "17900000012901", "1790000001290123456", "1790000001290123", "17900000",
            "9", "0", "01790000001290", "0790000001290", "179000000129a", "17900000012\u{e9}", "1790000001290.0",
            "1790000001290 ", String(repeating: "\0", count: 8) + "01290", "17900000:1290", "1790000001:90", "-1",
        ]
        for time in times {
            let rows = (0..<6).map { index in
                row(time: index == 3 ? time : times[Int.random(in: 0..<(seed < 15 ? 7 : 12), using: &generator)])
            }
            let bytes = Array(message(rows).utf8)
            #expect(trades(bytes, fast: true) == trades(bytes, fast: false), "\(rows)")
        }
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `a coin and a time do not depend on the message before them`(seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let times = ["1790000001290", "1790000099999", "1790000100001", "179000000129", "0", "17900000:1290"]
        let coins = ["BTC", "BTCX", "BT", "B", "BTC\u{e9}", "ABCDEFG", "ABCDEFGH", "ABCDEFGHIJKLMNOPQ"]
        let messages = (0..<12).map { number in
            let rows = (0...Int.random(in: 0...2, using: &generator)).map { index in
                row(
                    coin: coins.randomElement(using: &generator) ?? "",
                    time: times.randomElement(using: &generator) ?? "", tradeID: "\(100 * number + index)")
            }
            return Array(message(rows).utf8)
        }
        #expect(inTurn(messages, fast: true) == inTurn(messages, fast: false), "seed \(seed)")
    }

    @Test func `the memory keeps the newest keys up to its limit, however rows are grouped`() throws {
        var memory = TradesFeed.Memory()
        func deliver(_ ids: Range<Int>) throws -> Decoded<[Trade]> {
            let rows = ids.map { row(tradeID: "\(1_000_000 + $0)") }
            return try withReader(message(rows)) { (reader) throws(DecodingFault) in
                _ = reader._readEnvelope()
                return try TradesFeed.decode(&reader, memory: &memory)
            }
        }
        memory.subscribed(atMilliseconds: 1_790_000_002_000)
        for start in stride(from: 0, to: 602, by: 7) { _ = try deliver(start..<start + 7) }
        memory.subscribed(atMilliseconds: 1_790_000_003_000)
        guard case .nothing = try deliver(346..<602) else {
            Issue.record("what was delivered came again")
            return
        }
        memory.subscribed(atMilliseconds: 1_790_000_003_000)
        guard case .snapshot(let forgotten) = try deliver(345..<602) else {
            Issue.record("an older one is not remembered")
            return
        }
        #expect(forgotten.map(\.tradeID) == [1_000_345])
    }

    @Test func `a side keeps its word, known or not`() {
        #expect(Side(rawValue: "B") == .buy && Side(rawValue: "A") == .sell)
        #expect(["B", "A", "b", "C", ""].map { Side(rawValue: $0).rawValue } == ["B", "A", "b", "C", ""])
        #expect(Side(rawValue: "C") == Side(rawValue: "C") && Side(rawValue: "C") != Side(rawValue: "D"))
        #expect(Set([Side.buy, Side(rawValue: "B"), .sell, Side(rawValue: "C"), Side(rawValue: "C")]).count == 3)
        #expect(Side.buy.isKnown && !Side(rawValue: "C").isKnown)
    }
}
