/// What the client knows of one subscription. Bound to the client's loop.
final class SubscriptionRecord {
    let id: SubscriptionID
    let request: FeedRequest
    let traits: FeedTraits
    let policy: DeliveryPolicy?
    let registeredMilliseconds: Int64
    private(set) var confirmedMilliseconds: Int64?
    private let subscriber: Subscriber
    private var dispatcher: UpstreamDispatcher?
    /// The upstream subscription's counters when this subscriber came.
    private var base = MessageCounters.Totals()
    /// Told once, when the subscription is acknowledged or cannot be.
    var onAnswer: ((HyperliquidError?) -> Void)?

    init(
        id: SubscriptionID, request: FeedRequest, traits: FeedTraits, policy: DeliveryPolicy?,
        registeredMilliseconds: Int64, subscriber: Subscriber
    ) {
        self.id = id
        self.request = request
        self.traits = traits
        self.policy = policy
        self.registeredMilliseconds = registeredMilliseconds
        self.subscriber = subscriber
    }

    func join(_ dispatcher: UpstreamDispatcher) {
        self.dispatcher = dispatcher
        base = dispatcher.traffic.totals
        subscriber.join(dispatcher)
    }

    func confirm(atMilliseconds now: Int64) {
        confirmedMilliseconds = now
        onAnswer?(nil)
        onAnswer = nil
    }

    /// The subscription is over: with an error, or because its subscriber or the client wanted so.
    func leave(_ error: HyperliquidError?) {
        if let dispatcher { subscriber.leave(dispatcher) }
        onAnswer?(error ?? .unsubscribedEarly(request))
        onAnswer = nil
        subscriber.end(error)
    }

    func metrics(atMilliseconds now: Int64) -> SubscriptionMetrics {
        let traffic = dispatcher?.traffic ?? MessageCounters()
        let totals = traffic.totals
        let count = totals.messageCount - base.messageCount
        let uptime = confirmedMilliseconds.map { max(now - $0, 0) } ?? 0
        let usage = subscriber.usage
        let last = count > 0 ? traffic.lastMessageMilliseconds : nil
        return SubscriptionMetrics(
            id: id, messageCount: count, byteCount: totals.byteCount - base.byteCount,
            lastMessageMilliseconds: last,
            lag: last.flatMap { last in usage.venueMilliseconds.map { .milliseconds(last - $0) } },
            subscribedMilliseconds: confirmedMilliseconds, uptime: .milliseconds(uptime),
            messagesPerMinute: uptime > 0 ? Double(count) * 60_000 / Double(uptime) : 0,
            messagesInLastMinute: min(count, traffic.lastMinuteCount(atMilliseconds: now)),
            gapCount: totals.gapCount - base.gapCount,
            undecodableCount: totals.undecodableCount - base.undecodableCount, unknownCount: usage.unknownCount,
            queueDepth: usage.queueDepth, conflatedCount: usage.conflatedCount, droppedCount: usage.droppedCount,
            slowCallCount: usage.slowCallCount)
    }
}

extension HyperliquidError {
    static func unsubscribedEarly(_ request: FeedRequest) -> HyperliquidError {
        HyperliquidError(.cancelled, "\(request) was unsubscribed before the venue acknowledged it.")
    }
}
