internal import HyperliquidWire

extension Engine {
    /// Sends what there is to ask for: unsubscribes first, because they make room, then requests, which a caller
    /// waits for, then subscribes.
    mutating func sendQueues(at now: Instant, into effects: inout [Effect]) {
        for index in slots.indices { sendUnsubscribes(index, at: now, into: &effects) }
        sendPosts(at: now, into: &effects)
        sendSubscribes(at: now, into: &effects)
    }

    private func openConnection(of index: Int) -> ConnectionID? {
        guard let connection = slots[index].connection, connections[connection]?.isOpen == true else { return nil }
        return connection
    }

    /// Whether a message may be sent now; if not, it is noted when one may.
    private mutating func maySend(at now: Instant) -> Bool {
        let next = rateLimiter.nextMessage(at: now)
        if next > now { nextWork.consider(next) }
        return next <= now
    }

    private mutating func sendUnsubscribes(_ index: Int, at now: Instant, into effects: inout [Effect]) {
        guard !slots[index].unsubscribeQueue.isEmpty, let connection = openConnection(of: index) else { return }
        var sentCount = 0
        for id in slots[index].unsubscribeQueue {
            guard maySend(at: now) else { break }
            send(id, .unsubscribe, on: connection, at: now, into: &effects)
            sentCount += 1
        }
        slots[index].unsubscribeQueue.removeFirst(sentCount)
    }

    /// A slot by what is most urgent on it.
    private struct Candidate: Hashable, Comparable, Sendable {
        let turn: SubscribeQueue.Turn
        let slot: Int

        static func < (lhs: Candidate, rhs: Candidate) -> Bool { lhs.turn < rhs.turn }
    }

    /// Asks for what is most urgent on any slot, one after the other, as fast as is allowed.
    private mutating func sendSubscribes(at now: Instant, into effects: inout [Effect]) {
        guard slots.indices.contains(where: { slots[$0].queue.first != nil }) else { return }
        var candidates = Heap<Candidate>()
        for index in slots.indices { candidates.insert(candidate(on: index)) }
        var passed: [Candidate] = []
        while let next = candidates.popFirst(), maySend(at: now) {
            guard let turn = slots[next.slot].queue.popFirst(), let connection = openConnection(of: next.slot),
                let upstream = registry[turn.upstream]
            else { continue }
            let clear = connections[connection]?.isClear(for: upstream, at: now) ?? now
            if clear > now { nextWork.consider(clear) }
            if clear <= now, mayAsk(upstream, on: connection, at: now) {
                send(turn.upstream, .subscribe, on: connection, at: now, into: &effects)
            } else {
                passed.append(next)
            }
            candidates.insert(candidate(on: next.slot))
        }
        for candidate in passed { slots[candidate.slot].queue.insert(candidate.turn) }
    }

    private func candidate(on index: Int) -> Candidate? {
        guard let first = slots[index].queue.first, let connection = openConnection(of: index),
            mayAskMore(on: connection)
        else {
            return nil
        }
        return Candidate(turn: first, slot: index)
    }

    /// Whether anything may join what is unanswered on the connection: it bounds how many are suspected when a connection dies.
    private func mayAskMore(on connection: ConnectionID) -> Bool {
        guard let subscribeCount = connections[connection]?.answers.subscribeCount else { return false }
        if subscribeCount >= max(configuration.unansweredSubscribeLimit, 1) { return false }
        guard subscribeCount > 0, registry.suspectCount > 0 else { return true }
        return connections[connection]?.answers.hasSubscribe { registry[$0.upstream]?.isSuspect == true } == false
    }

    /// Whether a subscribe may join what is unanswered on the connection, so that a death or an anonymous error can be
    /// attributed.
    private func mayAsk(_ upstream: UpstreamSubscription, on connection: ConnectionID, at now: Instant) -> Bool {
        if upstream.isSuspect { return connections[connection]?.answers.subscribeCount == 0 }
        // Near the limit of users, as far as it is known, one more at a time (docs/protocol.md, "Error messages"):
        // beyond it a refusal must be easy to attribute.
        let known = max(rateLimiter.userCap.documented ?? 0, rateLimiter.userCap.acceptedCount)
        guard let user = upstream.request.user, !registry.hasLive(user: user),
            rateLimiter.usedUserCount(at: now) >= min(rateLimiter.userLimit(at: now), known) - 1
        else { return true }
        return connections[connection]?.answers.hasSubscribe {
            $0.request.user.map { !registry.hasLive(user: $0) } ?? false
        } == false
    }

    private mutating func send(
        _ id: UpstreamID, _ kind: RequestKind, on connection: ConnectionID, at now: Instant,
        into effects: inout [Effect]
    ) {
        if kind == .subscribe {
            registry.update(id) { upstream in
                upstream.generation += 1
                upstream.lingers = true
                upstream.cadence = Cadence()
                upstream.state = .asked(connection, since: now)
            }
        }
        guard let upstream = registry[id] else { return }
        rateLimiter.spendMessage(at: now)
        switch kind {
        case .subscribe:
            // What a probe or a replacement brings reaches nobody: it is asked for again where it will live.
            if upstream.replacementOf == nil, upstream.slot.flatMap({ slot($0)?.kind }) != .probe {
                effects.append(.attach(id, connection))
                effects.append(.expectReplay(id))
            }
            beginHandover(to: upstream, into: &effects)
            effects.append(.send(connection, .subscribe(upstream.request)))
        case .unsubscribe:
            effects.append(.send(connection, .unsubscribe(upstream.request)))
        }
        let pending = PendingRequests.Pending(
            upstream: id, generation: upstream.generation, kind: kind, request: upstream.request, sentAt: now,
            deadline: now.advanced(by: configuration.answerTimeout), attempts: 1)
        connections.update(connection) { $0.answers.add(pending) }
    }
}
