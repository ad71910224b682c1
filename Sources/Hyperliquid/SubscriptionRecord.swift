/// What the client knows of one subscriber. Bound to the client's loop.
final class SubscriptionRecord {
    let id: SubscriptionID
    let request: FeedRequest
    let traits: FeedTraits
    let policy: DeliveryPolicy?
    let registeredMilliseconds: Int64
    private(set) var confirmedMilliseconds: Int64?
    private(set) var sink: WireSink?
    /// The wire subscription's counters when this subscriber came.
    private var base = Traffic()
    private let attach: (WireSink) -> Void
    private let detach: (WireSink) -> Void
    private let usage: () -> (depth: Int, conflated: Int, dropped: Int)
    private let onEnd: (HyperliquidError?) -> Void
    /// Told once, when the subscription is acknowledged or cannot be.
    var onAnswer: ((HyperliquidError?) -> Void)?

    init(
        id: SubscriptionID, request: FeedRequest, traits: FeedTraits, policy: DeliveryPolicy?,
        registeredMilliseconds: Int64, attach: @escaping (WireSink) -> Void, detach: @escaping (WireSink) -> Void,
        usage: @escaping () -> (depth: Int, conflated: Int, dropped: Int), onEnd: @escaping (HyperliquidError?) -> Void
    ) {
        self.id = id
        self.request = request
        self.traits = traits
        self.policy = policy
        self.registeredMilliseconds = registeredMilliseconds
        self.attach = attach
        self.detach = detach
        self.usage = usage
        self.onEnd = onEnd
    }

    func join(_ sink: WireSink) {
        self.sink = sink
        base = sink.traffic
        attach(sink)
    }

    func confirm(atMilliseconds now: Int64) {
        confirmedMilliseconds = now
        onAnswer?(nil)
        onAnswer = nil
    }

    /// The subscription is over: with an error, or because its subscriber or the client wanted so.
    func leave(_ error: HyperliquidError?) {
        if let sink {
            detach(sink)
            sink.removeEmptyHubs()
        }
        onAnswer?(error ?? .unsubscribedEarly(request))
        onAnswer = nil
        onEnd(error)
    }

    func metrics(atMilliseconds now: Int64) -> SubscriptionMetrics {
        let traffic = sink?.traffic ?? base
        let count = traffic.messageCount - base.messageCount
        let uptime = confirmedMilliseconds.map { max(now - $0, 0) } ?? 0
        let usage = usage()
        return SubscriptionMetrics(
            id: id, messageCount: count, byteCount: traffic.byteCount - base.byteCount,
            lastMessageMilliseconds: count > 0 ? traffic.lastMessageMilliseconds : nil,
            subscribedMilliseconds: confirmedMilliseconds, uptime: .milliseconds(uptime),
            messagesPerMinute: uptime > 0 ? Double(count) * 60_000 / Double(uptime) : 0,
            messagesInLastMinute: min(count, traffic.lastMinuteCount(atMilliseconds: now)),
            gapCount: traffic.gapCount - base.gapCount,
            undecodableCount: traffic.undecodableCount - base.undecodableCount,
            queueDepth: usage.depth, conflatedCount: usage.conflated, droppedCount: usage.dropped)
    }
}

extension HyperliquidError {
    static func unsubscribedEarly(_ request: FeedRequest) -> HyperliquidError {
        HyperliquidError(.cancelled, "\(request) was unsubscribed before the venue acknowledged it.")
    }
}
