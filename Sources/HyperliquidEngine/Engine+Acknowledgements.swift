package import HyperliquidWire

extension Engine {
    mutating func acknowledged(
        _ connection: ConnectionID, _ kind: RequestKind, _ echo: FeedRequest, at now: Instant,
        into effects: inout [Effect]
    ) {
        beat(connection, .answerArrived, at: now, into: &effects)
        // One that nobody waits for is late: its request was sent again, or given up.
        guard let entry = connections.update(connection, { $0.answers.take(kind, echo: echo, at: now) }) ?? nil else {
            return
        }
        settle(entry, on: connection, at: now, into: &effects)
    }

    /// The venue has done what a request asked for.
    private mutating func settle(
        _ entry: PendingRequests.Pending, on connection: ConnectionID, at now: Instant, into effects: inout [Effect]
    ) {
        guard let upstream = registry[entry.upstream], upstream.generation == entry.generation,
            upstream.connection == connection
        else { return }
        switch entry.kind {
        case .subscribe where upstream.isLeaving: queueUnsubscribe(entry.upstream)
        case .subscribe:
            becomeLive(entry.upstream, on: connection, isFirstAnswer: entry.attempts == 1, at: now, into: &effects)
        case .unsubscribe: left(entry.upstream, at: now, into: &effects)
        }
    }

    /// Data of a subscription that is not acknowledged yet prove that the venue has accepted it.
    /// - Returns: Whether that is news.
    mutating func dataArrived(
        _ connection: ConnectionID, _ id: UpstreamID, at now: Instant, into effects: inout [Effect]
    ) -> Bool {
        guard case .asked(connection, _) = registry[id]?.state else { return false }
        becomeLive(id, on: connection, isFirstAnswer: true, at: now, into: &effects)
        return true
    }

    private mutating func becomeLive(
        _ id: UpstreamID, on connection: ConnectionID, isFirstAnswer: Bool, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let upstream = registry[id], case .asked(connection, _) = upstream.state else { return }
        if !quarantined.isEmpty { quarantined[upstream.request] = nil }
        let isProbe = upstream.slot.flatMap { slot($0)?.kind } == .probe
        let isMoving = upstream.replacementOf != nil
        if !isProbe, !isMoving {
            if let user = upstream.request.user, !registry.hasLive(user: user) {
                noteAcceptedUsers(with: upstream, at: now)
            }
            noteAcceptedSubscription()
        }
        registry.update(id) { upstream in
            upstream.isProven = true
            upstream.isSuspect = false
            upstream.killCount = 0
            guard !isProbe else { return }
            upstream.state = .live(connection, since: now)
            if !isMoving { upstream.pendingGap = nil }
        }
        if isProbe { return beginLeaving(id, connection, at: now) }
        if isMoving { return switchOver(id, isCertain: isFirstAnswer, at: now, into: &effects) }
        if let gap = upstream.pendingGap { effects.append(.announceGap(id, gap)) }
        confirm(id, into: &effects)
    }

    mutating func errorArrived(
        _ connection: ConnectionID, _ error: VenueError, at now: Instant, into effects: inout [Effect]
    ) {
        beat(connection, .answerArrived, at: now, into: &effects)
        switch error {
        case .alreadySubscribed(let request):
            if let entry = connections[connection]?.answers.take(.subscribe, echo: request, at: now) {
                settle(entry, on: connection, at: now, into: &effects)
            }
        case .alreadyUnsubscribed(let request):
            if let entry = connections[connection]?.answers.take(.unsubscribe, echo: request, at: now) {
                // A subscription that the venue had refused never counted, nor does its user linger.
                if entry.attempts == 1, registry[entry.upstream]?.hold != nil {
                    registry[entry.upstream]?.lingers = false
                }
                settle(entry, on: connection, at: now, into: &effects)
            }
        case .invalidSubscription(let request, let text):
            refuse(
                request.flatMap { connections[connection]?.answers.take(.subscribe, echo: $0, at: now) }, connection,
                text, at: now,
                into: &effects
            )
        case .unreadableRequest(let kind, let request, let text):
            let entry = kind.flatMap { kind in
                request.flatMap { connections[connection]?.answers.take(kind, echo: $0, at: now) }
            }
            refuse(entry, connection, text, at: now, into: &effects)
        case .tooManyUsers(let text):
            effects.append(.note(.limitRefusal(connection, text)))
            let entry = takeOldestSubscribe(on: connection) { [registry] in
                $0.request.user.map { !registry.hasLive(user: $0) } ?? false
            }
            if entry != nil { learnUserCap(text, on: connection, at: now) }
            postpone(entry, .userLimit, at: now, into: &effects)
        case .tooManySubscriptions(let text):
            effects.append(.note(.limitRefusal(connection, text)))
            let entry = takeOldestSubscribe(on: connection) { _ in true }
            learnSubscriptionCap(text, at: now)
            postpone(entry, .subscriptionLimit, at: now, into: &effects)
        case .tooManyMessages(let text):
            effects.append(.note(.limitRefusal(connection, text)))
            let pauseEnd = now.advanced(by: configuration.messageLimitPause)
            rateLimiter.pauseMessages(until: pauseEnd)
            // Each unanswered request is in doubt: it is sent again if no answer comes.
            connections[connection]?.answers.postpone(until: pauseEnd)
        case .unreadablePost(let id, let text):
            if let id = UInt64(exactly: id) { postRefused(PostID(id), text, on: connection, into: &effects) }
        case .tooManyPosts(let id, let text):
            effects.append(.note(.limitRefusal(connection, text)))
            if let id = UInt64(exactly: id) { postPutOff(PostID(id), on: connection, at: now) }
        case .other:
            effects.append(.note(.unattributedError(connection, error.text)))
        }
    }

