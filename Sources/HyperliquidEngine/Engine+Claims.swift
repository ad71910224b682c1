internal import HyperliquidWire

extension Engine {
    mutating func claim(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, patience: Duration?, waitsForLimits: Bool,
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
        let deadline = phase == .running ? patience.map { now.advanced(by: $0) } : nil
        let (wire, isNew) = ledger.claim(
            id, request, traits, patience: patience, waitsForLimits: waitsForLimits, deadline: deadline, at: now)
        if isNew { enlist(wire) }
        if ledger[wire]?.isLive == true { confirm(wire, into: &effects) }
    }

    mutating func release(_ id: SubscriptionID, at now: Instant, into effects: inout [Effect]) {
        guard let wire = ledger.release(id) else { return }
        if ledger[wire]?.claims.isEmpty == true { abandon(wire, at: now, into: &effects) }
    }

    /// Nobody wants it any more: it ends at once if the venue does not know it, else it is unsubscribed.
    private mutating func abandon(_ id: WireID, at now: Instant, into effects: inout [Effect]) {
        guard var wire = ledger[id] else { return }
        if let shadow = shadows[id] { retreat(shadow, at: now, into: &effects) }
        switch wire.state {
        case .waiting:
            leaveLane(id, at: now)
            remove(id, into: &effects)
        case .asked(let link, _), .live(let link, _):
            effects.append(.detach(id, link))
            wire.pendingGap = nil
            ledger[id] = wire
            beginLeaving(id, link, at: now)
        case .leaving:
            break  // Wanted again in between and abandoned again: its end is under way.
        }
    }

    /// Its end is to be asked for, once the venue has answered what it was asked before: with one request of an
    /// identity at a time no answer can be taken for another's.
    mutating func beginLeaving(_ id: WireID, _ link: LinkID, at now: Instant) {
        ledger[id]?.state = .leaving(link, since: now)
        if links[link]?.answers.isWaiting(for: id) != true { queueDeparture(id) }
    }

    mutating func queueDeparture(_ id: WireID) {
        if let lane = ledger[id]?.lane, let index = laneIndex(lane) { lanes[index].departures.append(id) }
    }

    /// Tells the callers who wait that the wire subscription is live.
    mutating func confirm(_ wire: WireID, into effects: inout [Effect]) {
        for id in ledger.takeAwaited(wire) { effects.append(.confirm(id)) }
    }

    /// Ends every claim of a wire subscription with an error, and the wire subscription with them.
    mutating func fail(_ id: WireID, _ failure: Failure, at now: Instant, into effects: inout [Effect]) {
        for claim in ledger[id]?.claims ?? [] {
            _ = ledger.release(claim)
            effects.append(.fail(claim, failure))
        }
        if let shadow = shadows[id] { retreat(shadow, at: now, into: &effects) }
        leaveLane(id, at: now)
        remove(id, into: &effects)
    }

    /// Takes a wire subscription off its lane; the venue no longer has it.
    mutating func leaveLane(_ id: WireID, at now: Instant) {
        guard var wire = ledger[id] else { return }
        guard let lane = wire.lane else {
            unplaced.removeAll { $0 == id }
            suspects.removeAll { $0 == id }
            return
        }
        // A venue that never heard of it counts nothing.
        let lingersUntil = wire.generation > 0 && wire.lingers ? now.advanced(by: configuration.limits.userLinger) : now
        allowance.returnSubscription()
        if let user = wire.request.user { allowance.returnUser(user, lingersUntil: lingersUntil, at: now) }
        if let index = laneIndex(lane) { lanes[index].remove(wire, lingersUntil: lingersUntil, at: now) }
        wire.lane = nil
        ledger[id] = wire
    }

    mutating func remove(_ id: WireID, into effects: inout [Effect]) {
        ledger.remove(id)
        effects.append(.forget(id))
    }

    /// The end of a wire subscription is confirmed: it is gone, or starts again if somebody came meanwhile.
    mutating func left(_ id: WireID, at now: Instant, into effects: inout [Effect]) {
        guard let wire = ledger[id], wire.isLeaving else { return }
        if let link = wire.link {
            links[link]?.ended(wire, lateUntil: now.advanced(by: configuration.flightTime), at: now)
        }
        if wire.shadowOf != nil { return eraseShadow(id, isLost: false, at: now, into: &effects) }
        leaveLane(id, at: now)
        guard ledger[id]?.claims.isEmpty == false else { return remove(id, into: &effects) }
        ledger[id]?.state = .waiting(.connection, since: now)
        unplaced.append(id)
    }

    /// Callers who have waited long enough are told for what.
    mutating func expireClaims(at now: Instant, into effects: inout [Effect]) {
        guard phase == .running else { return }
        while let id = ledger.takeExpired(at: now) {
            let reason = ledger.claims[id].flatMap { waitReason(of: $0.wire, at: now) } ?? .acknowledgement
            effects.append(.fail(id, .timedOut(reason)))
            release(id, at: now, into: &effects)
        }
    }

    /// Asks for a live wire subscription again on the same link, and has a gap tell why.
    mutating func renew(
        _ id: WireID, on link: LinkID, _ reason: Gap.Reason, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[id], case .live(link, _) = wire.state else { return }
        effects.append(.detach(id, link))
        ledger[id]?.pendingGap = wire.pendingGap ?? reason
        beginLeaving(id, link, at: now)
    }
}
