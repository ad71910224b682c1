/// A user's running TWAP orders.
///
/// Every message is the full state.
public struct TwapStatesFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// The builder dex; empty for the main one.
    public let dex: String

    /// Names the feed by its parameters.
    public init(user: Address, dex: String = "") {
        self.user = user
        self.dex = dex
    }

    /// `twapStates`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "twapStates", parameters: [.user, .dex],
            summary: "a user's running TWAP orders",
            example: TwapStatesFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), dex: try parameters.text("dex"))
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "twapStates", fields: [("user", .string(user.description)), ("dex", .string(dex))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "twapStates", route: .userAndDex, routeKey: [user.description, dex],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: TwapStates) -> Bool { event.user == user && (event.dex == dex || dex == "ALL_DEXS") }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<TwapStates> {
        let event = try TwapStates(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == TwapStatesFeed {
    /// A user's running TWAP orders.
    public static func twapStates(user: Address, dex: String = "") -> TwapStatesFeed {
        TwapStatesFeed(user: user, dex: dex)
    }
}
