import Hyperliquid

/// Makes messages of the venue and of the client.
enum Messages {
    static func subscribe(_ feed: some Feed) -> String { #"{"method":"subscribe","subscription":\#(feed.request)}"# }

    static func unsubscribe(_ feed: some Feed) -> String {
        #"{"method":"unsubscribe","subscription":\#(feed.request)}"#
    }

    /// The venue's acknowledgement of a subscribe or an unsubscribe.
    static func acknowledgement(_ request: String) -> String {
        #"{"channel":"subscriptionResponse","data":\#(request)}"#
    }

    /// An error message; quotes in `text` must be escaped.
    static func error(_ text: String) -> String { #"{"channel":"error","data":"\#(text)"}"# }

    /// Trades whose prices and ids are their numbers.
    static func trade(_ numbers: Int..., coin: String = "BTC", time: Int64 = 1_790_000_000_000) -> String {
        let hash = "0x" + String(repeating: "0", count: 64)
        let user = "0x" + String(repeating: "1", count: 40)
        let rows = numbers.map { number in
            #"{"coin":"\#(coin)","side":"A","px":"\#(number)","sz":"1.0","time":\#(time),"#
                + #""hash":"\#(hash)","tid":\#(number),"users":["\#(user)","\#(user)"]}"#
        }
        return #"{"channel":"trades","data":[\#(rows.joined(separator: ","))]}"#
    }

    /// A best bid and offer whose bid is its number.
    static func bbo(_ number: Int, coin: String = "BTC", time: Int64 = 1_790_000_000_000) -> String {
        #"{"channel":"bbo","data":{"coin":"\#(coin)","time":\#(time),"#
            + #""bbo":[{"px":"\#(number)","sz":"1.0","n":1},{"px":"99999.0","sz":"2.0","n":3}]}}"#
    }
}

extension Trade {
    /// The number that its message was made with.
    var number: Int { Int(tradeID) }
}

extension BestBidOffer {
    /// The number that its message was made with.
    var number: Int? { bid.flatMap { Int($0.price.description) } }
}

extension RawFeed {
    /// The subscription that a request asks for.
    init(_ request: FeedRequest) {
        self.init(type: request.type, fields: request.fields.map { ($0.name, $0.value) })
    }
}
