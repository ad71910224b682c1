/// The trades of a coin, as they happen.
///
/// Shared; routed by coin; the first message repeats about 30 recent trades without a mark, which arrive as a
/// `.snapshot`. A gap can hide trades beyond that replay; what the replay repeats is not delivered twice.
public struct TradesFeed: CatalogueFeed {
    /// The coin, by the venue's interned string.
    public let coin: Coin

    /// The trades of `coin`.
    public init(coin: Coin) {
        self.coin = coin
    }

    /// `trades`, by coin.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "trades", parameters: [.coin], summary: "trades of a coin, as they happen",
            example: TradesFeed(coin: "BTC"))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin())
    }

    /// `{"type":"trades","coin":…}`
    public var request: FeedRequest {
        FeedRequest(type: "trades", fields: [("coin", .string(coin.name))])
    }

    /// Shared, by the first trade's coin.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "trades", route: .firstCoin, routeKey: [coin.name], snapshot: .replay, delivery: .buffered
        )
    }

    /// Checks the coin's interned string.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Whether the trades are this coin's.
    public func accepts(_ event: [Trade]) -> Bool { event.first?.coin == coin }

    /// The last trade's time.
    public static func venueMilliseconds(of event: [Trade]) -> Int64? { event.last?.timeMilliseconds }

    /// Reads an array of trades and leaves out those delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout TradesMemory
    ) throws(DecodingFault) -> Decoded<[Trade]> {
        var trades: [Trade] = []
        swap(&trades, &memory.room)
        try Trade.readAll(&reader, into: &trades, after: &memory.last)
        try reader.finish()
        return memory.delivered.sort(trades, key: { $0.key }, time: { $0.timeMilliseconds })
    }

    /// Keeps the array for the next message's trades.
    public static func reclaim(_ event: consuming [Trade], into memory: inout TradesMemory) { memory.room = event }
}

/// What the trades of a coin carry from message to message.
public struct TradesMemory: FeedMemory {
    /// Which trades have been delivered.
    var delivered = ReplayMemory<Trade.Key>()
    /// An array that may be used again: to allocate and free one for each message was a tenth of its instructions.
    var room: [Trade] = []
    /// What the next trade is held against.
    var last = TradeMemo()

    /// Nothing yet.
    public init() {}

    /// What comes next may repeat what was delivered before.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {
        delivered.subscribed(atMilliseconds: milliseconds)
    }
}

extension Feed where Self == TradesFeed {
    /// The trades of a coin, as they happen.
    public static func trades(_ coin: Coin) -> TradesFeed { TradesFeed(coin: coin) }
}
