internal import HyperliquidWire

extension Engine {
    mutating func subscribe(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, timeout: Duration?, waitsForLimits: Bool,
        at now: Instant, into effects: inout [Effect]
    ) {
        guard phase == .idle || phase == .running else {
            effects.append(.fail(id, .clientEnded))
            return
        }
        if let end = quarantined[request], end > now {
            effects.append(.fail(id, .poisoned(retryIn: now.duration(to: end))))
            return
        }
        if let reason = closedLimit(for: request, traits) {
            effects.append(.fail(id, .neverFits(reason)))
            return
        }
        if !waitsForLimits, let reason = fullLimit(request, traits, at: now) {
            effects.append(.fail(id, .limitReached(reason)))
            return
        }
        let deadline = phase == .running ? timeout.map { now.advanced(by: $0) } : nil
        let (upstream, isNew) = registry.subscribe(
            id, request, traits, timeout: timeout, waitsForLimits: waitsForLimits, deadline: deadline, at: now)
        if isNew { enlist(upstream) }
        if registry[upstream]?.isLive == true { confirm(upstream, into: &effects) }
    }

    mutating func release(_ id: SubscriptionID, at now: Instant, into effects: inout [Effect]) {
        guard let upstream = registry.release(id) else { return }
        if registry[upstream]?.subscriptions.isEmpty == true { abandon(upstream, at: now, into: &effects) }
    }

    /// Nobody wants it any more: it ends at once if the venue does not know it, else it is unsubscribed.
    private mutating func abandon(_ id: UpstreamID, at now: Instant, into effects: inout [Effect]) {
        guard var upstream = registry[id] else { return }
        if let replacement = replacements[id] { retreat(replacement, at: now, into: &effects) }
        switch upstream.state {
        case .waiting:
            leaveSlot(id, at: now)
            remove(id, into: &effects)
        case .asked(let connection, _), .live(let connection, _):
            effects.append(.detach(id, connection))
            upstream.pendingGap = nil
            registry[id] = upstream
            beginLeaving(id, connection, at: now)
        case .leaving:
            break  // Wanted again in between and abandoned again: its end is under way.
        }
    }

    /// Its end is to be asked for, once the venue has answered what it was asked before: with one request of an
    /// identity at a time no answer can be taken for another's.
    mutating func beginLeaving(_ id: UpstreamID, _ connection: ConnectionID, at now: Instant) {
        registry[id]?.state = .leaving(connection, since: now)
        if connections[connection]?.answers.isWaiting(for: id) != true { queueUnsubscribe(id) }
    }

    mutating func queueUnsubscribe(_ id: UpstreamID) {
        if let slot = registry[id]?.slot, let index = slotIndex(slot) { slots[index].unsubscribeQueue.append(id) }
    }

    /// Tells the callers who wait that the upstream subscription is live.
    mutating func confirm(_ upstream: UpstreamID, into effects: inout [Effect]) {
        for id in registry.takeAwaited(upstream) { effects.append(.confirm(id)) }
    }

    /// Ends every subscription of a upstream subscription with an error, and the upstream subscription with them.
    mutating func fail(_ id: UpstreamID, _ failure: Failure, at now: Instant, into effects: inout [Effect]) {
        for subscription in registry[id]?.subscriptions ?? [] {
            _ = registry.release(subscription)
            effects.append(.fail(subscription, failure))
        }
        if let replacement = replacements[id] { retreat(replacement, at: now, into: &effects) }
        leaveSlot(id, at: now)
        remove(id, into: &effects)
    }

    /// Takes a upstream subscription off its slot; the venue no longer has it.
    mutating func leaveSlot(_ id: UpstreamID, at now: Instant) {
        guard var upstream = registry[id] else { return }
        guard let slot = upstream.slot else {
            unplaced.removeAll { $0 == id }
            suspects.removeAll { $0 == id }
            return
        }
        // A venue that never heard of it counts nothing.
        let lingersUntil =
            upstream.generation > 0 && upstream.lingers ? now.advanced(by: configuration.limits.userLinger) : now
        rateLimiter.returnSubscription()
        if let user = upstream.request.user { rateLimiter.returnUser(user, lingersUntil: lingersUntil, at: now) }
        if let index = slotIndex(slot) { slots[index].remove(upstream, lingersUntil: lingersUntil, at: now) }
        upstream.slot = nil
        registry[id] = upstream
    }

    mutating func remove(_ id: UpstreamID, into effects: inout [Effect]) {
        registry.remove(id)
        effects.append(.forget(id))
    }

    /// The end of a upstream subscription is confirmed: it is gone, or starts again if somebody came meanwhile.
    mutating func left(_ id: UpstreamID, at now: Instant, into effects: inout [Effect]) {
        guard let upstream = registry[id], upstream.isLeaving else { return }
        if let connection = upstream.connection {
            connections[connection]?.ended(upstream, lateUntil: now.advanced(by: configuration.flightTime), at: now)
        }
        if upstream.replacementOf != nil { return eraseReplacement(id, isLost: false, at: now, into: &effects) }
        leaveSlot(id, at: now)
        guard registry[id]?.subscriptions.isEmpty == false else { return remove(id, into: &effects) }
        registry[id]?.state = .waiting(.connection, since: now)
        unplaced.append(id)
    }

    /// Callers who have waited long enough are told for what.
    mutating func expireSubscriptions(at now: Instant, into effects: inout [Effect]) {
        guard phase == .running else { return }
        while let id = registry.takeExpired(at: now) {
            let reason = registry.subscriptions[id].flatMap { waitReason(of: $0.upstream, at: now) } ?? .acknowledgement
            effects.append(.fail(id, .timedOut(reason)))
            release(id, at: now, into: &effects)
        }
    }

    /// Asks for a live upstream subscription again on the same connection, and has a gap tell why.
    mutating func renew(
        _ id: UpstreamID, on connection: ConnectionID, _ reason: Gap.Reason, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let upstream = registry[id], case .live(connection, _) = upstream.state else { return }
        effects.append(.detach(id, connection))
        registry[id]?.pendingGap = upstream.pendingGap ?? reason
        beginLeaving(id, connection, at: now)
    }
}
