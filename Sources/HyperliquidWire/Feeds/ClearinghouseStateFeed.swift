/// A user's margin and positions on one dex.
///
/// Every message is the full state.
public struct ClearinghouseStateFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// The builder dex; empty for the main one.
    public let dex: String

    /// Names the feed by its parameters.
    public init(user: Address, dex: String = "") {
        self.user = user
        self.dex = dex
    }

    /// `clearinghouseState`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "clearinghouseState", parameters: [.user, .dex],
            summary: "a user's margin and positions on one dex",
            example: ClearinghouseStateFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), dex: try parameters.text("dex"))
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "clearinghouseState", fields: [("user", .string(user.description)), ("dex", .string(dex))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "clearinghouseState", route: .userAndDex, routeKey: [user.description, dex],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserClearinghouseState) -> Bool { event.user == user && event.dex == dex }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<UserClearinghouseState> {
        let event = try UserClearinghouseState(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == ClearinghouseStateFeed {
    /// A user's margin and positions on one dex.
    public static func clearinghouseState(user: Address, dex: String = "") -> ClearinghouseStateFeed {
        ClearinghouseStateFeed(user: user, dex: dex)
    }
}
