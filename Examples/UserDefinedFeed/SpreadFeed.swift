import Hyperliquid

/// A feed defined by this program: the spread between the best bid and ask of a coin, each time it changes.
///
/// It decodes the venue's `bbo` messages, but reads only the fields that it needs, and makes no event while the spread
/// stays the same.
struct SpreadFeed: Feed {
    let coin: Coin

    /// The request to the venue. It is that of the package's `.bbo` feed, so both share one subscription at the venue.
    var request: FeedRequest {
        FeedRequest(type: "bbo", fields: [("coin", .string(coin.name))])
    }

    /// Messages of the channel `bbo` name their coin in `data.coin`, so all coins may share a connection. The first
    /// message arrives at once. Events are buffered, because every change matters here.
    var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "bbo", route: .coin, routeKey: [coin.name], snapshot: .firstMessage, delivery: .buffered)
    }

    func validate() throws(FeedParameterError) {
        guard !coin.name.isEmpty else {
            throw FeedParameterError(parameter: "coin", problem: "it is empty", remedy: "name a coin, such as BTC")
        }
    }

    /// Whether an event belongs to this coin.
    func accepts(_ event: Spread) -> Bool { event.coin == coin }

    /// Reads `{"coin":…,"time":…,"bbo":[LEVEL|null,LEVEL|null]}`, with its keys in any order, and skips other keys.
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
        // A difference with more digits than a decimal holds cannot be a spread. It must not trap.
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
    /// The venue's time, in milliseconds since 1970.
    let time: Int64
    /// The best ask minus the best bid.
    let width: ExactDecimal
}

/// The memory of a subscription between messages: the last spread.
struct LastSpread: FeedMemory {
    private var width: ExactDecimal?

    /// Forgets the last spread, so that the first one after a new subscribe makes an event.
    mutating func subscribed(atMilliseconds milliseconds: Int64) {
        width = nil
    }

    mutating func changes(to next: ExactDecimal) -> Bool {
        defer { width = next }
        return width != next
    }
}

extension FeedChoice {
    static func spread(_ coin: Coin) -> FeedChoice<SpreadFeed> { .feed(SpreadFeed(coin: coin)) }
}
