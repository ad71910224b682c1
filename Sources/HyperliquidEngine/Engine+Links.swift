internal import HyperliquidWire

extension Engine {
    mutating func linkOpened(_ id: LinkID, at now: Instant) {
        guard var link = links[id] else { return }
        link.opened(at: now, silence: configuration.silence, patience: configuration.patience)
        links[id] = link
        if let index = laneIndex(link.lane) { lanes[index].refusalCount = 0 }
        allowance.connectionCap.accepted(openConnectionCount)
    }

    mutating func beat(_ id: LinkID, _ input: Heartbeat.Input, at now: Instant, into effects: inout [Effect]) {
        if input == .woke, links[id]?.heartbeatDeadline.map({ $0 <= now }) != true { return }
        if input == .woke, allowance.nextPing(at: now) > now {
            // A ping that cannot be sent must not count as unanswered.
            pingsHeldUntil = allowance.nextPing(at: now)
            return
        }
        var beats: [Heartbeat.Effect] = []
        links.update(id) { $0.beat(input, at: now, into: &beats) }
        for beat in beats {
            switch beat {
            case .sendPing:
                allowance.spendMessage(at: now)
                effects.append(.send(id, .ping))
            case .closeSilent:
                effects.append(.note(.silent(id)))
                close(id, at: now, into: &effects)
            }
        }
    }

    mutating func close(_ id: LinkID, at now: Instant, into effects: inout [Effect]) {
        guard links[id]?.beginClosing(at: now) == true else { return }
        effects.append(.close(id))
    }

    /// A link ended: whatever it carried is to be restored, and a gap announced before its next event.
    mutating func linkClosed(
        _ id: LinkID, _ reason: CloseReason, draw: UInt64, at now: Instant, into effects: inout [Effect]
    ) {
        guard var link = links.removeValue(forKey: id) else { return }
        allowance.closeConnection()
        let unanswered = link.answers.takeAll().filter {
            $0.kind == .subscribe && ledger[$0.wire]?.generation == $0.generation
        }
        guard let index = laneIndex(link.lane) else { return }
        lanes[index].link = nil
        lanes[index].lastClose = reason
        lanes[index].reconnectCount += 1
        lanes[index].forgetLingering()
        lanes[index].queue = SubscribeQueue()
        lanes[index].departures = []
        let wait = nextWait(after: link, reason, index, draw: draw, at: now)
        lanes[index].nextDial = now.advanced(by: wait)
        effects.append(.note(.linkLost(id, link.lane, reason, retryIn: wait)))
        let doomed = reason.isAbnormal ? judge(unanswered, at: now, into: &effects) : []
        losePosts(of: id, reason, into: &effects)
        for member in lanes[index].members { lose(member, id, at: now, into: &effects) }
        for wire in doomed {
            fail(wire, .poisoned(retryIn: configuration.quarantine), at: now, into: &effects)
        }
        refillQueue(of: link.lane, at: now)
        if case .dialFailed(_, .some) = reason, let index = laneIndex(link.lane) { learnConnectionCap(index, at: now) }
        removeEmptyLanes()
        if phase == .draining, links.isEmpty { finish(into: &effects) }
    }

    private mutating func nextWait(
        after link: Link, _ reason: CloseReason, _ index: Int, draw: UInt64, at now: Instant
    ) -> Duration {
        if let openedAt = link.openedAt, openedAt.advanced(by: configuration.provenAfter) <= now {
            lanes[index].backoff.reset()
        }
        if reason.isRoutine { return lanes[index].backoff.routine(draw: draw) }
        let wait = lanes[index].backoff.fail(draw: draw)
        // An upgrade refused by its status is most likely a limit (PROTOCOL Q3): at least 10 s.
        if case .dialFailed(_, .some) = reason { return max(wait, .seconds(10)) }
        return wait
    }

    /// What a lost link carried waits again on its lane; what was leaving is gone.
    private mutating func lose(_ id: WireID, _ link: LinkID, at now: Instant, into effects: inout [Effect]) {
        guard var wire = ledger[id], wire.link == link else { return }
        if wire.shadowOf != nil { return lose(shadow: id, at: now, into: &effects) }
        if case .leaving = wire.state { return left(id, at: now, into: &effects) }
        effects.append(.detach(id, link))
        // What the new link brought is dropped with it: the gap that is to come tells of it.
        cancelHandover(of: id, into: &effects)
        if wire.isLive { wire.pendingGap = wire.pendingGap ?? .reconnected }
        wire.state = .waiting(.connection, since: now)
        ledger[id] = wire
    }

    private mutating func lose(shadow: WireID, at now: Instant, into effects: inout [Effect]) {
        moves = []
        movesHeldUntil = now.advanced(by: configuration.limitRetry)
        eraseShadow(shadow, isLost: true, at: now, into: &effects)
    }

    mutating func drain(at now: Instant, into effects: inout [Effect]) {
        guard phase == .idle || phase == .running else { return }
        phase = .draining
        tellWhetherConnectionIsSought()
        for id in ledger.claims.keys.sorted() {
            _ = ledger.release(id)
            effects.append(.fail(id, .clientEnded))
        }
        drainPosts(at: now, into: &effects)
        for (original, shadow) in shadows.sorted(by: { $0.key < $1.key }) {
            cancelHandover(of: original, into: &effects)
            eraseShadow(shadow, isLost: true, at: now, into: &effects)
        }
        for id in ledger.wires.keys.sorted() { drop(id, at: now, into: &effects) }
        for id in links.keys.sorted() {
            _ = links[id]?.answers.takeAll()
            close(id, at: now, into: &effects)
        }
        if links.isEmpty { finish(into: &effects) }
    }

    /// Forgets a wire subscription without a word to the venue: its link is about to be closed.
    private mutating func drop(_ id: WireID, at now: Instant, into effects: inout [Effect]) {
        switch ledger[id]?.state {
        case .asked(let link, _), .live(let link, _): effects.append(.detach(id, link))
        case .waiting, .leaving, nil: break
        }
        leaveLane(id, at: now)
        remove(id, into: &effects)
    }

    private mutating func finish(into effects: inout [Effect]) {
        guard phase == .draining else { return }
        phase = .ended
        removeEmptyLanes()
        effects.append(.finish)
    }
}
