/// A user's fills.
///
/// The first message is a marked snapshot of recent fills. Rows that a later message repeats are not delivered again.
/// Messages of the plain and of the aggregated feed of one user look alike, so the two never share a connection.
public struct UserFillsFeed: UserRowsFeed {
    /// The row of this feed.
    public typealias Row = Fill

    /// The user.
    public let user: Address
    /// Whether fills of one order at one time are combined into one.
    public let aggregateByTime: Bool

    /// Creates the feed of a user, without aggregation.
    public init(user: Address) {
        self.init(user: user, aggregateByTime: false)
    }

    /// Creates the feed of a user.
    public init(user: Address, aggregateByTime: Bool) {
        self.user = user
        self.aggregateByTime = aggregateByTime
    }

    /// `userFills`.
    public static var typeName: String { "userFills" }
    /// What the feed delivers.
    public static var summary: String { "a user's fills" }
    /// `.high`.
    public static var priority: FeedPriority { .high }

    /// The line of the catalogue, with `aggregateByTime`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: typeName, parameters: [.user, .init("aggregateByTime", "true or false; false by default")],
            summary: summary, example: UserFillsFeed(user: .example))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), aggregateByTime: try parameters.flag("aggregateByTime"))
    }

    /// `{"type":"userFills","user":…,"aggregateByTime":…}`, without `aggregateByTime` if it is `false`.
    public var request: FeedRequest {
        FeedRequest(
            type: Self.typeName,
            fields: [("user", .string(user.description)), ("aggregateByTime", .boolean(aggregateByTime))])
    }

    /// The time of the last fill.
    public static func venueMilliseconds(of event: UserRows<Fill>) -> Int64? { event.rows.last?.timeMilliseconds }
}

extension FeedChoice {
    /// A user's fills.
    public static func userFills(user: Address, aggregateByTime: Bool = false) -> FeedChoice<UserFillsFeed> {
        .feed(UserFillsFeed(user: user, aggregateByTime: aggregateByTime))
    }
}
