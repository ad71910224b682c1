/// The candles of a coin: the one that is open, each time a block has trades.
///
/// Shared; routed by coin and interval; the first message is the current candle. The last state of a candle is
/// not marked: it is closed when one with a later ``Candle/openTimeMilliseconds`` arrives. A gap hides what closed in it.
public struct CandleFeed: CatalogueFeed {
    /// The coin, by the venue's interned string.
    public let coin: Coin
    /// How long a candle lasts.
    public let interval: CandleInterval

    /// The candles of `coin`.
    public init(coin: Coin, interval: CandleInterval) {
        self.coin = coin
        self.interval = interval
    }

    /// `candle`, by coin and interval.
    public static var descriptor: FeedDescriptor {
        let words = CandleInterval.all.map(\.rawValue).joined(separator: " ")
        return FeedDescriptor(
            type: "candle", parameters: [.coin, .init("interval", required: true, "length of a candle: \(words)")],
            summary: "candles of a coin, as they grow", example: CandleFeed(coin: "BTC", interval: .oneMinute))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin(), interval: CandleInterval(rawValue: try parameters.text("interval")))
    }

    /// `{"type":"candle","coin":…,"interval":…}`
    public var request: FeedRequest {
        FeedRequest(type: "candle", fields: [("coin", .string(coin.name)), ("interval", .string(interval.rawValue))])
    }

    /// Shared, by coin and interval. Buffered, because conflation would lose the last state of closed candles.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "candle", route: .candle, routeKey: [coin.name, interval.rawValue],
            snapshot: .firstMessage, delivery: .buffered, priority: .low)
    }

    /// Checks the coin's interned string and the interval.
    public func validate() throws(FeedParameterError) {
        try coin.validate()
        try interval.validate()
    }

    /// Whether the candle is of this coin and interval.
    public func accepts(_ event: Candle) -> Bool { event.coin == coin && event.interval == interval }

    /// Reads a candle.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<Candle> {
        let candle = try Candle(from: &reader)
        try reader.finish()
        return .update(candle)
    }
}

extension Feed where Self == CandleFeed {
    /// The candles of a coin: the one that is open, each time a block has trades.
    public static func candle(_ coin: Coin, _ interval: CandleInterval) -> CandleFeed {
        CandleFeed(coin: coin, interval: interval)
    }
}
