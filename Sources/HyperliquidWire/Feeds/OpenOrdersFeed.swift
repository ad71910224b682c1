/// A user's open orders.
///
/// Every message is the full state.
public struct OpenOrdersFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// The builder dex; empty for the main one.
    public let dex: String

    /// Names the feed by its parameters.
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

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), dex: try parameters.text("dex"))
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "openOrders", fields: [("user", .string(user.description)), ("dex", .string(dex))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "openOrders", route: .userAndDex, routeKey: [user.description, dex],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: OpenOrders) -> Bool { event.user == user && (event.dex == dex || dex == "ALL_DEXS") }

    /// Reads the value of `data`.
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
