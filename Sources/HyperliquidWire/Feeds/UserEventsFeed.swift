/// What happens to a user: fills, funding, liquidations, cancels, TWAP slices.
///
/// Its messages name no user, so two users never share a connection. No snapshot, also not after a gap.
public struct UserEventsFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userEvents`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userEvents", parameters: [.user],
            summary: "what happens to a user: fills, funding, liquidations, cancels, TWAP slices",
            example: UserEventsFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userEvents", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "user", route: .channel, routeKey: [],
            snapshot: .none, delivery: .buffered, priority: .high, hasDistinctMessages: true)
    }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<UserEvent> {
        let event = try UserEvent(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == UserEventsFeed {
    /// What happens to a user: fills, funding, liquidations, cancels, TWAP slices.
    public static func userEvents(user: Address) -> UserEventsFeed {
        UserEventsFeed(user: user)
    }
}
