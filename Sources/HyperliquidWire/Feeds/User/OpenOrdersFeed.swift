/// A user's open orders.
///
/// Every message is the full state.
public struct OpenOrdersFeed: CatalogueFeed {
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
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "openOrders", parameters: [.user, .dex],
            summary: "a user's open orders",
            example: OpenOrdersFeed(user: .example))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), dex: try parameters.text("dex"))
    }

    /// The canonical request.
    public var request: FeedRequest {
        FeedRequest(type: "openOrders", fields: [("user", .string(user.description)), ("dex", .string(dex))])
    }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "openOrders", route: .userAndDex, routeKey: [user.description, dex],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Returns whether the message is this feed's.
    public func accepts(_ event: OpenOrders) -> Bool { event.user == user && (event.dex == dex || dex == "ALL_DEXS") }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<OpenOrders> {
        let event = try OpenOrders(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == OpenOrdersFeed {
    /// A user's open orders.
    public static func openOrders(user: Address, dex: String = "") -> OpenOrdersFeed {
        OpenOrdersFeed(user: user, dex: dex)
    }
}

/// All open orders of a user on a dex.
///
/// Source: docs/protocol.md, "openOrders".
public struct OpenOrders: Hashable, Sendable {
    /// The builder dex; empty for the main one.
    public let dex: String
    /// The user, in lower case.
    public let user: Address
    /// The orders.
    public let orders: [FrontendOrder]

    /// Creates open orders.
    public init(
        dex: String, user: Address, orders: [FrontendOrder]
    ) {
        self.dex = dex
        self.user = user
        self.orders = orders
    }
}

extension OpenOrders: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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
