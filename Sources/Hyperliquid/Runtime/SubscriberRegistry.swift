internal import HyperliquidEngine

/// The subscribers by their ids, and the dispatchers of their upstream subscriptions.
///
/// The registry calls no subscriber. A subscriber that joins a dispatcher may get an event at once, and its callback
/// may use the registry.
struct SubscriberRegistry {
    private var subscribers: [SubscriptionID: Subscriber] = [:]
    private var dispatchers: [UpstreamID: UpstreamDispatcher] = [:]
    private var lastID: UInt64 = 0

    /// The number of subscribers.
    var count: Int { subscribers.count }

    /// All subscribers, oldest first.
    var all: [Subscriber] { subscribers.values.sorted { $0.id < $1.id } }

    /// A subscriber; `nil` if there is none with this id.
    subscript(id: SubscriptionID) -> Subscriber? { subscribers[id] }

    /// The dispatcher of an upstream subscription; `nil` if there is none with this id.
    subscript(upstream: UpstreamID) -> UpstreamDispatcher? { dispatchers[upstream] }

    /// The traces of the listings in other messages.
    var listingEvidence: ListingState.Evidence {
        var evidence = ListingState.Evidence()
        // A feed of one coin shows nothing else, and there may be hundreds of them.
        for dispatcher in dispatchers.values where dispatcher.request.coin == nil {
            evidence.shown += dispatcher.listingEvidence
            if dispatcher.traits.channel == "outcomeMetaUpdates" {
                evidence.outcomeMessageCount += dispatcher.counters.totals.messageCount
            }
        }
        return evidence
    }

    /// A new id, never used twice.
    mutating func makeID() -> SubscriptionID {
        lastID += 1
        return SubscriptionID(lastID)
    }

    /// Adds a subscriber.
    mutating func add(_ subscriber: Subscriber) { subscribers[subscriber.id] = subscriber }

    /// Removes a subscriber, for the caller to end it.
    mutating func remove(_ id: SubscriptionID) -> Subscriber? { subscribers.removeValue(forKey: id) }

    /// The dispatcher that a subscriber is to join; made for the first subscriber of its upstream subscription.
    mutating func dispatcher(
        of upstream: UpstreamID, for subscriber: Subscriber, queue: _FlushQueue, atMilliseconds now: Int64
    ) -> UpstreamDispatcher {
        if let dispatcher = dispatchers[upstream] { return dispatcher }
        let dispatcher = UpstreamDispatcher(
            id: upstream, request: subscriber.request, traits: subscriber.traits, queue: queue, atMilliseconds: now)
        dispatchers[upstream] = dispatcher
        return dispatcher
    }

    /// Removes the dispatcher of an upstream subscription that has ended, for the caller to keep until the end of the read.
    mutating func removeDispatcher(of upstream: UpstreamID) -> UpstreamDispatcher? {
        dispatchers.removeValue(forKey: upstream)
    }
}
