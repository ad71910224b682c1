internal import HyperliquidWire

/// The translation of each fact into what the parts are told.
extension Engine {
    // MARK: Subscriptions

    mutating func subscribe(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, timeout: Duration?, waitsForLimits: Bool,
        _ turn: inout Turn
    ) {
        if let failure = failure(of: request, traits, waitsForLimits: waitsForLimits, turn) {
            turn.effects.append(.fail(id, failure))
            return
        }
        let deadline = phase == .running ? timeout.map { turn.now.advanced(by: $0) } : nil
        let (upstream, isNew) = registry.subscribe(
            id, request, traits, timeout: timeout, waitsForLimits: waitsForLimits, deadline: deadline, at: turn.now)
        turn.effects.append(.bind(id, upstream))
        if isNew, !poison.admit(upstream, request) { placements.add(upstream) }
        if registry[upstream]?.isLive == true { confirm(upstream, &turn) }
    }

    /// The reason why a subscription is refused before anything is sent; `nil` if it is accepted.
    private func failure(
        of request: FeedRequest, _ traits: FeedTraits, waitsForLimits: Bool, _ turn: Turn
    ) -> Failure? {
        guard phase == .idle || phase == .running else { return .clientEnded }
        if let wait = poison.remainingQuarantine(of: request, at: turn.now) { return .poisoned(retryIn: wait) }
        let item = PlacementItem(id: UpstreamID(0), request: request, traits: traits)
        if let reason = placements.limitThatExcludes(item, configured: configuration.limits, turn.limiter) {
            return .neverFits(reason)
        }
        if waitsForLimits { return nil }
        return fullLimit(for: item, turn).map { .limitReached($0) }
    }

    /// The limit that keeps an identity from being asked for at once, or that it waits for already.
    private func fullLimit(for item: PlacementItem, _ turn: Turn) -> WaitReason? {
        if let known = registry.upstream(of: item.request) {
            return waitReason(of: known, turn.limiter).flatMap { $0.isLimit ? $0 : nil }
        }
        return phase == .idle
            ? placements.fullLimitAtStart(for: item, in: registry, configured: configuration.limits)
            : placements.fullLimit(for: item, in: registry, on: pool, turn)
    }

    mutating func unsubscribe(_ id: SubscriptionID, _ turn: inout Turn) {
        guard let upstream = registry.unsubscribe(id) else { return }
        if registry[upstream]?.subscriptions.isEmpty == true { abandon(upstream, &turn) }
    }

    /// Ends an upstream subscription that nobody wants: at once if the venue does not know it, else it is unsubscribed.
    private mutating func abandon(_ id: UpstreamID, _ turn: inout Turn) {
        if let replacement = mover.replacement(of: id) { giveUpReplacement(replacement, &turn) }
        switch registry[id]?.state {
        case .waiting:
            leaveSlot(id, &turn)
            forget(id, &turn)
        case .asked(let connection, _), .live(let connection, _):
            turn.effects.append(.detach(id, connection))
            _ = registry.takeGap(of: id)
            beginLeaving(id, connection, at: turn.now)
        case .leaving, nil:
            break  // Wanted again in between and abandoned again: its end is under way.
        }
    }

    /// Takes in that the end of an upstream subscription is confirmed: it is gone, or starts again if it is wanted.
    mutating func left(_ id: UpstreamID, _ turn: inout Turn) {
        guard let upstream = registry[id], upstream.isLeaving else { return }
        if let connection = upstream.connection {
            let lateUntil = turn.now.advanced(by: configuration.flightTime)
            pool.ended(upstream, on: connection, lateUntil: lateUntil, at: turn.now)
        }
        if mover.isReplacement(id) { return endReplacement(id, isLost: false, &turn) }
        leaveSlot(id, &turn)
        guard registry[id]?.subscriptions.isEmpty == false else { return forget(id, &turn) }
        registry.wait(id, for: .connection, since: turn.now)
        placements.add(id)
    }

    /// Asks for a live upstream subscription again on the same connection, and has a gap announced.
    mutating func renew(_ id: UpstreamID, on connection: ConnectionID, _ reason: Gap.Reason, _ turn: inout Turn) {
        guard case .live(connection, _) = registry[id]?.state else { return }
        turn.effects.append(.detach(id, connection))
        registry.announceLater(reason, of: id)
        beginLeaving(id, connection, at: turn.now)
    }

