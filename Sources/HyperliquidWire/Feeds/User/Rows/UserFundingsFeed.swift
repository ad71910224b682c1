/// A user's funding payments: a row an hour for each open position.
///
/// The first message is a marked snapshot; what a later one repeats is not delivered twice.
public struct UserFundingsFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userFundings`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userFundings", parameters: [.user],
            summary: "a user's funding payments: a row an hour for each open position",
            example: UserFundingsFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userFundings", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userFundings", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .low)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<Funding>) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Funding.RowKey>
    ) throws(DecodingFault) -> Decoded<UserRows<Funding>> {
        try UserRows<Funding>.decode(
            &reader, memory: &memory, key: \.key, time: \.timeMilliseconds
        ) { (reader) throws(DecodingFault) in try Funding(from: &reader) }
    }
}

extension Feed where Self == UserFundingsFeed {
    /// A user's funding payments: a row an hour for each open position.
    public static func userFundings(user: Address) -> UserFundingsFeed {
        UserFundingsFeed(user: user)
    }
}
