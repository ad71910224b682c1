/// Changes of a user's orders.
///
/// Its messages name no user, so the feeds of two users never share a connection. There is no snapshot, not even
/// after a gap: fetch the open orders again in that case.
public struct OrderUpdatesFeed: UserFeed {
    /// The user.
    public let user: Address

    /// Creates the feed.
    public init(user: Address) {
        self.user = user
    }

    /// `orderUpdates`.
    public static var typeName: String { "orderUpdates" }
    /// What the feed delivers.
    public static var summary: String { "changes of a user's orders" }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "orderUpdates", route: .channel, routeKey: [],
            snapshot: .none, delivery: .buffered, priority: .high, hasDistinctMessages: true)
    }

    /// The time at which the last order changed its status.
    public static func venueMilliseconds(of event: [OrderUpdate<BasicOrder>]) -> Int64? {
        event.last?.statusTimeMilliseconds
    }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<[OrderUpdate<BasicOrder>]> {
        let updates = try reader.readArray { (reader) throws(DecodingFault) in
            try OrderUpdate<BasicOrder>(from: &reader)
        }
        try reader.finish()
        return updates.isEmpty ? .nothing : .update(updates)
    }
}

extension FeedChoice {
    /// Changes of a user's orders.
    public static func orderUpdates(user: Address) -> FeedChoice<OrderUpdatesFeed> {
        .feed(OrderUpdatesFeed(user: user))
    }
}

/// An order as ``OrderUpdatesFeed`` shows it.
///
/// Source: docs/protocol.md, "BasicOrder".
public struct BasicOrder: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The side of the order.
    public let side: Side
    /// The limit price, in quote units per base unit.
    public let limitPrice: ExactDecimal
    /// The size not filled yet, in base units.
    public let size: ExactDecimal
    /// The order's id.
    public let orderID: Int64
    /// The time at which it was placed, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The size that was ordered, in base units.
    public let originalSize: ExactDecimal
    /// The client's own id of the order.
    public let clientOrderID: String?
    /// Whether the order may only reduce a position; absent otherwise.
    public let isReduceOnly: Bool?

    /// Creates a basic order.
    public init(
        coin: Coin, side: Side, limitPrice: ExactDecimal, size: ExactDecimal, orderID: Int64, timeMilliseconds: Int64,
        originalSize: ExactDecimal, clientOrderID: String? = nil, isReduceOnly: Bool? = nil
    ) {
        self.coin = coin
        self.side = side
        self.limitPrice = limitPrice
        self.size = size
        self.orderID = orderID
        self.timeMilliseconds = timeMilliseconds
        self.originalSize = originalSize
        self.clientOrderID = clientOrderID
        self.isReduceOnly = isReduceOnly
    }
}

extension BasicOrder: VenueValue {
    /// Reads an order, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var side: Side?
        var limitPrice: ExactDecimal?
        var size: ExactDecimal?
        var orderID: Int64?
        var timeMilliseconds: Int64?
        var originalSize: ExactDecimal?
        var clientOrderID: String?
        var isReduceOnly: Bool?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "side": side = try reader.readWord()
            case "limitPx": limitPrice = try reader.readDecimal()
            case "sz": size = try reader.readDecimal()
            case "oid": orderID = try reader.readInteger()
            case "timestamp": timeMilliseconds = try reader.readInteger()
            case "origSz": originalSize = try reader.readDecimal()
            case "cloid": clientOrderID = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            case "reduceOnly":
                isReduceOnly = try reader.readNullable { (r) throws(DecodingFault) in try r.readBoolean() }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.side = try reader.require(side, "side", in: object)
        self.limitPrice = try reader.require(limitPrice, "limitPx", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.orderID = try reader.require(orderID, "oid", in: object)
        self.timeMilliseconds = try reader.require(timeMilliseconds, "timestamp", in: object)
        self.originalSize = try reader.require(originalSize, "origSz", in: object)
        self.clientOrderID = clientOrderID
        self.isReduceOnly = isReduceOnly
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("side", side)
        writer.field("limitPx", limitPrice)
        writer.field("sz", size)
        writer.field("oid", orderID)
        writer.field("timestamp", timeMilliseconds)
        writer.field("origSz", originalSize)
        writer.field(ifPresent: "cloid", clientOrderID)
        writer.field(ifPresent: "reduceOnly", isReduceOnly)
        writer.endObject()
    }
}

extension BasicOrder: OrderIdentity {}
