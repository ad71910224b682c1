package import HyperliquidWire

/// One subscriber of a feed: what was asked for, where its events go, and what became of them, with the feed's type
/// hidden. Bound to the client's loop.
///
/// Its only subclass is ``FeedSubscriber``, which knows the type.
package class Subscriber {
    /// Counts that the subscriber keeps itself. Of the data events, those received are the sum of those delivered,
    /// conflated, dropped and pending.
    package struct Usage: Sendable {
        /// Events that wait for the reader, gaps and faults included.
        package var queueDepth = 0
        /// All data events.
        package var receivedCount = 0
        /// Data events that the reader has taken, or the callback was called with.
        package var deliveredCount = 0
        /// States that a newer one replaced before they were read.
        package var conflatedCount = 0
        /// Data events dropped because the buffer was full or had ended.
        package var droppedCount = 0
        /// Data events that wait for the reader.
        package var pendingCount = 0
        /// Unknown fields and words since the subscriber joined.
        package var unknownCount = 0
        /// When the venue made the last event; `nil` if the feed does not say.
        package var venueMilliseconds: Int64?
    }

    package final let id: SubscriptionID
    package final let request: FeedRequest
    package final let traits: FeedTraits
    /// The policy of its buffer; `nil` for a callback.
    package final let policy: DeliveryPolicy?
    final let registeredMilliseconds: Int64
    package private(set) final var confirmedMilliseconds: Int64?
    /// Called once: with `nil` when the subscription is acknowledged, or with the error if it fails before.
    final var onAnswer: ((HyperliquidError?) -> Void)?
    private final var dispatcher: UpstreamDispatcher?
    /// The upstream subscription's counters when the subscriber joined.
    private final var earlier = MessageCounters.Totals()
    private final var slowCallCount = 0
    /// The number of gaps that the subscriber was given when it joined.
    private final var joinGapCount = 0

    fileprivate init(
        id: SubscriptionID, request: FeedRequest, traits: FeedTraits, policy: DeliveryPolicy?,
        registeredMilliseconds: Int64
    ) {
        self.id = id
        self.request = request
        self.traits = traits
        self.policy = policy
        self.registeredMilliseconds = registeredMilliseconds
    }

    /// Joins the upstream subscription: events come from now on.
    package final func join(_ dispatcher: UpstreamDispatcher) {
        self.dispatcher = dispatcher
        earlier = dispatcher.counters.totals
        joinGapCount = attach(to: dispatcher)
    }

    /// Notes that the venue has acknowledged the subscription.
    package final func confirm(atMilliseconds now: Int64) {
        confirmedMilliseconds = now
        onAnswer?(nil)
        onAnswer = nil
    }

    /// Ends the subscription, with an error if it failed. Called once.
    package final func leave(_ error: HyperliquidError?) {
        if let dispatcher { detach(from: dispatcher) }
        onAnswer?(error ?? .unsubscribedEarly(request))
        onAnswer = nil
        reportEnd(error)
    }

    /// Counts a call of the subscriber's callback that held up the loop.
    final func countSlowCall() { slowCallCount += 1 }

    // MARK: By the feed's type

    fileprivate var usage: Usage { Usage() }
    fileprivate func attach(to dispatcher: UpstreamDispatcher) -> Int { 0 }
    fileprivate func detach(from dispatcher: UpstreamDispatcher) {}
    fileprivate func reportEnd(_ error: HyperliquidError?) {}

    // MARK: Metrics

    /// The counts and times until now.
    ///
    /// - Parameter skew: How far the local clock is ahead of the venue's, as far as it is known; 0 by default.
    package final func metrics(atMilliseconds now: Int64, skewMilliseconds skew: Int64 = 0) -> SubscriptionMetrics {
        let counters = dispatcher?.counters ?? MessageCounters()
        let totals = counters.totals
        let count = totals.messageCount - earlier.messageCount
        let uptime = confirmedMilliseconds.map { max(now - $0, 0) } ?? 0
        let usage = usage
        let last = count > 0 ? counters.lastMessageMilliseconds : nil
        return SubscriptionMetrics(
            id: id, request: request, messageCount: count, byteCount: totals.byteCount - earlier.byteCount,
            lastMessageMilliseconds: last,
            lag: last.flatMap { last in usage.venueMilliseconds.map { .milliseconds(max(last - $0 - skew, 0)) } },
            subscribedMilliseconds: confirmedMilliseconds, uptime: .milliseconds(uptime),
            messagesPerMinute: uptime > 0 ? Double(count) * 60_000 / Double(uptime) : 0,
            messagesInLastMinute: min(count, counters.lastMinuteCount(atMilliseconds: now)),
            gapCount: totals.gapCount - earlier.gapCount + joinGapCount,
            undecodableCount: totals.undecodableCount - earlier.undecodableCount, unknownCount: usage.unknownCount,
            queueDepth: usage.queueDepth, receivedCount: usage.receivedCount, deliveredCount: usage.deliveredCount,
            conflatedCount: usage.conflatedCount, droppedCount: usage.droppedCount, pendingCount: usage.pendingCount,
            slowCallCount: slowCallCount)
    }
}

