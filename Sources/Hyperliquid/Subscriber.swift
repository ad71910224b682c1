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
    func join(_ sink: WireSink) {}
    func leave(_ sink: WireSink) {}
    func end(_ error: HyperliquidError?) {}
}

/// A subscriber of one feed: a mailbox or a callback behind an outlet.
final class TypedSubscriber<F: Feed>: Subscriber {
    private let feed: F
    private let outlet: FeedOutlet<F.Event>
    private let count: () -> Usage
    private let onEnd: (HyperliquidError?) -> Void
    private var hub: FeedHub<F>?
    /// Unknown fields and words that were met before it came.
    private var earlierUnknownCount = 0

    init(
        _ feed: F, _ outlet: FeedOutlet<F.Event>, count: @escaping () -> Usage,
        onEnd: @escaping (HyperliquidError?) -> Void
    ) {
        self.feed = feed
        self.outlet = outlet
        self.count = count
        self.onEnd = onEnd
    }

    override var usage: Usage {
        var usage = count()
        guard let hub else { return usage }
        usage.unknownCount = hub.unknownCount - earlierUnknownCount
        usage.venueMilliseconds = hub.venueMilliseconds == 0 ? nil : hub.venueMilliseconds
        return usage
    }

    @specialized(where F == L2BookFeed)
    @specialized(where F == TradesFeed)
    @specialized(where F == BestBidOfferFeed)
    override func join(_ sink: WireSink) {
        let hub = sink.hub(for: feed)
        self.hub = hub
        earlierUnknownCount = hub.unknownCount
        hub.attach(outlet)
    }

    override func leave(_ sink: WireSink) {
        outlet.flush()
        hub?.detach(outlet)
        sink.removeEmptyHubs()
    }

    override func end(_ error: HyperliquidError?) { onEnd(error) }
}
