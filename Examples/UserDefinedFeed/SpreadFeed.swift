import Hyperliquid

/// What lies between the best bid and offer of a coin, each time it changes: a feed of this program's own.
///
/// It reads the venue's `bbo` messages, but keeps only what it needs, and says nothing while the spread stays the same.
struct SpreadFeed: Feed {
    let coin: Coin

    /// What the venue is asked for: with the package's own `.bbo` of that coin it shares one subscription there.
    var request: FeedRequest {
        FeedRequest(type: "bbo", fields: [("coin", .string(coin.name))])
    }

    /// Messages of channel `bbo` name their coin at `data.coin`, so all coins may share a connection. The first message
    /// comes at once. Spreads are buffered, because each change counts here.
    var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "bbo", route: .coin, routeKey: [coin.name], snapshot: .firstMessage, delivery: .buffered)
    }

    func validate() throws(FeedParameterError) {
        guard !coin.name.isEmpty else {
            throw FeedParameterError(parameter: "coin", problem: "it is empty", remedy: "name a coin, such as BTC")
        }
    }

    /// Whether an event is of this coin.
    func accepts(_ event: Spread) -> Bool { event.coin == coin }

    /// Reads `{"coin":…,"time":…,"bbo":[LEVEL|null,LEVEL|null]}`, in any order, with whatever else may stand there.
    static func decode(
        _ reader: inout MessageReader, memory: inout LastSpread
    ) throws(DecodingFault) -> Decoded<Spread> {
        var coin: Coin?, time: Int64?
        var prices: [ExactDecimal?] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "time": time = try reader.readInteger()
            case "bbo": prices = try reader.readArray(readPrice)
            default: try reader.skipUnknown()
            }
        }
        try reader.finish()
        guard prices.count == 2, let bid = prices[0], let ask = prices[1] else { return .nothing }
        // Prices that are no prices must not stop a program: a difference too long to hold is no spread.
        guard let width = try? ask.subtracting(bid), memory.changes(to: width) else { return .nothing }
        return .update(
            Spread(
                coin: try reader.require(coin, "coin", in: object), time: try reader.require(time, "time", in: object),
                width: width))
    }

    private static func readPrice(_ reader: inout MessageReader) throws(DecodingFault) -> ExactDecimal? {
        try reader.readNullable { (reader) throws(DecodingFault) in
            var price: ExactDecimal?
            var level = try reader.beginObject()
            while let key = try reader.nextKey(&level) {
                if key == "px" { price = try reader.readDecimal() } else { try reader.skipValue() }
            }
            return try reader.require(price, "px", in: level)
        }
    }
}

/// The feed's event.
struct Spread: Hashable, Sendable {
    let coin: Coin
    /// By the venue's clock: milliseconds since 1970.
    let time: Int64
    /// The best ask minus the best bid.
    let width: ExactDecimal
}

/// What a subscription remembers from message to message.
struct LastSpread: FeedMemory {
    private var width: ExactDecimal?

    /// After a new subscribe the first spread is told, whatever was told before.
    mutating func subscribed(atMilliseconds milliseconds: Int64) {
        width = nil
    }

    mutating func changes(to next: ExactDecimal) -> Bool {
        defer { width = next }
        return width != next
    }
}

extension Feed where Self == SpreadFeed {
    static func spread(_ coin: Coin) -> SpreadFeed { SpreadFeed(coin: coin) }
}
