/// The trades of a coin, as they happen.
///
/// Shared and routed by coin. The first message repeats about 30 recent trades without a mark; they arrive as a
/// `.snapshot`. What is repeated is told by the venue's times (``ReplayCutoff``), so the local clock may be wrong. The
/// newest repeated block may arrive as an `.update`. Trades repeated after a reconnect are not delivered again. A gap can lose trades that the venue
/// does not repeat.
public struct TradesFeed: CatalogueFeed {
    /// The coin, as the venue spells it.
    public let coin: Coin

    /// Creates the feed of a coin.
    public init(coin: Coin) {
        self.coin = coin
    }

    /// `trades`, by coin.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "trades", parameters: [.coin], summary: "trades of a coin, as they happen",
            example: TradesFeed(coin: "BTC"))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin())
    }

    /// `{"type":"trades","coin":…}`
    public var request: FeedRequest {
        FeedRequest(type: "trades", fields: [("coin", .string(coin.name))])
    }

    /// Shared and routed by the coin of the first trade.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "trades", route: .firstCoin, routeKey: [coin.name], snapshot: .replay, delivery: .buffered
        )
    }

    /// Checks the coin's name.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Returns whether the trades are this coin's.
    public func accepts(_ event: [Trade]) -> Bool { event.first?.coin == coin }

    /// The time of the last trade.
    public static func venueMilliseconds(of event: [Trade]) -> Int64? { event.last?.timeMilliseconds }

    /// Reads an array of trades and drops those that were delivered before.
    public static func decode(
        _ reader: inout MessageReader, memory: inout TradesMemory
    ) throws(DecodingFault) -> Decoded<[Trade]> {
        var trades: [Trade] = []
        swap(&trades, &memory.reusable)
        try Trade.readAll(&reader, into: &trades, after: &memory.last)
        try reader.finish()
        return memory.delivered.partition(trades, key: { $0.key }, time: { $0.timeMilliseconds })
    }

    /// Keeps the array for the trades of the next message.
    public static func reclaim(_ event: consuming [Trade], into memory: inout TradesMemory) { memory.reusable = event }
}

/// The keys of delivered trades, and storage for the next ones.
public struct TradesMemory: FeedMemory {
    /// The keys of the trades that were delivered.
    var delivered = ReplayMemory<Trade.Key>()
    /// An array for the trades of the next message. Allocating and freeing one per message took a tenth of its
    /// instructions.
    var reusable: [Trade] = []
    /// The coin and time of the last trade, with which the next one is compared.
    var last = TradeMemo()

    /// Creates an empty memory.
    public init() {}

    /// Prepares for a message that may repeat trades.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {
        delivered.subscribed(atMilliseconds: milliseconds)
    }

    /// Notes what tells repeated trades from live ones.
    public mutating func firstMessageArrived(_ cutoff: ReplayCutoff) { delivered.firstMessageArrived(cutoff) }
}

extension FeedChoice {
    /// The trades of a coin, as they happen.
    public static func trades(_ coin: Coin) -> FeedChoice<TradesFeed> { .feed(TradesFeed(coin: coin)) }
}

/// One trade.
///
/// Source: docs/protocol.md, "trades".
public struct Trade: Hashable, Sendable {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The side of the taker.
    public let side: Side
    /// The price, in quote units per base unit.
    public let price: ExactDecimal
    /// The size, in base units.
    public let size: ExactDecimal
    /// The time at which it happened, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The hash of the transaction; all zero if no transaction of a user made the trade.
    public var hash: TransactionHash { hashText.hash }
    /// The id of the trade: unique only together with ``coin`` and ``timeMilliseconds``; 0 in messages of 2023, which
    /// had none.
    public let tradeID: Int64
    /// The buyer; absent in messages of 2023.
    public var buyer: Address? { buyerText.address }
    /// The seller; absent in messages of 2023.
    public var seller: Address? { sellerText.address }
    let hashText: HashText
    let buyerText: AddressText
    let sellerText: AddressText

    /// Creates a trade.
    public init(
        coin: Coin, side: Side, price: ExactDecimal, size: ExactDecimal, timeMilliseconds: Int64, hash: TransactionHash,
        tradeID: Int64, buyer: Address? = nil, seller: Address? = nil
    ) {
        self.init(
            coin: coin, side: side, price: price, size: size, timeMilliseconds: timeMilliseconds, tradeID: tradeID,
            hashText: HashText(hash),
            buyerText: AddressText(buyer), sellerText: AddressText(seller))
    }

    @inline(__always) init(
        coin: Coin, side: Side, price: ExactDecimal, size: ExactDecimal, timeMilliseconds: Int64, tradeID: Int64,
        hashText: HashText, buyerText: AddressText, sellerText: AddressText
    ) {
        self.coin = coin
        self.side = side
        self.price = price
        self.size = size
        self.timeMilliseconds = timeMilliseconds
        self.tradeID = tradeID
        self.hashText = hashText
        self.buyerText = buyerText
        self.sellerText = sellerText
    }

    /// The value of the trade: price times size, exact, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` if it has more than 35 digits.
    public var notional: ExactDecimal {
        get throws(ExactDecimalOverflow) { try price.multiplied(by: size) }
    }

    /// Distinguishes one trade from another of the same coin.
    public struct Key: ReplayKey {
        let timeMilliseconds: Int64
        let tradeID: Int64

        /// Returns 256, to save memory if there are hundreds of such subscriptions; the venue repeats about 30 trades.
        public static var replayLimit: Int { 256 }
    }

    var key: Key { Key(timeMilliseconds: timeMilliseconds, tradeID: tradeID) }
}

extension Trade: VenueValue {
    /// Reads the trades of one message into an array, whose elements are replaced.
    static func readAll(
        _ reader: inout MessageReader, into trades: inout [Trade], after last: inout TradeMemo
    ) throws(DecodingFault) {
        if !trades.isEmpty { trades.removeAll(keepingCapacity: true) }
        if reader.fast({ readAll(fast: &$0, into: &trades, after: &last) ? true : nil }) != nil { return }
        trades.removeAll()
        var array = try reader.beginArray()
        while try reader.nextElement(&array) { trades.append(try Trade(from: &reader)) }
    }

    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, side: Side?, price: ExactDecimal?, size: ExactDecimal?, timeMilliseconds: Int64?
        var hash: TransactionHash?, tradeID: Int64?, users: [Address] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "side": side = try reader.readWord()
            case "px": price = try reader.readDecimal()
            case "sz": size = try reader.readDecimal()
            case "time": timeMilliseconds = try reader.readInteger()
            case "hash": hash = try reader.readHash()
            case "tid": tradeID = try reader.readInteger()
            case "users": users = try reader.readArray { (reader) throws(DecodingFault) in try reader.readAddress() }
            default: try reader.skipUnknown()
            }
        }
        self.init(
            coin: try reader.require(coin, "coin", in: object), side: try reader.require(side, "side", in: object),
            price: try reader.require(price, "px", in: object), size: try reader.require(size, "sz", in: object),
            timeMilliseconds: try reader.require(timeMilliseconds, "time", in: object),
            hash: try reader.require(hash, "hash", in: object),
            tradeID: tradeID ?? 0, buyer: users.first, seller: users.count > 1 ? users[1] : nil)
    }

    /// Writes the trade with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("side", side)
        writer.field("px", price)
        writer.field("sz", size)
        writer.field("time", timeMilliseconds)
        writer.field("hash", hash)
        writer.field("tid", tradeID)
        if let buyer, let seller { writer.field("users", array: [buyer, seller]) }
        writer.endObject()
    }
}
