/// A user's open orders.
///
/// Every message is the full state.
public struct OpenOrdersFeed: UserDexFeed {
    /// The state that each message has.
    public typealias Event = OpenOrders

    /// The user.
    public let user: Address
    /// The builder dex; empty for the main one.
    public let dex: String

    /// Creates the feed.
    public init(user: Address, dex: String = "") {
        self.user = user
        self.dex = dex
    }

    /// `openOrders`.
    public static var typeName: String { "openOrders" }
    /// What the feed delivers.
    public static var summary: String { "a user's open orders" }
}

extension FeedChoice {
    /// A user's open orders.
    public static func openOrders(user: Address, dex: String = "") -> FeedChoice<OpenOrdersFeed> {
        .feed(OpenOrdersFeed(user: user, dex: dex))
    }
}

/// All open orders of a user on a dex.
///
/// Source: docs/protocol.md, "openOrders".
public struct OpenOrders: UserDexState {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The orders.
    public let orders: [FrontendOrder]

    /// Creates open orders.
    public init(dex: String, user: Address, orders: [FrontendOrder]) {
        self.dex = dex
        self.user = user
        self.orders = orders
    }
}

extension OpenOrders: VenueList {
    /// One row.
    public typealias Element = FrontendOrder

    /// The same as ``orders``.
    public var elements: [FrontendOrder] { orders }
}

extension OpenOrders {
    /// Reads the state, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?
        var user: Address?
        var orders: [FrontendOrder]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex": dex = try reader.readString()
            case "user": user = try reader.readAddress()
            case "orders": orders = try reader.readArray { (r) throws(DecodingFault) in try FrontendOrder(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.dex = try reader.require(dex, "dex", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.orders = try reader.require(orders, "orders", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("user", user)
        writer.field("orders", array: orders)
        writer.endObject()
    }
}
