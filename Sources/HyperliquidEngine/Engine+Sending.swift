internal import HyperliquidWire

extension Engine {
    /// Sends what there is to ask for: unsubscribes first, because they make room, then requests, which a caller
    /// waits for, then subscribes.
    mutating func sendQueues(at now: Instant, into effects: inout [Effect]) {
        for index in lanes.indices { sendDepartures(index, at: now, into: &effects) }
        sendPosts(at: now, into: &effects)
        sendSubscribes(at: now, into: &effects)
    }

    private func openLink(of index: Int) -> LinkID? {
        guard let link = lanes[index].link, links[link]?.isOpen == true else { return nil }
        return link
    }

    /// Whether a message may be sent now; if not, it is noted when one may.
    private mutating func maySend(at now: Instant) -> Bool {
        let next = allowance.nextMessage(at: now)
        if next > now { nextWork.consider(next) }
        return next <= now
    }

    private mutating func sendDepartures(_ index: Int, at now: Instant, into effects: inout [Effect]) {
        guard !lanes[index].departures.isEmpty, let link = openLink(of: index) else { return }
        var sentCount = 0
        for id in lanes[index].departures {
            guard maySend(at: now) else { break }
            send(id, .unsubscribe, on: link, at: now, into: &effects)
            sentCount += 1
        }
        lanes[index].departures.removeFirst(sentCount)
    }

    /// A lane by what is most urgent on it.
    private struct Candidate: Hashable, Comparable, Sendable {
        let turn: SubscribeQueue.Turn
        let lane: Int

        static func < (lhs: Candidate, rhs: Candidate) -> Bool { lhs.turn < rhs.turn }
    }

    /// Asks for what is most urgent on any lane, one after the other, as fast as is allowed.
    private mutating func sendSubscribes(at now: Instant, into effects: inout [Effect]) {
        guard lanes.indices.contains(where: { lanes[$0].queue.first != nil }) else { return }
        var candidates = Heap<Candidate>()
        for index in lanes.indices { candidates.insert(candidate(on: index)) }
        var passed: [Candidate] = []
        while let next = candidates.popFirst(), maySend(at: now) {
            guard let turn = lanes[next.lane].queue.popFirst(), let link = openLink(of: next.lane),
                let wire = ledger[turn.wire]
            else { continue }
            let clear = links[link]?.isClear(for: wire, at: now) ?? now
            if clear > now { nextWork.consider(clear) }
            if clear <= now, mayAsk(wire, on: link, at: now) {
                send(turn.wire, .subscribe, on: link, at: now, into: &effects)
            } else {
                passed.append(next)
            }
            candidates.insert(candidate(on: next.lane))
        }
        for candidate in passed { lanes[candidate.lane].queue.insert(candidate.turn) }
    }

    private func candidate(on index: Int) -> Candidate? {
        guard let first = lanes[index].queue.first, let link = openLink(of: index), mayAskMore(on: link) else {
            return nil
        }
        return Candidate(turn: first, lane: index)
    }

    /// Whether anything may join what is unanswered on the link: it bounds how many are suspected when a link dies.
    private func mayAskMore(on link: LinkID) -> Bool {
        guard let subscribeCount = links[link]?.answers.subscribeCount else { return false }
        if subscribeCount >= max(configuration.unansweredSubscribeLimit, 1) { return false }
        guard subscribeCount > 0, ledger.suspectCount > 0 else { return true }
        return links[link]?.answers.hasSubscribe { ledger[$0.wire]?.isSuspect == true } == false
    }

    /// Whether a subscribe may join what is unanswered on the link, so that a death or an anonymous error can be
    /// attributed.
    private func mayAsk(_ wire: WireSubscription, on link: LinkID, at now: Instant) -> Bool {
        if wire.isSuspect { return links[link]?.answers.subscribeCount == 0 }
        // Near the limit of users, as far as it is known, one more at a time (PROTOCOL section 4): beyond it a refusal
        // must be easy to attribute.
        let known = max(allowance.userCap.documented ?? 0, allowance.userCap.acceptedCount)
        guard let user = wire.request.user, !ledger.hasLive(user: user),
            allowance.usedUserCount(at: now) >= min(allowance.userLimit(at: now), known) - 1
        else { return true }
        return links[link]?.answers.hasSubscribe { $0.request.user.map { !ledger.hasLive(user: $0) } ?? false } == false
    }

    private mutating func send(
        _ id: WireID, _ kind: RequestKind, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        if kind == .subscribe {
            ledger.update(id) { wire in
                wire.generation += 1
                wire.lingers = true
                wire.rhythm = Rhythm()
                wire.state = .asked(link, since: now)
            }
        }
        guard let wire = ledger[id] else { return }
        allowance.spendMessage(at: now)
        switch kind {
        case .subscribe:
            // What a probe or a shadow brings reaches nobody: it is asked for again where it will live.
            if wire.shadowOf == nil, wire.lane.flatMap({ lane($0)?.kind }) != .probe {
                effects.append(.attach(id, link))
                effects.append(.expectReplay(id))
            }
            beginHandover(to: wire, into: &effects)
            effects.append(.send(link, .subscribe(wire.request)))
        case .unsubscribe:
            effects.append(.send(link, .unsubscribe(wire.request)))
        }
        let pending = Answers.Pending(
            wire: id, generation: wire.generation, kind: kind, request: wire.request, sentAt: now,
            deadline: now.advanced(by: configuration.answerTimeout), attempts: 1)
        links.update(link) { $0.answers.add(pending) }
    }
}
