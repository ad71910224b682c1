/// A user's fills.
///
/// The first message is a marked snapshot of recent fills; what a later one repeats is not delivered twice. The
/// plain and the aggregated feed of one user look alike, so they never share a connection.
public struct UserFillsFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// Whether fills of one order at one time are joined into one.
    public let aggregateByTime: Bool

    /// Names the feed by its parameters.
    public init(user: Address, aggregateByTime: Bool = false) {
        self.user = user
        self.aggregateByTime = aggregateByTime
    }

    /// `userFills`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "userFills", parameters: [.user, .init("aggregateByTime", "true or false; false by default")],
            summary: "a user's fills",
            example: UserFillsFeed(user: .example))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), aggregateByTime: try parameters.flag("aggregateByTime"))
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(
            type: "userFills",
            fields: [("user", .string(user.description)), ("aggregateByTime", .boolean(aggregateByTime))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "userFills", route: .user, routeKey: [user.description],
            snapshot: .marked, delivery: .buffered, priority: .high)
    }

    /// Whether the message is this feed's.
    public func accepts(_ event: UserRows<Fill>) -> Bool { event.user == user }

    /// The last fill's time.
    public static func venueMilliseconds(of event: UserRows<Fill>) -> Int64? { event.rows.last?.timeMilliseconds }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout ReplayMemory<Fill.RowKey>
    ) throws(DecodingFault) -> Decoded<UserRows<Fill>> {
        try UserRows<Fill>.decode(
            &reader, memory: &memory, key: \.key, time: \.timeMilliseconds
        ) { (reader) throws(DecodingFault) in try Fill(from: &reader) }
    }
}

extension Feed where Self == UserFillsFeed {
    /// A user's fills.
    public static func userFills(user: Address, aggregateByTime: Bool = false) -> UserFillsFeed {
        UserFillsFeed(user: user, aggregateByTime: aggregateByTime)
    }
}
