internal import HyperliquidWire

/// The translation of each fact into calls of the parts.
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
        let deadline = timeout.map { turn.now.advanced(by: $0) }
        let (upstream, isNew) = registry.subscribe(
            id, request, traits, waitsForLimits: waitsForLimits, deadline: deadline, at: turn.now)
        turn.effects.append(.bind(id, upstream))
        if isNew {
            if poison.admit(upstream, request, at: turn.now) { trials.add(upstream) } else { placements.add(upstream) }
        }
        if registry[upstream]?.isLive == true, isDelivered(upstream) { confirm(upstream, &turn) }
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

    /// The limit that keeps an identity from being asked for immediately; `nil` if there is none.
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

    /// Ends an upstream subscription without subscribers: removes it if it was not sent, and unsubscribes it otherwise.
    private mutating func abandon(_ id: UpstreamID, _ turn: inout Turn) {
        if let replacement = mover.replacement(of: id) { giveUpReplacement(replacement, &turn) }
        // New subscribers have missed nothing.
        _ = registry.takeGap(of: id)
        switch registry[id]?.state {
        case .waiting:
            leaveSlot(id, &turn)
            forget(id, &turn)
        case .asked(let connection, _), .live(let connection, _):
            turn.effects.append(.detach(id, connection))
            beginLeaving(id, connection, at: turn.now)
        case .leaving, nil:
            break  // It is already being ended: new subscribers joined meanwhile, and have left again.
        }
    }

    /// Handles the end of an upstream subscription at the venue: forgets it, or places it again if it has subscribers.
    mutating func left(_ id: UpstreamID, _ turn: inout Turn) {
        guard let upstream = registry[id], upstream.isLeaving else { return }
        if let connection = upstream.connection {
            let lateUntil = turn.now.advanced(by: configuration.flightTime)
            pool.ended(upstream, on: connection, lateUntil: lateUntil, at: turn.now)
        }
        if mover.isReplacement(id) { return endReplacement(id, isLost: false, &turn) }
        let slot = pool.slot(of: id)
        leaveSlot(id, &turn)
        guard registry[id]?.subscriptions.isEmpty == false else { return forget(id, &turn) }
        registry.wait(id, for: .connection, since: turn.now)
        if poison.isSuspect(id) { trials.add(id) } else { placeAgain(id, notOn: slot, &turn) }
    }

    // MARK: Answers

    mutating func acknowledged(
        _ connection: ConnectionID, _ kind: RequestKind, _ echo: FeedRequest, _ turn: inout Turn
    ) {
        pool.beat(connection, .answerArrived, &turn)
        let now = turn.now
        // An acknowledgement without a pending request is late: its request was sent again or given up.
        guard let request = pool.changeRequests(on: connection, { $0.take(kind, echo: echo, at: now) }) ?? nil
        else { return }
        settle(request, on: connection, &turn)
    }

    /// Handles a request that the venue has carried out.
    private mutating func settle(
        _ request: PendingRequests.Request, on connection: ConnectionID, _ turn: inout Turn
    ) {
        guard let upstream = registry[request.upstream] else { return }
        switch request.kind {
        case .subscribe where upstream.isLeaving: queueUnsubscribe(request.upstream)
        case .subscribe:
            becomeLive(request.upstream, on: connection, isFirstAnswer: request.attempts == 1, &turn)
        case .unsubscribe: left(request.upstream, &turn)
        }
    }

    /// Handles data of an unacknowledged subscription, which prove that the venue has accepted it.
    ///
    /// Returns `false` if the subscription was live or ended already.
    mutating func dataArrived(_ connection: ConnectionID, _ id: UpstreamID, _ turn: inout Turn) -> Bool {
        guard case .asked(connection, _) = registry[id]?.state else { return false }
        becomeLive(id, on: connection, isFirstAnswer: true, &turn)
        return true
    }

    private mutating func becomeLive(
        _ id: UpstreamID, on connection: ConnectionID, isFirstAnswer: Bool, _ turn: inout Turn
    ) {
        guard let upstream = registry[id], case .asked(connection, _) = upstream.state else { return }
        poison.accepted(upstream, at: turn.now)
        registry.wasAccepted(id)
        // The trial of a suspect may go on after the answer; `endTrials` ends it.
        let goesOn = poison.holdAfterAnswer(id) != nil
        if pool.kind(of: id) == .trial {
            let isDelivered = poison.delivers(id)
            if !goesOn, !endTrial(of: upstream, isDelivered: isDelivered, &turn) { return }
            if goesOn, !isDelivered { return registry.becameLive(id, on: connection, at: turn.now) }
        } else if !goesOn {
            poison.acquit(id, upstream.request)
        }
        let original = mover.original(of: id)
        if original == nil {
            if registry.isNewUser(upstream.request) {
                LimitLearning.userAccepted(on: connection, in: registry, on: pool, &turn)
            }
            LimitLearning.subscriptionAccepted(in: registry, on: pool, &turn.limiter)
        }
        registry.becameLive(id, on: connection, at: turn.now)
        if upstream.ticks, original == nil { staleness.becameLive(id, at: turn.now) }
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
        // If the original has lost or left its connection meanwhile, it is restored without the replacement.
        guard case .live(let oldConnection, _) = upstream.state,
            pool.isAnswerDue(to: original, on: oldConnection) == false, pool.slot(of: original) != nil,
            pool.slot(of: replacement) != nil
        else { return giveUpReplacement(replacement, &turn) }
        mover.switchOver(upstream, from: oldConnection, to: newConnection, isCertain: isCertain, &turn)
        pool.exchange(PlacementItem(upstream), PlacementItem(new))
        registry.takePlace(original, of: replacement)
        beginLeaving(replacement, oldConnection, at: turn.now)
    }

    mutating func errorArrived(_ connection: ConnectionID, _ error: VenueError, _ turn: inout Turn) {
        pool.beat(connection, .answerArrived, &turn)
        switch attribution(of: error, on: connection, at: turn.now) {
        case .fulfilled(let request):
            guard let request else { break }
            // The unsubscribe shows that the venue had refused the subscription, so its user was never counted.
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
            // The venue may have dropped any unanswered request. Each is sent again, after the pause, if no answer
            // comes.
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
        let isNewUser = registry.isNewUser
        let found = pool.changeRequests(on: connection) {
            $0.attribute(error, isLive: isLive, isNewUser: isNewUser, at: now)
        }
        if let found { return found }
        // The connection has ended, but the error may still teach a limit.
        var none = PendingRequests()
        return none.attribute(error, isLive: isLive, isNewUser: isNewUser, at: now)
    }

    /// Learns from a refusal, and places the queued subscribes again under the new estimates of the limits.
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
                    reason != .userLimit || registry.isNewUser(upstream.request)
                else { continue }
                leaveSlot(id, &turn)
                placements.add(id)
            }
        }
    }

    /// Fails the subscriptions of a refused request and no others.
    private mutating func refuse(
        _ request: PendingRequests.Request?, _ connection: ConnectionID, _ text: String, _ turn: inout Turn
    ) {
        guard let request else {
            return turn.effects.append(.note(.unattributedError(connection, text)))
        }
        guard let upstream = registry[request.upstream] else { return }
        switch request.kind {
        case .subscribe where mover.isReplacement(upstream.id): endReplacement(upstream.id, isLost: false, &turn)
        case .subscribe where upstream.subscriptions.isEmpty: left(upstream.id, &turn)
        case .subscribe:
            if !upstream.isLeaving { turn.effects.append(.detach(upstream.id, connection)) }
            fail(upstream.id, .refused(text), &turn)
        case .unsubscribe:
            // The venue does not accept the unsubscribe, so only closing the connection ends the subscription. The
            // request stays pending until then.
            _ = pool.changeRequests(on: connection) { $0.add(request) }
            pool.close(connection, isFaulty: true, &turn)
        }
    }

    /// Makes the subscription that a limit most likely refused wait before it is tried again.
    ///
    /// The error names no request, so the venue may hold the subscription after all. It keeps its slot until an
    /// unsubscribe has ended it; otherwise it could be subscribed on two connections at once.
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