    // MARK: Ends of connections

    /// Takes in that a connection has ended: whatever it carried is restored, and a gap announced before its next event.
    mutating func connectionClosed(_ id: ConnectionID, _ reason: CloseReason, draw: UInt64, _ turn: inout Turn) {
        guard let closed = pool.closed(id, reason, draw: draw, &turn) else { return }
        let unanswered = closed.unanswered.filter {
            $0.kind == .subscribe && registry[$0.upstream]?.generation == $0.generation
        }
        sender.clear(closed.slot)
        turn.effects.append(.note(.connectionLost(id, closed.slot, reason, retryIn: closed.wait)))
        let poisonous = reason.isAbnormal ? judge(unanswered, &turn) : []
        posts.connectionLost(id, reason, &turn)
        for member in pool.load(of: closed.slot)?.members ?? [] { lose(member, id, &turn) }
        for upstream in poisonous { fail(upstream, .poisoned(retryIn: configuration.quarantine), &turn) }
        queueAgain(closed.slot, &turn)
        if case .dialFailed(_, .some) = reason { upgradeRefused(closed.slot, &turn) }
        pool.removeUnusedSlots(posts: posts)
        if phase == .draining, pool.connectionCount == 0 { finish(&turn) }
    }

    /// Has what was unanswered judged, and returns what is poisonous.
    private mutating func judge(_ unanswered: [PendingRequests.Request], _ turn: inout Turn) -> [UpstreamID] {
        var poisonous: [UpstreamID] = []
        for finding in poison.judge(unanswered, in: registry, at: turn.now) {
            switch finding {
            case .suspected(let id):
                if let request = registry[id]?.request { turn.effects.append(.note(.suspected(request))) }
            case .poisonous(let id):
                if let request = registry[id]?.request { turn.effects.append(.note(.quarantined(request))) }
                poisonous.append(id)
            }
        }
        return poisonous
    }

    /// Has an upstream subscription of a lost connection wait again on its slot; what was leaving is gone.
    private mutating func lose(_ id: UpstreamID, _ connection: ConnectionID, _ turn: inout Turn) {
        guard let upstream = registry[id], upstream.connection == connection else { return }
        if mover.isReplacement(id) {
            mover.giveUp(at: turn.now)
            return endReplacement(id, isLost: true, &turn)
        }
        if upstream.isLeaving { return left(id, &turn) }
        turn.effects.append(.detach(id, connection))
        // What the new connection brought is dropped with it; the gap that follows covers it.
        mover.cancelHandover(of: id, &turn)
        registry.wasLost(id, at: turn.now)
    }

    /// Queues what a slot has to ask for again. Suspects leave it for their trial, unless that is what the slot is for:
    /// then its backoff holds for the next attempt.
    private mutating func queueAgain(_ slot: SlotID, _ turn: inout Turn) {
        guard let kind = pool[slot]?.kind else { return }
        for upstream in (pool.load(of: slot)?.members ?? []).compactMap({ registry[$0] }) where upstream.isWaiting {
            if poison.isSuspect(upstream.id), kind != .probe {
                leaveSlot(upstream.id, &turn)
                poison.awaitTrial(of: upstream.id)
            } else {
                sender.queueSubscribe(upstream, on: slot)
            }
        }
    }

    /// Has the feeds of a slot placed on others if its refused upgrade shows that the venue allows no connection more.
    private mutating func upgradeRefused(_ slot: SlotID, _ turn: inout Turn) {
        let refusalLimit = configuration.connectionRefusalCount
        guard LimitLearning.connectionRefused(slot, on: &pool, refusalLimit: refusalLimit, &turn) else { return }
        for id in pool.load(of: slot)?.members ?? [] where registry[id]?.isWaiting == true {
            leaveSlot(id, &turn)
            placements.add(id)
        }
    }

