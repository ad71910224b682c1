package import HyperliquidWire

extension Engine {
    mutating func acknowledged(
        _ link: LinkID, _ kind: RequestKind, _ echo: FeedRequest, at now: Instant, into effects: inout [Effect]
    ) {
        beat(link, .answerArrived, at: now, into: &effects)
        // One that nobody waits for is late: its request was sent again, or given up.
        guard let entry = links.update(link, { $0.answers.take(kind, echo: echo, at: now) }) ?? nil else { return }
        settle(entry, on: link, at: now, into: &effects)
    }

    /// The venue has done what a request asked for.
    private mutating func settle(
        _ entry: Answers.Pending, on link: LinkID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[entry.wire], wire.generation == entry.generation, wire.link == link else { return }
        switch entry.kind {
        case .subscribe where wire.isLeaving: queueDeparture(entry.wire)
        case .subscribe: becomeLive(entry.wire, on: link, isFirstAnswer: entry.attempts == 1, at: now, into: &effects)
        case .unsubscribe: left(entry.wire, at: now, into: &effects)
        }
    }

    /// Data of a subscription that is not acknowledged yet prove that the venue has accepted it.
    /// - Returns: Whether that is news.
    mutating func dataArrived(
        _ link: LinkID, _ id: WireID, at now: Instant, into effects: inout [Effect]
    ) -> Bool {
        guard case .asked(link, _) = ledger[id]?.state else { return false }
        becomeLive(id, on: link, isFirstAnswer: true, at: now, into: &effects)
        return true
    }

    private mutating func becomeLive(
        _ id: WireID, on link: LinkID, isFirstAnswer: Bool, at now: Instant, into effects: inout [Effect]
    ) {
        guard let wire = ledger[id], case .asked(link, _) = wire.state else { return }
        if !quarantined.isEmpty { quarantined[wire.request] = nil }
        let isProbe = wire.lane.flatMap { lane($0)?.kind } == .probe
        let isMoving = wire.shadowOf != nil
        if !isProbe, !isMoving {
            if let user = wire.request.user, !ledger.hasLive(user: user) { noteAcceptedUsers(with: wire, at: now) }
            noteAcceptedSubscription()
        }
        ledger.update(id) { wire in
            wire.isProven = true
            wire.isSuspect = false
            wire.killCount = 0
            guard !isProbe else { return }
            wire.state = .live(link, since: now)
            if !isMoving { wire.pendingGap = nil }
        }
        if isProbe { return beginLeaving(id, link, at: now) }
        if isMoving { return switchOver(id, isCertain: isFirstAnswer, at: now, into: &effects) }
        if let gap = wire.pendingGap { effects.append(.announceGap(id, gap)) }
        confirm(id, into: &effects)
    }

    mutating func errorArrived(_ link: LinkID, _ error: VenueError, at now: Instant, into effects: inout [Effect]) {
        beat(link, .answerArrived, at: now, into: &effects)
        switch error {
        case .alreadySubscribed(let request):
            if let entry = links[link]?.answers.take(.subscribe, echo: request, at: now) {
                settle(entry, on: link, at: now, into: &effects)
            }
        case .alreadyUnsubscribed(let request):
            if let entry = links[link]?.answers.take(.unsubscribe, echo: request, at: now) {
                // A subscription that the venue had refused never counted, nor does its user linger.
                if entry.attempts == 1, ledger[entry.wire]?.hold != nil { ledger[entry.wire]?.lingers = false }
                settle(entry, on: link, at: now, into: &effects)
            }
        case .invalidSubscription(let request, let text):
            refuse(
                request.flatMap { links[link]?.answers.take(.subscribe, echo: $0, at: now) }, link, text, at: now,
                into: &effects
            )
        case .unreadableRequest(let kind, let request, let text):
            let entry = kind.flatMap { kind in request.flatMap { links[link]?.answers.take(kind, echo: $0, at: now) } }
            refuse(entry, link, text, at: now, into: &effects)
        case .tooManyUsers(let text):
            effects.append(.note(.limitRefusal(link, text)))
            let entry = takeOldestSubscribe(on: link) { [ledger] in
                $0.request.user.map { !ledger.hasLive(user: $0) } ?? false
            }
            if entry != nil { learnUserCap(text, on: link, at: now) }
            postpone(entry, .userLimit, at: now, into: &effects)
        case .tooManySubscriptions(let text):
            effects.append(.note(.limitRefusal(link, text)))
            let entry = takeOldestSubscribe(on: link) { _ in true }
            learnSubscriptionCap(text, at: now)
            postpone(entry, .subscriptionLimit, at: now, into: &effects)
        case .tooManyMessages(let text):
            effects.append(.note(.limitRefusal(link, text)))
            let pauseEnd = now.advanced(by: configuration.messageLimitPause)
            allowance.pauseMessages(until: pauseEnd)
            // Each unanswered request is in doubt: it is sent again if no answer comes.
            links[link]?.answers.postpone(until: pauseEnd)
        case .unreadablePost(let id, let text):
            if let id = UInt64(exactly: id) { postRefused(PostID(id), text, on: link, into: &effects) }
        case .tooManyPosts(let id, let text):
            effects.append(.note(.limitRefusal(link, text)))
            if let id = UInt64(exactly: id) { postPutOff(PostID(id), on: link, at: now) }
        case .other:
            effects.append(.note(.unattributedError(link, error.text)))
        }
    }

    /// The oldest unanswered subscribe that fulfils the condition; one whose data came has been accepted.
    private mutating func takeOldestSubscribe(
        on link: LinkID, where condition: (Answers.Pending) -> Bool
    ) -> Answers.Pending? {
        links[link]?.answers.takeOldestSubscribe { [ledger] in ledger[$0.wire]?.isLive != true && condition($0) }
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
        case .subscribe where wire.shadowOf != nil: eraseShadow(wire.id, isLost: false, at: now, into: &effects)
        case .subscribe where wire.claims.isEmpty: left(wire.id, at: now, into: &effects)
        case .subscribe:
            if !wire.isLeaving { effects.append(.detach(wire.id, link)) }
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
        guard let entry, let wire = ledger[entry.wire] else { return }
        let retry = now.advanced(by: configuration.limitRetry)
        ledger[wire.id]?.hold = WireSubscription.Hold(reason: reason, until: retry)
        switch wire.state {
        case .asked where wire.shadowOf != nil: retreat(wire.id, at: now, into: &effects)
        case .asked(let link, _):
            effects.append(.detach(wire.id, link))
            beginLeaving(wire.id, link, at: now)
        case .leaving: queueDeparture(wire.id)
        case .waiting, .live: return
        }
        failImpatient(wire.id, reason, at: now, into: &effects)
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
