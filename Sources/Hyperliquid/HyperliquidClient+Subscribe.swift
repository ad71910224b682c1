internal import HyperliquidEngine
internal import NIOCore

/// When `subscribe` returns.
public enum SubscribeCompletion: Hashable, Sendable {
    /// When the venue has acknowledged the subscription; a refusal is thrown.
    case acknowledged
    /// At once; a later refusal ends the sequence with that error.
    case registered
}

extension HyperliquidClient {
    /// Subscribes to a feed and gives its events as a sequence.
    ///
    /// Subscribers of one feed share its subscription at the venue. Before ``run()`` the call registers, and its
    /// time-out starts with it.
    /// - Parameters:
    ///   - feed: What to subscribe to, for example `.trades("BTC")`.
    ///   - completion: When to return: acknowledged by default.
    ///   - delivery: What becomes of events that are not read in time; the feed's own default if not given.
    ///   - waitsForLimits: Whether to wait when a limit of the venue is full (by default), or to throw at once. What can
    ///     never fit throws at once in any case.
    ///   - timeout: How long to wait for the acknowledgement; the configuration's by default.
    /// - Throws: ``HyperliquidError``: `invalidFeed`, `refused`, `poisoned`, `timedOut`, `limitReached`,
    ///   `neverFits`, `clientEnded`, `cancelled`.
    public func subscribe<F: Feed>(
        to feed: F, until completion: SubscribeCompletion = .acknowledged, delivery: DeliveryPolicy? = nil,
        waitsForLimits: Bool = true, timeout: Duration? = nil
    ) async throws(HyperliquidError) -> Subscription<F> {
        let policy = delivery ?? feed.traits.delivery
        try check(policy)
        let buffer = EventBuffer(policy: policy)
        let id = core.makeSubscriptionID()
        let destination = _FeedSubscriber<F.Event>.Destination.batches { [unowned self] batch, conflatedCount in
            let fits = buffer.append(
                batch, conflatedCount: conflatedCount, atMilliseconds: WallClock.milliseconds)
            guard !fits else { return }
            self.assumeIsolated { client in
                client.core.notice(.overflow(id, feed.request))
                client.core.end(id, with: .overflow(id, policy))
            }
        }
        let subscription = Subscription(id: id, feed: feed, buffer: buffer, client: self)
        try await register(
            id, feed, destination, policy: policy, completion, waitsForLimits, timeout, count: { buffer.usage },
            onEnd: { buffer.end($0) })
        return subscription
    }

    /// Subscribes to a feed and calls back for each event.
    ///
    /// - Parameters:
    ///   - feed: What to subscribe to.
    ///   - completion: When to return: acknowledged by default.
    ///   - waitsForLimits: Whether to wait when a limit of the venue is full (by default), or to throw at once.
    ///   - timeout: How long to wait for the acknowledgement; the configuration's by default.
    ///   - onEvent: Called inline on the client's loop, in order. It must not block: it holds up every feed.
    ///   - onEnd: Called once when the subscription is over, with the error if it failed.
    /// - Returns: The id, for ``unsubscribe(_:)`` and the other calls.
    /// - Throws: As the sequence's form does.
    @discardableResult
    public func subscribe<F: Feed>(
        to feed: F, until completion: SubscribeCompletion = .acknowledged, waitsForLimits: Bool = true,
        timeout: Duration? = nil, onEvent: @escaping @Sendable (FeedEvent<F.Event>) -> Void,
        onEnd: (@Sendable (HyperliquidError?) -> Void)? = nil
    ) async throws(HyperliquidError) -> SubscriptionID {
        try await subscribe(
            to: feed, until: completion, waitsForLimits: waitsForLimits, timeout: timeout,
            onEvent: { _, event in onEvent(event) }, onEnd: { _, error in onEnd?(error) })
    }

