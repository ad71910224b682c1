/// A user's fills by TWAP orders.
///
/// The first message is a marked snapshot. Rows that a later message repeats are not delivered again.
public struct TwapSliceFillsFeed: UserRowsFeed {
    /// The row of this feed.
    public typealias Row = TwapSliceFill

    /// The user.
    public let user: Address

    /// Creates the feed of a user.
    public init(user: Address) {
        self.user = user
    }

    /// `userTwapSliceFills`.
    public static var typeName: String { "userTwapSliceFills" }
    /// What the feed delivers.
    public static var summary: String { "a user's fills by TWAP orders" }
    /// `.high`.
    public static var priority: FeedPriority { .high }
}

extension FeedChoice {
    /// A user's fills by TWAP orders.
    public static func userTwapSliceFills(user: Address) -> FeedChoice<TwapSliceFillsFeed> {
        .feed(TwapSliceFillsFeed(user: user))
    }
}
