internal import HyperliquidWire

extension Engine {
    /// Sends what lanes have to ask for: unsubscribes first, because they make room, then subscribes.
    mutating func sendQueues(at now: Instant, into effects: inout [Effect]) {
        for index in lanes.indices { sendQueue(index, .unsubscribe, at: now, into: &effects) }
        for index in lanes.indices { sendQueue(index, .subscribe, at: now, into: &effects) }
    }

    private mutating func sendQueue(_ index: Int, _ kind: RequestKind, at now: Instant, into effects: inout [Effect]) {
        guard !lanes[index].queue.isEmpty, let link = lanes[index].link, links[link]?.isOpen == true else { return }
        var remaining: [WireID] = []
        for (position, id) in lanes[index].queue.enumerated() {
            // Nothing behind may be asked for either: without this, each answer would walk the whole queue.
            if kind == .subscribe, hasAskedEnough(on: link) {
                remaining += lanes[index].queue[position...]
                break
            }
            guard let wire = ledger[id] else { continue }
            if wire.isWaiting == (kind == .subscribe), maySend(wire, kind, on: link, at: now) {
                send(id, kind, on: link, at: now, into: &effects)
            } else {
                remaining.append(id)
            }
        }
        lanes[index].queue = remaining
    }

    private mutating func maySend(_ wire: WireSubscription, _ kind: RequestKind, on link: LinkID, at now: Instant)
        -> Bool
    {
        guard kind == .unsubscribe || mayAsk(wire, on: link, at: now) else { return false }
        let next = allowance.nextMessage(at: now)
        if next > now { nextWork.consider(next) }
        return next <= now
    }

    /// Whether a subscribe may join what is unanswered on the link, so that a death or an anonymous error can be
    /// attributed.
    private func mayAsk(_ wire: WireSubscription, on link: LinkID, at now: Instant) -> Bool {
        guard let answers = links[link]?.answers, !hasAskedEnough(on: link) else { return false }
        let pending = answers.pending.lazy.filter { $0.kind == .subscribe }
        if wire.isSuspect { return pending.isEmpty }
        if pending.contains(where: { ledger[$0.wire]?.isSuspect == true }) { return false }
        // Near the limit of users at most one of their subscribes is unanswered (PROTOCOL section 4).
        guard wire.request.user != nil, allowance.usedUserCount(at: now) >= allowance.userLimit(at: now) - 1 else {
            return true
        }
        return !pending.contains { $0.request.user != nil }
    }

    private func hasAskedEnough(on link: LinkID) -> Bool {
        (links[link]?.answers.subscribeCount ?? 0) >= configuration.unansweredSubscribeLimit
    }

    private mutating func send(
        _ id: WireID, _ kind: RequestKind, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard var wire = ledger[id] else { return }
        allowance.spendMessage(at: now)
        switch kind {
        case .subscribe:
            wire.generation += 1
            wire.state = .asked(link, since: now)
            ledger[id] = wire
            // What a probe brings reaches nobody: it is asked for again where it will live.
            if wire.lane.flatMap({ lane($0)?.kind }) != .probe {
                effects.append(.attach(id, link))
                effects.append(.expectReplay(id))
            }
            effects.append(.send(link, .subscribe(wire.request)))
        case .unsubscribe:
            effects.append(.send(link, .unsubscribe(wire.request)))
        }
        links[link]?.answers.add(
            Answers.Pending(
                wire: id, generation: wire.generation, kind: kind, request: wire.request, sentAt: now,
                deadline: now.advanced(by: configuration.answerTimeout), attempts: 1))
    }

    /// Sends again what has had no answer; after some attempts the link is given up.
    mutating func repeatOverdue(at now: Instant, into effects: inout [Effect]) {
        for link in links.keys.sorted() where links[link]?.isOpen == true {
            for entry in links[link]?.answers.takeOverdue(at: now) ?? [] {
                handleOverdue(entry, on: link, at: now, into: &effects)
            }
        }
    }

    private mutating func handleOverdue(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[entry.wire], wire.generation == entry.generation, wire.link == link else { return }
        // Its data came though its acknowledgement did not: nothing is owed any more.
        if entry.kind == .subscribe, wire.isLive { return }
        // Whether the explorer acknowledges anything is open (PROTOCOL Q15).
        if entry.kind == .unsubscribe, wire.traits.endpoint == .explorer {
            return left(wire.id, at: now, into: &effects)
        }
        effects.append(.note(.unansweredRequest(link, entry.kind, entry.request)))
        guard entry.attempts < configuration.maximumAttempts else {
            return close(link, at: now, into: &effects)
        }
        var again = entry
        let next = allowance.nextMessage(at: now)
        if next <= now {
            allowance.spendMessage(at: now)
            again.attempts += 1
            again.sentAt = now
            again.deadline = now.advanced(by: configuration.answerTimeout)
            effects.append(
                .send(link, entry.kind == .subscribe ? .subscribe(entry.request) : .unsubscribe(entry.request)))
        } else {
            again.deadline = next
        }
        links[link]?.answers.add(again)
    }
}
