/// A user's orders with each of their states. Unlike those of ``OrderUpdatesFeed``, its messages name the user.
///
/// The first message is a marked snapshot. Rows that a later message repeats are not delivered again.
public struct HistoricalOrdersFeed: UserRowsFeed {
    /// The row of this feed.
    public typealias Row = OrderUpdate<FrontendOrder>

    /// The user.
    public let user: Address

    /// Creates the feed of a user.
    public init(user: Address) {
        self.user = user
    }

    /// `userHistoricalOrders`.
    public static var typeName: String { "userHistoricalOrders" }
    /// What the feed delivers.
    public static var summary: String {
        "a user's orders with each of their states; unlike orderUpdates its messages name the user"
    }
    /// `.undocumented`.
    public static var status: FeedDescriptor.Status { .undocumented }
    /// `.low`.
    public static var priority: FeedPriority { .low }
}

extension FeedChoice {
    /// A user's orders with each of their states. Unlike those of ``OrderUpdatesFeed``, its messages name the user.
    public static func userHistoricalOrders(user: Address) -> FeedChoice<HistoricalOrdersFeed> {
        .feed(HistoricalOrdersFeed(user: user))
    }
}
