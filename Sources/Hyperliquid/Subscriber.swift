/// One subscriber's end, its feed's type hidden: where events go and what became of them.
/// Bound to the client's loop.
class Subscriber {
    /// What is counted at a subscriber's own end.
    struct Usage: Sendable {
        var queueDepth = 0
        var conflatedCount = 0
        var droppedCount = 0
        var slowCallCount = 0
        var unknownCount = 0
        /// When the venue made the last event; nothing if it does not say.
        var venueMilliseconds: Int64?
    }

    var usage: Usage { Usage() }
    func join(_ dispatcher: UpstreamDispatcher) {}
    func leave(_ dispatcher: UpstreamDispatcher) {}
    func end(_ error: HyperliquidError?) {}
}

/// A subscriber of one feed: a buffer or a callback behind an subscriber.
final class TypedSubscriber<F: Feed>: Subscriber {
    private let feed: F
    private let feedSubscriber: _FeedSubscriber<F.Event>
    private let count: () -> Usage
    private let onEnd: (HyperliquidError?) -> Void
    private var feedDispatcher: _FeedDispatcher<F>?
    /// Unknown fields and words that were met before it came.
    private var earlierUnknownCount = 0

    init(
        _ feed: F, _ feedSubscriber: _FeedSubscriber<F.Event>, count: @escaping () -> Usage,
        onEnd: @escaping (HyperliquidError?) -> Void
    ) {
        self.feed = feed
        self.feedSubscriber = feedSubscriber
        self.count = count
        self.onEnd = onEnd
    }

    override var usage: Usage {
        var usage = count()
        guard let feedDispatcher else { return usage }
        usage.unknownCount = feedDispatcher.unknownCount - earlierUnknownCount
        usage.venueMilliseconds = feedDispatcher.venueMilliseconds == 0 ? nil : feedDispatcher.venueMilliseconds
        return usage
    }

    @specialized(where F == L2BookFeed)
    @specialized(where F == TradesFeed)
    @specialized(where F == BestBidOfferFeed)
    override func join(_ dispatcher: UpstreamDispatcher) {
        let feedDispatcher = dispatcher.feedDispatcher(for: feed)
        self.feedDispatcher = feedDispatcher
        earlierUnknownCount = feedDispatcher.unknownCount
        feedDispatcher.attach(feedSubscriber)
    }

    override func leave(_ dispatcher: UpstreamDispatcher) {
        feedSubscriber.flush()
        feedDispatcher?.detach(feedSubscriber)
        dispatcher.removeEmptyFeedDispatchers()
    }

    override func end(_ error: HyperliquidError?) { onEnd(error) }
}