    /// The oldest unanswered subscribe that fulfils the condition; one whose data came has been accepted.
    private mutating func takeOldestSubscribe(
        on connection: ConnectionID, where condition: (PendingRequests.Pending) -> Bool
    ) -> PendingRequests.Pending? {
        connections[connection]?.answers.takeOldestSubscribe { [registry] in
            registry[$0.upstream]?.isLive != true && condition($0)
        }
    }

    /// A refusal ends its own request and nothing else.
    private mutating func refuse(
        _ entry: PendingRequests.Pending?, _ connection: ConnectionID, _ text: String, at now: Instant,
        into effects: inout [Effect]
    ) {
        guard let entry else {
            effects.append(.note(.unattributedError(connection, text)))
            return
        }
        guard let upstream = registry[entry.upstream], upstream.generation == entry.generation,
            upstream.connection == connection
        else { return }
        switch entry.kind {
        case .subscribe where upstream.replacementOf != nil:
            eraseReplacement(upstream.id, isLost: false, at: now, into: &effects)
        case .subscribe where upstream.subscriptions.isEmpty: left(upstream.id, at: now, into: &effects)
        case .subscribe:
            if !upstream.isLeaving { effects.append(.detach(upstream.id, connection)) }
            fail(upstream.id, .refused(text), at: now, into: &effects)
        case .unsubscribe:
            // The venue does not read our unsubscribe: only a new connection is surely rid of it.
            close(connection, at: now, into: &effects)
        }
    }

    /// A limit of the venue refused a subscription, most likely this one: it waits and is tried again.
    ///
    /// The error named nothing, so the venue may have it after all. It keeps its place until an unsubscribe has
    /// shown that it is gone: else its double could be asked for beside it.
    private mutating func postpone(
        _ entry: PendingRequests.Pending?, _ reason: WaitReason, at now: Instant, into effects: inout [Effect]
    ) {
        guard let entry, let upstream = registry[entry.upstream] else { return }
        let retry = now.advanced(by: configuration.limitRetry)
        registry[upstream.id]?.hold = UpstreamSubscription.Hold(reason: reason, until: retry)
        switch upstream.state {
        case .asked where upstream.replacementOf != nil: retreat(upstream.id, at: now, into: &effects)
        case .asked(let connection, _):
            effects.append(.detach(upstream.id, connection))
            beginLeaving(upstream.id, connection, at: now)
        case .leaving: queueUnsubscribe(upstream.id)
        case .waiting, .live: return
        }
        failThoseThatDoNotWait(upstream.id, reason, at: now, into: &effects)
    }

    /// What a upstream subscription waits for; nothing when it is live or gone.
    package func waitReason(of id: UpstreamID, at now: Instant) -> WaitReason? {
        guard let upstream = registry[id] else { return nil }
        switch upstream.state {
        case .live: return nil
        case .asked: return .acknowledgement
        case .leaving: return upstream.hold?.reason ?? .unsubscription
        case .waiting(let reason, _):
            if phase == .idle { return .start }
            if upstream.isSuspect { return .probe }
            guard let slot = upstream.slot.flatMap({ slot($0) }) else { return reason }
            guard let connection = slot.connection else {
                return rateLimiter.hasConnection ? .connection : .connectionLimit
            }
            return connections[connection]?.isOpen == true ? .messageLimit : .connection
        }
    }
}