/// A subscriber of a feed of type `F`: the reader of a buffer, or a callback.
package final class FeedSubscriber<F: Feed>: Subscriber {
    /// Where the end of the subscription is reported.
    package enum End {
        /// The buffer of the sequence, which is ended.
        case buffer(EventBuffer)
        /// A callback, which is called with the error if there is one.
        case callback((HyperliquidError?) -> Void)
    }

    private let feed: F
    private let subscriber: _FeedSubscriber<F.Event>
    private let end: End
    private var feedDispatcher: _FeedDispatcher<F>?
    /// The number of unknown fields and words before the subscriber joined.
    private var earlierUnknownCount = 0

    /// Makes a subscriber that has not joined an upstream subscription yet.
    /// - Parameters:
    ///   - policy: The policy of its buffer; `nil` for a callback.
    ///   - destination: Where the events go.
    ///   - queue: The queue that flushes batches at the end of a read.
    package init(
        id: SubscriptionID, feed: F, policy: DeliveryPolicy?, destination: _FeedSubscriber<F.Event>.Destination,
        end: End, queue: _FlushQueue, registeredMilliseconds: Int64
    ) {
        self.feed = feed
        self.end = end
        subscriber = _FeedSubscriber(destination, conflates: policy == .latest, queue: queue)
        super.init(
            id: id, request: feed.request, traits: feed.traits, policy: policy,
            registeredMilliseconds: registeredMilliseconds)
    }

    fileprivate override var usage: Usage {
        var usage = deliveryUsage
        guard let feedDispatcher else { return usage }
        usage.unknownCount = feedDispatcher.unknownCount - earlierUnknownCount
        usage.venueMilliseconds = feedDispatcher.venueMilliseconds == 0 ? nil : feedDispatcher.venueMilliseconds
        return usage
    }

    /// The counts of the buffer and of what this read has staged for it, or those of the callback.
    private var deliveryUsage: Usage {
        var usage = Usage()
        switch end {
        case .buffer(let buffer):
            usage = buffer.usage
            let staged = subscriber.stagedCounts
            usage.queueDepth += staged.events
            usage.receivedCount += staged.data + staged.conflated
            usage.conflatedCount += staged.conflated
            usage.pendingCount += staged.data
        case .callback:
            usage.receivedCount = subscriber.callbackCount
            usage.deliveredCount = usage.receivedCount
        }
        return usage
    }

    @specialized(where F == L2BookFeed)
    @specialized(where F == TradesFeed)
    @specialized(where F == BestBidOfferFeed)
    fileprivate override func attach(to dispatcher: UpstreamDispatcher) -> Int {
        let feedDispatcher = dispatcher.feedDispatcher(for: feed)
        self.feedDispatcher = feedDispatcher
        earlierUnknownCount = feedDispatcher.unknownCount
        return feedDispatcher.attach(subscriber)
    }

    fileprivate override func detach(from dispatcher: UpstreamDispatcher) {
        subscriber.flush()
        feedDispatcher?.detach(subscriber)
        dispatcher.removeEmptyFeedDispatchers()
    }

    fileprivate override func reportEnd(_ error: HyperliquidError?) {
        switch end {
        case .buffer(let buffer): buffer.end(error)
        case .callback(let onEnd): onEnd(error)
        }
    }
}
