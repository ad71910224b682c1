/// A feed as a call that subscribes takes it. Completion lists all feeds behind the dot: `.trades("BTC")`.
///
/// A feed that is a value, for example one that was read from a file, is `.feed(value)`. A feed of your own joins the list
/// by a static member:
///
/// ```swift
/// extension FeedChoice {
///     static func newFeed(_ coin: Coin) -> FeedChoice<NewFeed> { .feed(NewFeed(coin: coin)) }
/// }
/// ```
public struct FeedChoice<F: Feed>: Sendable {
    /// The feed.
    public let feed: F
}

// Members are declared without a condition on `F`: completion offers no function of an extension with a condition, and
// none of an extension of a protocol. For the same reason calls take no feed as such: completion would offer the
// protocol's own members, too.
extension FeedChoice {
    /// A feed that is a value.
    public static func feed(_ feed: F) -> FeedChoice<F> { FeedChoice(feed: feed) }
}
