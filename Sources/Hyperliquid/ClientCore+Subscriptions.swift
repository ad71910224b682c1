internal import HyperliquidEngine

extension ClientCore {
    func makeSubscriptionID() -> SubscriptionID {
        lastSubscription += 1
        return SubscriptionID(lastSubscription)
    }

    /// Registers a subscriber and tells the engine. Those who only register are placed together; who waits for the
    /// answer has the time of his patience for it, and none to lose.
    func claim(_ record: SubscriptionRecord, patience: Duration?, waitsForLimits: Bool) {
        records[record.id] = record
        submit(
            .claimed(
                record.id, record.request, record.traits, patience: patience, waitsForLimits: waitsForLimits),
            mayWait: patience == nil)
    }

    /// Joins a new subscriber to its wire subscription, before anything is performed for it.
    func bind(_ id: SubscriptionID, to wire: WireID) {
        guard let record = records[id] else { return }
        if let known = wires[wire] { return record.join(known) }
        let sink = WireSink(
            id: wire, request: record.request, traits: record.traits, queue: flushQueue,
            atMilliseconds: wallMilliseconds)
        wires[wire] = sink
        record.join(sink)
    }

    /// Ends a subscription at its subscriber's wish; false when there is none.
    func release(_ id: SubscriptionID) -> Bool {
        guard let record = records.removeValue(forKey: id) else { return false }
        record.leave(nil)
        submit(.released(id))
        return true
    }

    /// Ends a subscription with an error of its own.
    func end(_ id: SubscriptionID, with error: HyperliquidError) {
        guard let record = records.removeValue(forKey: id) else { return }
        record.leave(error)
        submit(.released(id))
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