    mutating func drain(_ turn: inout Turn) {
        guard phase == .idle || phase == .running else { return }
        phase = .draining
        reportWhetherConnectionIsNeeded(&turn)
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

    /// Forgets an upstream subscription without an unsubscribe: its connection is about to be closed.
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

    // MARK: Answers

    mutating func acknowledged(
        _ connection: ConnectionID, _ kind: RequestKind, _ echo: FeedRequest, _ turn: inout Turn
    ) {
        pool.beat(connection, .answerArrived, &turn)
        let now = turn.now
        // An answer to no request is late: its request was sent again, or given up.
        guard let request = pool.changeRequests(on: connection, { $0.take(kind, echo: echo, at: now) }) ?? nil
        else { return }
        settle(request, on: connection, &turn)
    }

    /// Takes in that the venue has done what a request asked for.
    private mutating func settle(
        _ request: PendingRequests.Request, on connection: ConnectionID, _ turn: inout Turn
    ) {
        guard let upstream = registry[request.upstream], request.isCurrent(upstream, on: connection) else { return }
        switch request.kind {
        case .subscribe where upstream.isLeaving: queueUnsubscribe(request.upstream)
        case .subscribe:
            becomeLive(request.upstream, on: connection, isFirstAnswer: request.attempts == 1, &turn)
        case .unsubscribe: left(request.upstream, &turn)
        }
    }

    /// Takes in data of a subscription that is not acknowledged yet: they prove that the venue has accepted it.
    ///
    /// Returns whether that is news.
    mutating func dataArrived(_ connection: ConnectionID, _ id: UpstreamID, _ turn: inout Turn) -> Bool {
        guard case .asked(connection, _) = registry[id]?.state else { return false }
        becomeLive(id, on: connection, isFirstAnswer: true, &turn)
        return true
    }

    private mutating func becomeLive(
        _ id: UpstreamID, on connection: ConnectionID, isFirstAnswer: Bool, _ turn: inout Turn
    ) {
        guard let upstream = registry[id], case .asked(connection, _) = upstream.state else { return }
        poison.wasAccepted(id, upstream.request)
        registry.wasAccepted(id)
        if pool.kind(of: id) == .probe { return beginLeaving(id, connection, at: turn.now) }
        let original = mover.original(of: id)
        if original == nil {
            if isNewUser(upstream.request) {
                LimitLearning.userAccepted(on: connection, in: registry, on: pool, &turn)
            }
            LimitLearning.subscriptionAccepted(in: registry, on: pool, &turn.limiter)
        }
        registry.becameLive(id, on: connection, at: turn.now)
        if let original { return switchOver(id, with: original, isCertain: isFirstAnswer, &turn) }
        if let gap = registry.takeGap(of: id) { turn.effects.append(.announceGap(id, gap)) }
        confirm(id, &turn)
    }

    /// Exchanges a live replacement and its original; the replacement then leaves the old connection.
    private mutating func switchOver(
        _ replacement: UpstreamID, with original: UpstreamID, isCertain: Bool, _ turn: inout Turn
    ) {
        guard let new = registry[replacement], let upstream = registry[original],
            case .live(let newConnection, _) = new.state
        else { return }
        // The old place may have been lost or left meanwhile: its own way back goes on.
        guard case .live(let oldConnection, _) = upstream.state,
            pool.isAnswerDue(to: original, on: oldConnection) == false, pool.slot(of: original) != nil,
            pool.slot(of: replacement) != nil
        else { return giveUpReplacement(replacement, &turn) }
        mover.switchOver(upstream, from: oldConnection, to: newConnection, isCertain: isCertain, &turn)
        pool.exchange(PlacementItem(upstream), PlacementItem(new))
        registry.takePlace(original, of: replacement)
        beginLeaving(replacement, oldConnection, at: turn.now)
    }

    /// Whether a request is the first one of its user that the venue accepts.
    func isNewUser(_ request: FeedRequest) -> Bool {
        request.user.map { !registry.hasLive(user: $0) } ?? false
    }

    mutating func errorArrived(_ connection: ConnectionID, _ error: VenueError, _ turn: inout Turn) {
        pool.beat(connection, .answerArrived, &turn)
        switch attribution(of: error, on: connection, at: turn.now) {
        case .fulfilled(let request):
            guard let request else { break }
            // A subscription that the venue had refused never counted, nor does its user linger.
            if request.kind == .unsubscribe, request.attempts == 1, registry[request.upstream]?.hold != nil {
                registry.wasNeverCounted(request.upstream)
            }
            settle(request, on: connection, &turn)
        case .refused(let request, let text): refuse(request, connection, text, &turn)
        case .limited(let request, let reason, let text):
            turn.effects.append(.note(.limitRefusal(connection, text)))
            learn(reason, text, isAttributed: request != nil, on: connection, &turn)
            postpone(request, reason, &turn)
        case .tooManyMessages(let text):
            turn.effects.append(.note(.limitRefusal(connection, text)))
            let pauseEnd = turn.now.advanced(by: configuration.messageLimitPause)
            turn.limiter.pauseMessages(until: pauseEnd)
            // Each unanswered request is in doubt: it is sent again if no answer comes.
            _ = pool.changeRequests(on: connection) { $0.postpone(until: pauseEnd) }
        case .postRefused(let id, let text): posts.refused(id, text, on: connection, &turn)
        case .postPutOff(let id, let text):
            turn.effects.append(.note(.limitRefusal(connection, text)))
            posts.putOff(id, on: connection, at: turn.now)
        case .unattributed(let text): turn.effects.append(.note(.unattributedError(connection, text)))
        }
    }

    private mutating func attribution(
        of error: VenueError, on connection: ConnectionID, at now: Instant
    ) -> PendingRequests.Attribution {
        let isLive = { [registry] (id: UpstreamID) in registry[id]?.isLive == true }
        let isNewUser = { [registry] (request: FeedRequest) in
            request.user.map { !registry.hasLive(user: $0) } ?? false
        }
        let found = pool.changeRequests(on: connection) {
            $0.attribute(error, isLive: isLive, isNewUser: isNewUser, at: now)
        }
        if let found { return found }
        // The connection has ended: the error still says something of the limits.
        var none = PendingRequests()
        return none.attribute(error, isLive: isLive, isNewUser: isNewUser, at: now)
    }

    /// Learns from a limit, and takes what was never asked for off its slot, so that it is placed by what was learnt.
    private mutating func learn(
        _ reason: WaitReason, _ text: String, isAttributed: Bool, on connection: ConnectionID, _ turn: inout Turn
    ) {
        let retry = configuration.limitRetry
        if reason == .userLimit {
            guard isAttributed else { return }
            LimitLearning.userRefused(text, on: connection, in: registry, on: pool, retry: retry, &turn)
        } else {
            LimitLearning.subscriptionRefused(text, in: registry, on: pool, retry: retry, &turn)
        }
        for slot in pool.slots {
            for id in sender.queuedSubscribes(on: slot.id) {
                guard let upstream = registry[id], !mover.isReplacement(id),
                    reason != .userLimit || isNewUser(upstream.request)
                else { continue }
                leaveSlot(id, &turn)
                placements.add(id)
            }
        }
    }

    /// Ends the subscriptions of a refused request, and nothing else.
    private mutating func refuse(
        _ request: PendingRequests.Request?, _ connection: ConnectionID, _ text: String, _ turn: inout Turn
    ) {
        guard let request else {
            return turn.effects.append(.note(.unattributedError(connection, text)))
        }
        guard let upstream = registry[request.upstream], request.isCurrent(upstream, on: connection) else { return }
        switch request.kind {
        case .subscribe where mover.isReplacement(upstream.id): endReplacement(upstream.id, isLost: false, &turn)
        case .subscribe where upstream.subscriptions.isEmpty: left(upstream.id, &turn)
        case .subscribe:
            if !upstream.isLeaving { turn.effects.append(.detach(upstream.id, connection)) }
            fail(upstream.id, .refused(text), &turn)
        case .unsubscribe:
            // The venue does not read our unsubscribe: only a new connection is surely rid of it.
            pool.close(connection, &turn)
        }
    }

    /// Has a subscription that a limit refused, most likely this one, wait and be tried again.
    ///
    /// The error named nothing, so the venue may have it after all. It keeps its slot until an unsubscribe has shown
    /// that it is gone: else a second one of its identity could be asked for beside it.
    private mutating func postpone(_ request: PendingRequests.Request?, _ reason: WaitReason, _ turn: inout Turn) {
        guard let request, let upstream = registry[request.upstream] else { return }
        registry.pause(upstream.id, for: reason, until: turn.now.advanced(by: configuration.limitRetry))
        switch upstream.state {
        case .asked where mover.isReplacement(upstream.id): giveUpReplacement(upstream.id, &turn)
        case .asked(let connection, _):
            turn.effects.append(.detach(upstream.id, connection))
            beginLeaving(upstream.id, connection, at: turn.now)
        case .leaving: queueUnsubscribe(upstream.id)
        case .waiting, .live: return
        }
        for id in registry.impatientSubscriptions(of: upstream.id) {
            turn.effects.append(.fail(id, .limitReached(reason)))
            unsubscribe(id, &turn)
        }
    }
}
