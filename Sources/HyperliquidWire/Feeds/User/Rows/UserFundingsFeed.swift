/// A user's funding payments: one row per hour and open position.
///
/// The first message is a marked snapshot. Rows that a later message repeats are not delivered again.
public struct UserFundingsFeed: UserRowsFeed {
    /// The row of this feed.
    public typealias Row = Funding

    /// The user.
    public let user: Address

    /// Creates the feed of a user.
    public init(user: Address) {
        self.user = user
    }

    /// `userFundings`.
    public static var typeName: String { "userFundings" }
    /// What the feed delivers.
    public static var summary: String { "a user's funding payments: one row per hour and open position" }
    /// `.low`.
    public static var priority: FeedPriority { .low }
}

extension FeedChoice {
    /// A user's funding payments: one row per hour and open position.
    public static func userFundings(user: Address) -> FeedChoice<UserFundingsFeed> {
        .feed(UserFundingsFeed(user: user))
    }
}
