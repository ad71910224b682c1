internal import HyperliquidEngine
internal import WebSocketTransport

#if canImport(Darwin)
internal import Darwin
#elseif canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#elseif canImport(Android)
internal import Android
#endif

/// When `subscribe` returns.
public enum SubscribeCompletion: Hashable, Sendable {
    /// `subscribe` returns when the venue has acknowledged the subscription. A refusal is thrown.
    case acknowledged
    /// `subscribe` returns without waiting for the venue. A later refusal ends the subscription with an error.
    case registered
}

extension HyperliquidClient {
    /// The duration from which a callback counts as slow. It delays thousands of messages of a busy feed.
    private static var slowCallNanoseconds: Int64 { 10_000_000 }

    /// Subscribes to a feed and returns its events as a sequence: `subscribe(to: .trades("BTC"))`.
    ///
    /// Completion lists all feeds behind the dot. Subscribers of the same feed share one subscription at the venue.
    /// Before ``run()``, a call that waits for the acknowledgement waits for the client to run; if that takes longer than
    /// its timeout, it throws `notRunning`.
    /// - Parameters:
    ///   - choice: The feed, for example `.trades("BTC")`.
    ///   - completion: When to return: acknowledged by default.
    ///   - delivery: What happens to events that are not read in time: the feed's own policy by default.
    ///   - waitsForLimits: Whether to wait while the limit on connections, subscriptions or users is full (by default),
    ///     or to fail at once. A subscription that can never fit fails at once in any case.
    ///   - timeout: How long to wait for the acknowledgement, ``ClientConfiguration/acknowledgementTimeout`` by
    ///     default. Not used with `registered`, which waits without limit.
    /// - Returns: The subscription. Dropping it, and its iterator if there is one, unsubscribes.
    /// - Throws: ``HyperliquidError`` with one of the codes `invalidFeed`, `invalidConfiguration` (a buffer of no
    ///   events), `refused`, `poisoned`, `timedOut`, `notRunning`, `limitReached`, `neverFits`, `clientEnded` and
    ///   `cancelled` (by the task, or by ``unsubscribe(_:)``). With the completion `registered`, only the first two are
    ///   thrown here; of the others, those that can still occur end the sequence.
    public func subscribe<F>(
        to choice: FeedChoice<F>, until completion: SubscribeCompletion = .acknowledged,
        delivery: DeliveryPolicy? = nil, waitsForLimits: Bool = true, timeout: Duration? = nil
    ) async throws(HyperliquidError) -> Subscription<F> {
        let feed = try await checked(choice.feed, waits: completion == .acknowledged)
        let policy = delivery ?? feed.traits.delivery
        try check(policy)
        let (subscription, subscriber) = makeSequence(of: feed, policy)
        try await register(subscriber, until: completion, waitsForLimits: waitsForLimits, timeout: timeout)
        return subscription
    }

    /// Subscribes to a checked feed without waiting for the venue.
    func subscribe<F>(toChecked feed: F, _ policy: DeliveryPolicy) -> Subscription<F> {
        let (subscription, subscriber) = makeSequence(of: feed, policy)
        runtime.subscribe(subscriber, timeout: nil, waitsForLimits: true)
        return subscription
    }

    private func makeSequence<F>(
        of feed: F, _ policy: DeliveryPolicy
    ) -> (subscription: Subscription<F>, subscriber: Subscriber) {
        let buffer = EventBuffer(policy: policy)
        let id = runtime.makeSubscriptionID()
        let destination = _FeedSubscriber<F.Event>.Destination.batches { [unowned self] batch, conflatedCount in
            let fits = buffer.enqueue(
                batch, conflatedCount: conflatedCount, atMilliseconds: SystemClock.wallMilliseconds)
            guard !fits else { return }
            self.assumeIsolated { client in
                client.runtime.report(.bufferOverflowed(id, feed.request))
                client.runtime.unsubscribe(id, error: .overflow(id, policy))
            }
        }
        let subscription = Subscription(id: id, feed: feed, buffer: buffer, client: self)
        let subscriber = FeedSubscriber(
            id: id, feed: feed, policy: policy, destination: destination, end: .buffer(buffer),
            queue: runtime.flushQueue, registeredMilliseconds: SystemClock.wallMilliseconds)
        return (subscription, subscriber)
    }

    /// Subscribes to a feed and calls back for each event: `subscribe(to: .trades("BTC"), onEvent: { print($0) })`.
    ///
    /// - Parameters:
    ///   - choice: The feed, for example `.trades("BTC")`; completion lists all of them behind the dot.
    ///   - completion: When to return: acknowledged by default.
    ///   - waitsForLimits: Whether to wait while the limit on connections, subscriptions or users is full (by default),
    ///     or to fail at once. A subscription that can never fit fails at once in any case.
    ///   - timeout: How long to wait for the acknowledgement, ``ClientConfiguration/acknowledgementTimeout`` by
    ///     default. Not used with `registered`, which waits without limit.
    ///   - onEvent: Called inline on the client's loop, in order. It must not block: nothing else is received while it
    ///     runs.
    ///   - onEnd: Called once on the client's loop when the subscription is over, with the error if it failed; also if
    ///     this call throws after the feed was found valid.
    /// - Returns: The subscription's id, for ``unsubscribe(_:)`` and the other calls. Dropping it ends nothing; for a
    ///   subscription that ends with its owner, make a ``SubscriptionToken`` of it.
    /// - Throws: ``HyperliquidError`` with one of the codes `invalidFeed`, `refused`, `poisoned`, `timedOut`,
    ///   `notRunning`, `limitReached`, `neverFits`, `clientEnded` and `cancelled`. With the completion `registered`, only
    ///   the first one is thrown here; of the others, those that can still occur are passed to `onEnd`.
    @discardableResult
    public func subscribe<F>(
        to choice: FeedChoice<F>, until completion: SubscribeCompletion = .acknowledged, waitsForLimits: Bool = true,
        timeout: Duration? = nil, onEvent: @escaping @Sendable (FeedEvent<F.Event>) -> Void,
        onEnd: (@Sendable (HyperliquidError?) -> Void)? = nil
    ) async throws(HyperliquidError) -> SubscriptionID {
        try await subscribe(
            to: choice, until: completion, waitsForLimits: waitsForLimits, timeout: timeout,
            onEvent: { _, event in onEvent(event) }, onEnd: { _, error in onEnd?(error) })
    }

