/// The trades of a coin, as they happen.
///
/// Shared; routed by coin; the first message repeats about 30 recent trades without a mark, which arrive as a
/// `.snapshot`. A gap can hide trades beyond that replay; what the replay repeats is not delivered twice.
public struct TradesFeed: CatalogueFeed {
    /// The coin, by the venue's spelling.
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

    /// Checks the coin's spelling.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Whether the trades are this coin's.
    public func accepts(_ event: [Trade]) -> Bool { event.first?.coin == coin }

    /// Reads an array of trades and leaves out those delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Trade.Key>
    ) throws(DecodingFault) -> Decoded<[Trade]> {
        let trades = try reader.readArray { (reader) throws(DecodingFault) in try Trade(from: &reader) }
        try reader.finish()
        return memory.sort(trades, key: \.key, time: \.time)
    }
}

extension Feed where Self == TradesFeed {
    /// The trades of a coin, as they happen.
    public static func trades(_ coin: Coin) -> TradesFeed { TradesFeed(coin: coin) }
}

/// One trade.
public struct Trade: Hashable, Sendable {
    /// The coin, by the venue's spelling.
    public let coin: Coin
    /// The taker's side.
    public let side: Side
    /// Price, in quote units a base unit.
    public let price: ExactDecimal
    /// Size, in base units.
    public let size: ExactDecimal
    /// When it happened, by the venue's clock: milliseconds since 1970.
    public let time: Int64
    /// The transaction; all zero when no transaction of a user made it.
    public let hash: TransactionHash
    /// The trade's id: unique only together with ``coin`` and ``time``; 0 in messages of 2023, which had none.
    public let tradeID: Int64
    /// The buyer; absent in messages of 2023.
    public let buyer: Address?
    /// The seller; absent in messages of 2023.
    public let seller: Address?

    /// What tells one trade from another.
    public struct Key: Hashable, Sendable {
        let time: Int64
        let tradeID: Int64
        let coin: Coin
    }

    var key: Key { Key(time: time, tradeID: tradeID, coin: coin) }
}

extension Trade: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, side: Side?, price: ExactDecimal?, size: ExactDecimal?, time: Int64?
        var hash: TransactionHash?, tradeID: Int64?, users: [Address] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "side": side = try reader.readWord()
            case "px": price = try reader.readDecimal()
            case "sz": size = try reader.readDecimal()
            case "time": time = try reader.readInteger()
            case "hash": hash = try reader.readHash()
            case "tid": tradeID = try reader.readInteger()
            case "users": users = try reader.readArray { (reader) throws(DecodingFault) in try reader.readAddress() }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.side = try reader.require(side, "side", in: object)
        self.price = try reader.require(price, "px", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.time = try reader.require(time, "time", in: object)
        self.hash = try reader.require(hash, "hash", in: object)
        self.tradeID = tradeID ?? 0
        buyer = users.first
        seller = users.count > 1 ? users[1] : nil
    }

    /// Writes the trade by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("side", side)
        writer.field("px", price)
        writer.field("sz", size)
        writer.field("time", time)
        writer.field("hash", hash)
        writer.field("tid", tradeID)
        if let buyer, let seller { writer.field("users", array: [buyer, seller]) }
        writer.endObject()
    }
}
