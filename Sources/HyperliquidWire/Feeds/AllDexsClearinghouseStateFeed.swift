/// A user's margin and positions on every dex.
///
/// Every message is the full state.
public struct AllDexsClearinghouseStateFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `allDexsClearinghouseState`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "allDexsClearinghouseState", parameters: [.user],
            summary: "a user's margin and positions on every dex",
            example: AllDexsClearinghouseStateFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "allDexsClearinghouseState", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "allDexsClearinghouseState", route: .user, routeKey: [user.description],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: AllDexsClearinghouseState) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<AllDexsClearinghouseState> {
        let event = try AllDexsClearinghouseState(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == AllDexsClearinghouseStateFeed {
    /// A user's margin and positions on every dex.
    public static func allDexsClearinghouseState(user: Address) -> AllDexsClearinghouseStateFeed {
        AllDexsClearinghouseStateFeed(user: user)
    }
}
