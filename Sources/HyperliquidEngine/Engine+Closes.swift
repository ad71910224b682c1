internal import HyperliquidWire

/// What follows from the end of a connection, or of the client.
extension Engine {
    // MARK: Ends of connections

    /// Handles the end of a connection: its feeds are restored, each with a gap before its next event.
    mutating func connectionClosed(_ id: ConnectionID, _ reason: CloseReason, draw: UInt64, _ turn: inout Turn) {
        let death = death(of: id, reason)
        let isTrial = death.map { $0.kind == .trial && $0.hasAsked } ?? false
        guard let closed = pool.closed(id, reason, draw: draw, isTrial: isTrial, &turn) else { return }
        sender.clear(closed.slot)
        turn.effects.append(.note(.connectionLost(id, closed.slot, reason, retryIn: closed.wait)))
        let guilty = death.map { judge($0, reason, &turn) } ?? []
        posts.connectionLost(id, reason, &turn)
        for member in pool.load(of: closed.slot)?.members ?? [] { lose(member, id, &turn) }
        for (upstream, failure) in guilty { fail(upstream, failure, &turn) }
        queueAgain(closed.slot, endsTrial: isTrial, &turn)
        if case .dialFailed(_, .some) = reason { upgradeRefused(closed.slot, &turn) }
        pool.removeUnusedSlots(posts: posts)
        if phase == .draining, pool.connectionCount == 0 { finish(&turn) }
    }

    /// What is known of a connection that has ended; `nil` if it was not open, or was closed by this client.
    private func death(of id: ConnectionID, _ reason: CloseReason) -> PoisonDetector.Death? {
        guard reason != .closedByUs, let connection = pool[id], let openedAt = connection.openedAt,
            let slot = pool.slot(of: id).flatMap({ pool[$0] })
        else { return nil }
        var live: [UpstreamID: Instant] = [:]
        for member in slot.members {
            if case .live(id, let since) = registry[member]?.state { live[member] = since }
        }
        let unanswered = connection.pendingRequests.all.filter { $0.kind == .subscribe }
        return PoisonDetector.Death(
            slot: slot.id, kind: slot.kind, endpoint: slot.endpoint, openedAt: openedAt, isRoutine: reason.isRoutine,
            unanswered: unanswered, live: live)
    }

    /// Judges a death, and returns the upstream subscriptions that end because of it.
    private mutating func judge(
        _ death: PoisonDetector.Death, _ reason: CloseReason, _ turn: inout Turn
    ) -> [(UpstreamID, Failure)] {
        let findings: [PoisonDetector.Finding]
        if case .messageTooLarge(let limit, let senders) = reason {
            findings = poison.judgeTooLarge(death, limit: limit, from: senders, in: registry, at: turn.now)
        } else {
            findings = poison.judge(death, in: registry, on: pool, at: turn.now)
        }
        var guilty: [(UpstreamID, Failure)] = []
        for finding in findings {
            switch finding {
            case .suspected(let id):
                if let request = registry[id]?.request { turn.effects.append(.note(.suspected(request))) }
            case .sendsTooLarge(let id, let limit): guilty.append((id, .messageTooLarge(limit: limit)))
            }
        }
        return guilty
    }

    /// Makes an upstream subscription of a lost connection wait again on its slot; one that was being unsubscribed has
    /// ended.
    private mutating func lose(_ id: UpstreamID, _ connection: ConnectionID, _ turn: inout Turn) {
        guard let upstream = registry[id], upstream.connection == connection else { return }
        if mover.isReplacement(id) {
            mover.lostConnection(of: id, isUnanswered: !upstream.isAnswered, at: turn.now)
            return endReplacement(id, isLost: true, &turn)
        }
        if upstream.isLeaving { return left(id, &turn) }
        turn.effects.append(.detach(id, connection))
        // The messages that a new connection brought are dropped as well; the gap that follows covers them.
        mover.cancelHandover(of: id, &turn)
        registry.wasLost(id, hasGap: isDelivered(id), at: turn.now)
    }

    /// Queues the subscribes of a slot whose connection was lost.
    ///
    /// Suspects leave the slot for their trial, but one that is alone there is tried where it is. A suspect on the slot
    /// for trials that has not been asked for stays there, so that the slot's backoff delays the next dial.
    private mutating func queueAgain(_ slot: SlotID, endsTrial: Bool, _ turn: inout Turn) {
        guard let kind = pool[slot]?.kind else { return }
        for upstream in (pool.load(of: slot)?.members ?? []).compactMap({ registry[$0] }) where upstream.isWaiting {
            let leaves = kind == .trial ? endsTrial : pool[slot].map { $0.memberCount > 1 } ?? false
            if leaves, poison.isSuspect(upstream.id) {
                leaveSlot(upstream.id, &turn)
                trials.add(upstream.id)
            } else {
                sender.queueSubscribe(upstream, on: slot)
            }
        }
    }

    /// Moves a slot's feeds to other slots if its refused upgrade shows that the venue allows no more connections.
    private mutating func upgradeRefused(_ slot: SlotID, _ turn: inout Turn) {
        let refusalLimit = configuration.connectionRefusalCount
        guard LimitLearning.connectionRefused(slot, on: &pool, refusalLimit: refusalLimit, &turn) else { return }
        placeElsewhere(pool.load(of: slot)?.members ?? [], &turn)
    }

    mutating func drain(_ turn: inout Turn) {
        guard phase == .idle || phase == .running else { return }
        phase = .draining
        reportWait(&turn)
        for id in registry.subscriptions.keys.sorted() {
            _ = registry.unsubscribe(id)
            turn.effects.append(.fail(id, .clientEnded))
        }
        posts.drain(&turn)
        for original in registry.upstreams.keys.sorted() {
            guard let replacement = mover.replacement(of: original) else { continue }
            mover.cancelHandover(of: original, &turn)
            endReplacement(replacement, isLost: true, &turn)
        }
        for id in registry.upstreams.keys.sorted() { drop(id, &turn) }
        for connection in pool.connections {
            _ = pool.changeRequests(on: connection.id) { $0.takeAll() }
            pool.close(connection.id, &turn)
        }
        if pool.connectionCount == 0 { finish(&turn) }
    }

    /// Forgets an upstream subscription without an unsubscribe, because its connection is about to be closed.
    private mutating func drop(_ id: UpstreamID, _ turn: inout Turn) {
        switch registry[id]?.state {
        case .asked(let connection, _), .live(let connection, _): turn.effects.append(.detach(id, connection))
        case .waiting, .leaving, nil: break
        }
        leaveSlot(id, &turn)
        forget(id, &turn)
    }

    private mutating func finish(_ turn: inout Turn) {
        guard phase == .draining else { return }
        phase = .ended
        pool.removeUnusedSlots(posts: posts)
        turn.effects.append(.finish)
    }
}