    /// As above, with the subscription's id beside each event: the first ones can come before this call returns.
    @discardableResult
    public func subscribe<F: Feed>(
        to feed: F, until completion: SubscribeCompletion = .acknowledged, waitsForLimits: Bool = true,
        timeout: Duration? = nil, onEvent: @escaping @Sendable (SubscriptionID, FeedEvent<F.Event>) -> Void,
        onEnd: (@Sendable (SubscriptionID, HyperliquidError?) -> Void)? = nil
    ) async throws(HyperliquidError) -> SubscriptionID {
        let id = core.makeSubscriptionID()
        let slowCalls = SlowCalls(eventLoop)
        let destination = _FeedSubscriber<F.Event>.Destination.callback { [unowned self] event in
            let start = CoarseClock.nanoseconds
            onEvent(id, event)
            let wait = CoarseClock.nanoseconds &- start
            guard wait >= SlowCalls.thresholdNanoseconds else { return }
            slowCalls.add()
            self.assumeIsolated { $0.core.notice(.slowCall(id, feed.request, .nanoseconds(wait))) }
        }
        try await register(
            id, feed, destination, policy: nil, completion, waitsForLimits, timeout,
            count: { Subscriber.Usage(slowCallCount: slowCalls.count) }, onEnd: { onEnd?(id, $0) })
        return id
    }

    /// Ends a subscription.
    /// - Throws: ``HyperliquidError``, code `subscriptionNotFound`, when there is none of that id.
    public func unsubscribe(_ id: SubscriptionID) throws(HyperliquidError) {
        guard core.release(id) else { throw .notFound(id) }
    }

    /// Ends a subscription that nobody reads any more; it may have ended before.
    nonisolated func giveUp(_ id: SubscriptionID) {
        perform { _ = $0.core.release(id) }
    }

    private func check(_ policy: DeliveryPolicy) throws(HyperliquidError) {
        switch policy {
        case .buffered(let limit) where limit < 1, .droppingOldest(let limit) where limit < 1:
            throw HyperliquidError(.invalidConfiguration, "A buffer of \(limit) events holds nothing; use 1 or more.")
        case .latest, .buffered, .droppingOldest: break
        }
    }

    @specialized(where F == L2BookFeed)
    @specialized(where F == TradesFeed)
    @specialized(where F == BestBidOfferFeed)
    private func register<F: Feed>(
        _ id: SubscriptionID, _ feed: F, _ destination: _FeedSubscriber<F.Event>.Destination, policy: DeliveryPolicy?,
        _ completion: SubscribeCompletion, _ waitsForLimits: Bool, _ timeout: Duration?,
        count: @escaping @Sendable () -> Subscriber.Usage, onEnd: @escaping @Sendable (HyperliquidError?) -> Void
    ) async throws(HyperliquidError) {
        let request = feed.request
        do throws(FeedParameterError) {
            try feed.validate()
        } catch {
            throw HyperliquidError(.invalidFeed, "\(request): \(error).", cause: error)
        }
        try core.configuration.checkCoin(of: request)
        let feedSubscriber = _FeedSubscriber(destination, conflates: policy == .latest, queue: core.flushQueue)
        let record = SubscriptionRecord(
            id: id, request: request, traits: feed.traits, policy: policy,
            registeredMilliseconds: WallClock.milliseconds,
            subscriber: TypedSubscriber(feed, feedSubscriber, count: count, onEnd: onEnd))
        let timeout = completion == .registered ? nil : timeout ?? core.configuration.acknowledgementTimeout
        if completion == .registered {
            core.subscribe(record, timeout: timeout, waitsForLimits: waitsForLimits)
            return
        }
        let failure = await answer(to: record, timeout: timeout, waitsForLimits: waitsForLimits)
        if let failure { throw failure }
    }

    /// Waits until the subscription is confirmed (nothing), or what it failed with.
    private func answer(
        to record: SubscriptionRecord, timeout: Duration?, waitsForLimits: Bool
    ) async -> HyperliquidError? {
        let id = record.id
        return await withTaskCancellationHandler {
            await withCheckedContinuation { (continuation: CheckedContinuation<HyperliquidError?, Never>) in
                record.onAnswer = { continuation.resume(returning: $0) }
                core.subscribe(record, timeout: timeout, waitsForLimits: waitsForLimits)
                if Task.isCancelled { core.end(id, with: .callerCancelled) }
            }
        } onCancel: {
            perform { $0.core.end(id, with: .callerCancelled) }
        }
    }
}

extension HyperliquidError {
    static let callerCancelled = HyperliquidError(
        .cancelled, "The task that subscribed was cancelled before the venue acknowledged.")

    static func overflow(_ id: SubscriptionID, _ policy: DeliveryPolicy) -> HyperliquidError {
        HyperliquidError(
            .overflow,
            "Subscription \(id) was read more slowly than its feed brings events and its buffer (\(policy)) is full; "
                + "read faster, give it more room, or let it drop the oldest with `.droppingOldest`.")
    }
}
