/// The history of a user's TWAP orders.
///
/// The first message is a marked snapshot; what a later one repeats is not delivered twice.
public struct TwapHistoryFeed: CatalogueFeed {
    /// The user.
    public let user: Address

    /// Names the feed by its parameters.
    public init(user: Address) {
        self.user = user
    }

    /// `userTwapHistory`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userTwapHistory", parameters: [.user],
            summary: "the history of a user's TWAP orders",
            example: TwapHistoryFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(type: "userTwapHistory", fields: [("user", .string(user.description))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userTwapHistory", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .low)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<TwapRecord>) -> Bool { event.user == user }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<TwapRecord.RowKey>
    ) throws(DecodingFault) -> Decoded<UserRows<TwapRecord>> {
        try UserRows<TwapRecord>.decode(
            &reader, memory: &memory, key: \.key, time: \.timeMilliseconds
        ) { (reader) throws(DecodingFault) in try TwapRecord(from: &reader) }
    }
}

extension Feed where Self == TwapHistoryFeed {
    /// The history of a user's TWAP orders.
    public static func userTwapHistory(user: Address) -> TwapHistoryFeed {
        TwapHistoryFeed(user: user)
    }
}
