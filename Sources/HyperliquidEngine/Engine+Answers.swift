package import HyperliquidWire

extension Engine {
    mutating func acknowledged(
        _ link: LinkID, _ kind: RequestKind, _ echo: FeedRequest, at now: Instant, into effects: inout [Effect]
    ) {
        beat(link, .answerArrived, at: now, into: &effects)
        // One that nobody waits for is late: its request was sent again, or given up.
        guard let entry = links[link]?.answers.take(kind, echo: echo) else { return }
        settle(entry, on: link, at: now, into: &effects)
    }

    /// The venue has done what a request asked for.
    private mutating func settle(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[entry.wire], wire.generation == entry.generation, wire.link == link else { return }
        switch entry.kind {
        case .subscribe: becomeLive(entry.wire, on: link, at: now, into: &effects)
        case .unsubscribe: left(entry.wire, at: now, into: &effects)
        }
    }

    /// Data of a subscription that is not acknowledged yet prove that the venue has accepted it.
    mutating func dataArrived(_ link: LinkID, _ id: WireID, at now: Instant, into effects: inout [Effect]) {
        becomeLive(id, on: link, at: now, into: &effects)
    }

    private mutating func becomeLive(_ id: WireID, on link: LinkID, at now: Instant, into effects: inout [Effect]) {
        guard var wire = ledger[id], case .asked(link, _) = wire.state else { return }
        wire.isProven = true
        wire.isSuspect = false
        wire.killCount = 0
        if let lane = wire.lane, let index = laneIndex(lane), lanes[index].kind == .probe {
            wire.state = .leaving(link, since: now)
            ledger[id] = wire
            lanes[index].queue.append(id)
            return
        }
        wire.state = .live(link, since: now)
        let gap = wire.pendingGap
        wire.pendingGap = nil
        ledger[id] = wire
        if let gap { effects.append(.announceGap(id, gap)) }
        confirm(id, into: &effects)
    }

    mutating func errorArrived(_ link: LinkID, _ error: VenueError, at now: Instant, into effects: inout [Effect]) {
        beat(link, .answerArrived, at: now, into: &effects)
        switch error {
        case .alreadySubscribed(let request):
            if let entry = links[link]?.answers.take(.subscribe, echo: request) {
                settle(entry, on: link, at: now, into: &effects)
            }
        case .alreadyUnsubscribed(let request):
            if let entry = links[link]?.answers.take(.unsubscribe, echo: request) {
                settle(entry, on: link, at: now, into: &effects)
            }
        case .invalidSubscription(let request, let text):
            refuse(
                request.flatMap { links[link]?.answers.take(.subscribe, echo: $0) }, link, text, at: now, into: &effects
            )
        case .unreadableRequest(let kind, let request, let text):
            let entry = kind.flatMap { kind in request.flatMap { links[link]?.answers.take(kind, echo: $0) } }
            refuse(entry, link, text, at: now, into: &effects)
        case .tooManyUsers(let text):
            effects.append(.note(.limitRefusal(link, text)))
            let entry = links[link]?.answers.takeNewestSubscribe { $0.request.user != nil }
            postpone(entry, .userLimit, at: now, into: &effects)
        case .tooManySubscriptions(let text):
            effects.append(.note(.limitRefusal(link, text)))
            let entry = links[link]?.answers.takeNewestSubscribe { _ in true }
            postpone(entry, .subscriptionLimit, at: now, into: &effects)
        case .tooManyMessages(let text):
            effects.append(.note(.limitRefusal(link, text)))
            let pauseEnd = now.advanced(by: configuration.messageLimitPause)
            allowance.pauseMessages(until: pauseEnd)
            // Each unanswered request is in doubt: it is sent again if no answer comes.
            links[link]?.answers.postpone(until: pauseEnd)
        case .tooManyPosts, .other:
            effects.append(.note(.unattributedError(link, error.text)))
        }
    }

    /// A refusal ends its own request and nothing else.
    private mutating func refuse(
        _ entry: Answers.Pending?, _ link: LinkID, _ text: String, at now: Instant, into effects: inout [Effect]
    ) {
        guard let entry else {
            effects.append(.note(.unattributedError(link, text)))
            return
        }
        guard let wire = ledger[entry.wire], wire.generation == entry.generation, wire.link == link else { return }
        switch entry.kind {
        case .subscribe:
            effects.append(.detach(wire.id, link))
            fail(wire.id, .refused(text), at: now, into: &effects)
        case .unsubscribe:
            // The venue does not read our unsubscribe: only a new connection is surely rid of it.
            close(link, at: now, into: &effects)
        }
    }

    /// A limit of the venue refused a subscription, most likely this one: it waits and is tried again.
    ///
    /// The error named nothing, so the venue may have it after all. It keeps its place until an unsubscribe has
    /// shown that it is gone: else its double could be asked for beside it.
    private mutating func postpone(
        _ entry: Answers.Pending?, _ reason: WaitReason, at now: Instant, into effects: inout [Effect]
    ) {
        guard let entry, let wire = ledger[entry.wire], case .asked(let link, _) = wire.state else { return }
        effects.append(.detach(wire.id, link))
        let retry = now.advanced(by: configuration.limitRetry)
        ledger[wire.id]?.state = .leaving(link, since: now)
        ledger[wire.id]?.hold = WireSubscription.Hold(reason: reason, until: retry)
        if let lane = wire.lane, let index = laneIndex(lane) { lanes[index].queue.append(wire.id) }
        if reason == .userLimit {
            allowance.learnUserLimit(until: retry)
        } else {
            allowance.learnSubscriptionLimit(until: retry)
        }
    }

    /// What a wire subscription waits for; nothing when it is live or gone.
    package func waitReason(of id: WireID, at now: Instant) -> WaitReason? {
        guard let wire = ledger[id] else { return nil }
        switch wire.state {
        case .live: return nil
        case .asked: return .acknowledgement
        case .leaving: return wire.hold?.reason ?? .unsubscription
        case .waiting(let reason, _):
            if phase == .idle { return .start }
            if wire.isSuspect { return .probe }
            guard let lane = wire.lane.flatMap({ lane($0) }) else { return reason }
            guard let link = lane.link else { return allowance.hasConnection ? .connection : .connectionLimit }
            return links[link]?.isOpen == true ? .messageLimit : .connection
        }
    }
}
