internal import HyperliquidWire

extension Engine {
    mutating func connectionOpened(_ id: ConnectionID, at now: Instant) {
        guard var connection = connections[id] else { return }
        connection.opened(at: now, idleTimeout: configuration.idleTimeout, timeout: configuration.timeout)
        connections[id] = connection
        if let index = slotIndex(connection.slot) { slots[index].refusalCount = 0 }
        rateLimiter.connectionCap.accepted(openConnectionCount)
    }

    mutating func beat(_ id: ConnectionID, _ input: Heartbeat.Input, at now: Instant, into effects: inout [Effect]) {
        if input == .woke, connections[id]?.heartbeatDeadline.map({ $0 <= now }) != true { return }
        if input == .woke, rateLimiter.nextPing(at: now) > now {
            // A ping that cannot be sent must not count as unanswered.
            pingsHeldUntil = rateLimiter.nextPing(at: now)
            return
        }
        var beats: [Heartbeat.Effect] = []
        connections.update(id) { $0.beat(input, at: now, into: &beats) }
        for beat in beats {
            switch beat {
            case .sendPing:
                rateLimiter.spendMessage(at: now)
                effects.append(.send(id, .ping))
            case .closeSilent:
                effects.append(.note(.silent(id)))
                close(id, at: now, into: &effects)
            }
        }
    }

    mutating func close(_ id: ConnectionID, at now: Instant, into effects: inout [Effect]) {
        guard connections[id]?.beginClosing(at: now) == true else { return }
        effects.append(.close(id))
    }

    /// A connection ended: whatever it carried is to be restored, and a gap announced before its next event.
    mutating func connectionClosed(
        _ id: ConnectionID, _ reason: CloseReason, draw: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard var connection = connections.removeValue(forKey: id) else { return }
        rateLimiter.closeConnection()
        let unanswered = connection.answers.takeAll().filter {
            $0.kind == .subscribe && registry[$0.upstream]?.generation == $0.generation
        }
        guard let index = slotIndex(connection.slot) else { return }
        slots[index].connection = nil
        slots[index].lastClose = reason
        slots[index].reconnectCount += 1
        slots[index].forgetLingering()
        slots[index].queue = SubscribeQueue()
        slots[index].unsubscribeQueue = []
        let wait = nextWait(after: connection, reason, index, draw: draw, at: now)
        slots[index].nextDial = now.advanced(by: wait)
        effects.append(.note(.connectionLost(id, connection.slot, reason, retryIn: wait)))
        let doomed = reason.isAbnormal ? judge(unanswered, at: now, into: &effects) : []
        losePosts(of: id, reason, into: &effects)
        for member in slots[index].members { lose(member, id, at: now, into: &effects) }
        for upstream in doomed {
            fail(upstream, .poisoned(retryIn: configuration.quarantine), at: now, into: &effects)
        }
        refillQueue(of: connection.slot, at: now)
        if case .dialFailed(_, .some) = reason, let index = slotIndex(connection.slot) {
            learnConnectionCap(index, at: now)
        }
        removeEmptySlots()
        if phase == .draining, connections.isEmpty { finish(into: &effects) }
    }

    private mutating func nextWait(
        after connection: Connection, _ reason: CloseReason, _ index: Int, draw: UInt64, at now: Instant
    ) -> Duration {
        if let openedAt = connection.openedAt, openedAt.advanced(by: configuration.provenAfter) <= now {
            slots[index].backoff.reset()
        }
        if reason.isRoutine { return slots[index].backoff.routine(draw: draw) }
        let wait = slots[index].backoff.fail(draw: draw)
        // An upgrade refused by its status is most likely a limit (docs/protocol.md, "Q3"): at least 10 s.
        if case .dialFailed(_, .some) = reason { return max(wait, .seconds(10)) }
        return wait
    }

    /// What a lost connection carried waits again on its slot; what was leaving is gone.
    private mutating func lose(
        _ id: UpstreamID, _ connection: ConnectionID, at now: Instant, into effects: inout [Effect]
    ) {
        guard var upstream = registry[id], upstream.connection == connection else { return }
        if upstream.replacementOf != nil { return lose(replacement: id, at: now, into: &effects) }
        if case .leaving = upstream.state { return left(id, at: now, into: &effects) }
        effects.append(.detach(id, connection))
        // What the new connection brought is dropped with it: the gap that is to come tells of it.
        cancelHandover(of: id, into: &effects)
        if upstream.isLive { upstream.pendingGap = upstream.pendingGap ?? .reconnected }
        upstream.state = .waiting(.connection, since: now)
        registry[id] = upstream
    }

    private mutating func lose(replacement: UpstreamID, at now: Instant, into effects: inout [Effect]) {
        moves = []
        movesHeldUntil = now.advanced(by: configuration.limitRetry)
        eraseReplacement(replacement, isLost: true, at: now, into: &effects)
    }

    mutating func drain(at now: Instant, into effects: inout [Effect]) {
        guard phase == .idle || phase == .running else { return }
        phase = .draining
        reportWhetherConnectionIsNeeded()
        for id in registry.subscriptions.keys.sorted() {
            _ = registry.release(id)
            effects.append(.fail(id, .clientEnded))
        }
        drainPosts(at: now, into: &effects)
        for (original, replacement) in replacements.sorted(by: { $0.key < $1.key }) {
            cancelHandover(of: original, into: &effects)
            eraseReplacement(replacement, isLost: true, at: now, into: &effects)
        }
        for id in registry.upstreams.keys.sorted() { drop(id, at: now, into: &effects) }
        for id in connections.keys.sorted() {
            _ = connections[id]?.answers.takeAll()
            close(id, at: now, into: &effects)
        }
        if connections.isEmpty { finish(into: &effects) }
    }

    /// Forgets a upstream subscription without a word to the venue: its connection is about to be closed.
    private mutating func drop(_ id: UpstreamID, at now: Instant, into effects: inout [Effect]) {
        switch registry[id]?.state {
        case .asked(let connection, _), .live(let connection, _): effects.append(.detach(id, connection))
        case .waiting, .leaving, nil: break
        }
        leaveSlot(id, at: now)
        remove(id, into: &effects)
    }

    private mutating func finish(into effects: inout [Effect]) {
        guard phase == .draining else { return }
        phase = .ended
        removeEmptySlots()
        effects.append(.finish)
    }
}