    /// Subscribes to a feed and calls back for each event, with the subscription's id: events can come before this call
    /// returns. Parameters, result and errors are those of the method whose callbacks get no id.
    @discardableResult
    public func subscribe<F>(
        to choice: FeedChoice<F>, until completion: SubscribeCompletion = .acknowledged, waitsForLimits: Bool = true,
        timeout: Duration? = nil, onEvent: @escaping @Sendable (SubscriptionID, FeedEvent<F.Event>) -> Void,
        onEnd: (@Sendable (SubscriptionID, HyperliquidError?) -> Void)? = nil
    ) async throws(HyperliquidError) -> SubscriptionID {
        let feed = try await checked(choice.feed, waits: completion == .acknowledged)
        let id = runtime.makeSubscriptionID()
        let destination = _FeedSubscriber<F.Event>.Destination.callback { [unowned self] event in
            let start = CoarseClock.nanoseconds
            onEvent(id, event)
            let duration = CoarseClock.nanoseconds &- start
            guard duration >= Self.slowCallNanoseconds else { return }
            self.assumeIsolated { $0.runtime.report(.callbackBlocked(id, feed.request, .nanoseconds(duration))) }
        }
        try await register(
            FeedSubscriber(
                id: id, feed: feed, policy: nil, destination: destination, end: .callback { onEnd?(id, $0) },
                queue: runtime.flushQueue, registeredMilliseconds: SystemClock.wallMilliseconds),
            until: completion, waitsForLimits: waitsForLimits, timeout: timeout)
        return id
    }

    // MARK: Ends

    /// Ends a subscription. A sequence ends without an error after the events that it still holds; `onEnd` of a
    /// callback is called without an error; a `subscribe` that still waits throws `cancelled`.
    /// - Throws: ``HyperliquidError``, code `subscriptionNotFound`, if there is none with this id, or if it has ended.
    public func unsubscribe(_ id: SubscriptionID) throws(HyperliquidError) {
        guard runtime.unsubscribe(id) else { throw .notFound(id) }
    }

    /// Ends a subscription whose reader is gone; it may have ended before.
    nonisolated func giveUp(_ id: SubscriptionID) {
        perform { $0.runtime.unsubscribe(id) }
    }

    func check(_ policy: DeliveryPolicy) throws(HyperliquidError) {
        switch policy {
        case .buffered(let limit) where limit < 1, .droppingOldest(let limit) where limit < 1:
            throw HyperliquidError(
                code: .invalidConfiguration, message: "A buffer of \(limit) events holds nothing; use 1 or more.")
        case .latest, .buffered, .droppingOldest: break
        }
    }

    /// Adds a subscriber, and waits for its acknowledgement if `completion` says so.
    private func register(
        _ subscriber: Subscriber, until completion: SubscribeCompletion, waitsForLimits: Bool,
        timeout: Duration?
    ) async throws(HyperliquidError) {
        switch completion {
        case .registered: runtime.subscribe(subscriber, timeout: nil, waitsForLimits: waitsForLimits)
        case .acknowledged:
            let timeout = timeout ?? runtime.configuration.acknowledgementTimeout
            let failure = await answer(to: subscriber, timeout: timeout, waitsForLimits: waitsForLimits)
            if let failure { throw failure }
        }
    }

    /// Adds a subscriber and waits until it is confirmed (`nil`) or has failed.
    private func answer(
        to subscriber: Subscriber, timeout: Duration, waitsForLimits: Bool
    ) async -> HyperliquidError? {
        let id = subscriber.id
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<HyperliquidError?, Never>) in
                subscriber.onAnswer = { continuation.resume(returning: $0) }
                runtime.subscribe(subscriber, timeout: timeout, waitsForLimits: waitsForLimits)
                if Task.isCancelled { runtime.unsubscribe(id, error: .callerCancelled) }
            }
        } onCancel: {
            perform { $0.runtime.unsubscribe(id, error: .callerCancelled) }
        }
    }
}

/// The monotonic clock, exact to some milliseconds. It costs a quarter of the exact clock, which matters because every
/// callback is timed.
///
/// It is not part of `SystemClock`, because it is read twice per event. A call into another module costs 40
/// instructions, and code of `package` access is not inlined across modules.
private enum CoarseClock {
    #if canImport(Darwin)
    private static var clock: clockid_t { CLOCK_MONOTONIC_RAW_APPROX }
    #else
    private static var clock: clockid_t { CLOCK_MONOTONIC_COARSE }
    #endif

    static var nanoseconds: Int64 {
        var time = timespec()
        // This call fails only for a clock that does not exist.
        unsafe clock_gettime(clock, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
