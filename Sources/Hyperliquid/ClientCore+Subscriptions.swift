internal import HyperliquidEngine

extension ClientCore {
    func makeSubscriptionID() -> SubscriptionID {
        lastSubscription += 1
        return SubscriptionID(lastSubscription)
    }

    /// Registers a subscriber and tells the engine. Those who only register are placed together; who waits for the
    /// answer has the time of his timeout for it, and none to lose.
    func subscribe(_ record: SubscriptionRecord, timeout: Duration?, waitsForLimits: Bool) {
        records[record.id] = record
        submit(
            .subscribed(
                record.id, record.request, record.traits, timeout: timeout, waitsForLimits: waitsForLimits),
            mayWait: timeout == nil)
    }

    /// Joins a new subscriber to its upstream subscription, before anything is performed for it.
    func bind(_ id: SubscriptionID, to upstream: UpstreamID) {
        guard let record = records[id] else { return }
        if let known = upstreams[upstream] { return record.join(known) }
        let dispatcher = UpstreamDispatcher(
            id: upstream, request: record.request, traits: record.traits, queue: flushQueue,
            atMilliseconds: wallMilliseconds)
        upstreams[upstream] = dispatcher
        record.join(dispatcher)
    }

    /// Ends a subscription at its subscriber's wish; false when there is none.
    func release(_ id: SubscriptionID) -> Bool {
        guard let record = records.removeValue(forKey: id) else { return false }
        record.leave(nil)
        submit(.unsubscribed(id))
        return true
    }

    /// Ends a subscription with an error of its own.
    func end(_ id: SubscriptionID, with error: HyperliquidError) {
        guard let record = records.removeValue(forKey: id) else { return }
        record.leave(error)
        submit(.unsubscribed(id))
    }

    /// Ends a subscription that the engine has ended.
    func end(_ id: SubscriptionID, _ failure: Engine.Failure) {
        guard let record = records.removeValue(forKey: id) else { return }
        // The client's own end is no failure of a subscription that was live.
        guard failure != .clientEnded || record.confirmedMilliseconds == nil else { return record.leave(nil) }
        let error = HyperliquidError(failure, request: record.request)
        notice(.failed(id, error))
        record.leave(error)
    }
}
