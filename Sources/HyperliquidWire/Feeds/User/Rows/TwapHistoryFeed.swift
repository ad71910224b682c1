/// The history of a user's TWAP orders.
///
/// The first message is a marked snapshot. Rows that a later message repeats are not delivered again.
public struct TwapHistoryFeed: UserRowsFeed {
    /// The row of this feed.
    public typealias Row = TwapRecord

    /// The user.
    public let user: Address

    /// Creates the feed of a user.
    public init(user: Address) {
        self.user = user
    }

    /// `userTwapHistory`.
    public static var typeName: String { "userTwapHistory" }
    /// What the feed delivers.
    public static var summary: String { "the history of a user's TWAP orders" }
    /// `.low`.
    public static var priority: FeedPriority { .low }
}

extension FeedChoice {
    /// The history of a user's TWAP orders.
    public static func userTwapHistory(user: Address) -> FeedChoice<TwapHistoryFeed> {
        .feed(TwapHistoryFeed(user: user))
    }
}
