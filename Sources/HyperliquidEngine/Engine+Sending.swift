internal import HyperliquidWire

extension Engine {
    /// Sends what there is to ask for: unsubscribes first, because they make room, then requests, which a caller
    /// waits for, then subscribes.
    mutating func sendQueues(at now: Instant, into effects: inout [Effect]) {
        for index in lanes.indices { sendDepartures(index, at: now, into: &effects) }
        sendPosts(at: now, into: &effects)
        for index in lanes.indices { sendQueue(index, at: now, into: &effects) }
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

    private mutating func sendQueue(_ index: Int, at now: Instant, into effects: inout [Effect]) {
        guard !lanes[index].queue.isEmpty, let link = openLink(of: index) else { return }
        var passed: [WireID] = []
        var position = 0
        while position < lanes[index].queue.count, mayAskMore(on: link), maySend(at: now) {
            let id = lanes[index].queue[position]
            position += 1
            guard let wire = ledger[id] else { continue }
            let clear = links[link]?.isClear(for: wire, at: now) ?? now
            if clear > now { nextWork.consider(clear) }
            if clear <= now, mayAsk(wire, on: link, at: now) {
                send(id, .subscribe, on: link, at: now, into: &effects)
            } else {
                passed.append(id)
            }
        }
        lanes[index].queue.replaceSubrange(0..<position, with: passed)
    }

    /// Whether anything may join what is unanswered on the link: it bounds how many are suspected when a link dies.
    private func mayAskMore(on link: LinkID) -> Bool {
        guard let answers = links[link]?.answers else { return false }
        guard answers.subscribeCount > 0 else { return true }
        if answers.subscribeCount >= configuration.unansweredSubscribeLimit { return false }
        return !answers.hasSubscribe { ledger[$0.wire]?.isSuspect == true }
    }

    /// Whether a subscribe may join what is unanswered on the link, so that a death or an anonymous error can be
    /// attributed.
    private func mayAsk(_ wire: WireSubscription, on link: LinkID, at now: Instant) -> Bool {
        guard let answers = links[link]?.answers else { return false }
        if wire.isSuspect { return answers.subscribeCount == 0 }
        // Near the limit of users, as far as it is known, one more at a time (PROTOCOL section 4).
        let known = max(configuration.documentedUserCount, allowance.userCap.acceptedCount)
        guard let user = wire.request.user, !ledger.hasLive(user: user),
            allowance.usedUserCount(at: now) >= min(allowance.userLimit(at: now), known) - 1
        else { return true }
        return !answers.hasSubscribe { $0.request.user.map { !ledger.hasLive(user: $0) } ?? false }
    }

    private mutating func send(
        _ id: WireID, _ kind: RequestKind, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard var wire = ledger[id] else { return }
        allowance.spendMessage(at: now)
        switch kind {
        case .subscribe:
            wire.generation += 1
            wire.lingers = true
            wire.rhythm = Rhythm()
            wire.state = .asked(link, since: now)
            ledger[id] = wire
            // What a probe or a shadow brings reaches nobody: it is asked for again where it will live.
            if wire.shadowOf == nil, wire.lane.flatMap({ lane($0)?.kind }) != .probe {
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

    // MARK: Overdue

    /// Sends again what has had no answer; after some attempts the link is given up.
    mutating func repeatOverdue(at now: Instant, into effects: inout [Effect]) {
        for link in links.keys.sorted() where links[link]?.isOpen == true {
            for entry in links[link]?.answers.takeOverdue(at: now) ?? [] {
                guard links[link]?.isOpen == true else {
                    // Given up for another one: it stays unanswered until the link has ended.
                    links[link]?.answers.add(entry)
                    continue
                }
                handleOverdue(entry, on: link, at: now, into: &effects)
            }
        }
    }

    private mutating func handleOverdue(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[entry.wire], wire.generation == entry.generation, wire.link == link else { return }
        switch entry.kind {
        case .subscribe where wire.isLive:
            // Its data came though its acknowledgement did not: nothing is owed any more.
            links[link]?.answers.giveUp(entry)
            return
        case .subscribe where wire.isLeaving:
            links[link]?.answers.giveUp(entry)
            return queueDeparture(wire.id)
        case .unsubscribe where wire.traits.endpoint == .explorer && hasRead(entry, on: link):
            // Whether the explorer acknowledges anything is open (PROTOCOL Q15).
            return left(wire.id, at: now, into: &effects)
        case .subscribe, .unsubscribe: break
        }
        effects.append(.note(.unansweredRequest(link, entry.kind, entry.request)))
        guard entry.attempts < configuration.maximumAttempts else {
            // It stays unanswered until the link has ended.
            links[link]?.answers.add(entry)
            return close(link, at: now, into: &effects)
        }
        repeatRequest(entry, on: link, at: now, into: &effects)
    }

    /// Whether the venue has said something so long after the request was sent that it must have read it.
    private func hasRead(_ entry: Answers.Pending, on link: LinkID) -> Bool {
        guard let heardAt = links[link]?.heardAt else { return false }
        return heardAt > entry.sentAt.advanced(by: configuration.flightTime)
    }

    private mutating func repeatRequest(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
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
