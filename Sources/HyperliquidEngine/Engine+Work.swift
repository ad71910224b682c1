internal import HyperliquidWire

/// The steps of ``advance(_:)``, in order of priority.
extension Engine {
    // MARK: Timeouts

    /// Fails the subscriptions whose callers' timeouts have passed, with the reason why they waited.
    mutating func expireSubscriptions(_ turn: inout Turn) {
        while let id = registry.takeExpired(at: turn.now) {
            let upstream = registry.subscriptions[id]?.upstream
            let reason = upstream.flatMap { waitReason(of: $0, turn.limiter) } ?? .acknowledgement
            turn.effects.append(.fail(id, .timedOut(reason)))
            unsubscribe(id, &turn)
        }
    }

    /// Sends requests again if their answers are overdue; gives up those that were sent as often as is tried.
    ///
    /// A connection that has not brought anything by then is closed: a new one may reach another server.
    mutating func repeatOverdue(_ turn: inout Turn) {
        let now = turn.now
        for connection in pool.connections where connection.isOpen {
            for request in pool.changeRequests(on: connection.id, { $0.takeOverdue(at: now) }) ?? [] {
                if !connection.isHeard, pool.isOpen(connection.id) {
                    turn.effects.append(.note(.silent(connection.id)))
                    pool.close(connection.id, isFaulty: true, &turn)
                }
                guard pool.isOpen(connection.id) else {
                    // The connection is closing. This request stays pending until the close.
                    _ = pool.changeRequests(on: connection.id) { $0.add(request) }
                    continue
                }
                if connection.isReceiving(at: now) {
                    // The answer may wait behind a message that is still arriving.
                    var later = request
                    later.deadline = now.advanced(by: configuration.answerTimeout)
                    _ = pool.changeRequests(on: connection.id) { $0.add(later) }
                } else {
                    handleOverdue(request, on: connection.id, &turn)
                }
            }
        }
    }

    private mutating func handleOverdue(
        _ request: PendingRequests.Request, on connection: ConnectionID, _ turn: inout Turn
    ) {
        guard let upstream = registry[request.upstream] else { return }
        let heardAt = pool[connection]?.heardAt ?? .start
        let flightTime = configuration.flightTime
        // Most likely the venue ignores the unsubscribe as well.
        let isIgnored = request.kind == .unsubscribe && poison.suspect(upstream.id)?.charge == .ignored
        let maximumAttempts = isIgnored ? 1 : configuration.maximumAttempts
        let verdict = pool.changeRequests(on: connection) {
            $0.settleOverdue(
                request, of: upstream, heardAt: heardAt, flightTime: flightTime, maximumAttempts: maximumAttempts)
        }
        switch verdict {
        case .settled, nil: break
        case .unsubscribe: queueUnsubscribe(upstream.id)
        case .ended: left(upstream.id, &turn)
        case .again:
            turn.effects.append(.note(.unansweredRequest(connection, request.kind, request.feed)))
            sendAgain(request, on: connection, &turn)
        case .exhausted:
            turn.effects.append(.note(.unansweredRequest(connection, request.kind, request.feed)))
            giveUp(request, of: upstream, on: connection, &turn)
        }
    }

    /// Handles a request that the venue has not answered although it was sent as often as is tried.
    private mutating func giveUp(
        _ request: PendingRequests.Request, of upstream: UpstreamSubscription, on connection: ConnectionID,
        _ turn: inout Turn
    ) {
        switch request.kind {
        // The venue has never answered the subscribe either, so most likely it does not hold the subscription.
        case .unsubscribe where !upstream.isAnswered: left(upstream.id, &turn)
        case .unsubscribe:
            // The venue may go on sending, so only closing the connection ends the subscription. The request stays
            // pending until then.
            _ = pool.changeRequests(on: connection) { $0.add(request) }
            pool.close(connection, isFaulty: true, &turn)
        case .subscribe where mover.isReplacement(upstream.id): giveUpReplacement(upstream.id, &turn)
        case .subscribe: giveUpSubscribe(of: upstream, sentAt: request.sentAt, on: connection, &turn)
        }
    }

    /// Has a subscription that the venue ignores tried apart, or ends it if it has been tried. Its connection goes on.
    private mutating func giveUpSubscribe(
        of upstream: UpstreamSubscription, sentAt: Instant, on connection: ConnectionID, _ turn: inout Turn
    ) {
        let isInTrial = pool.kind(of: upstream.id) == .trial
        let isDelivered = isDelivered(upstream.id)
        let heardAt = pool[connection]?.heardAt ?? .start
        if isInTrial, heardAt > sentAt.advanced(by: configuration.flightTime) {
            // Nothing else is asked for on the connection of a trial, so what has come there are its data.
            registry.wasAccepted(upstream.id)
            poison.acquit(upstream.id, upstream.request)
            return beginLeaving(upstream.id, connection, at: turn.now)
        }
        // The connection must have brought something since the last attempt, for example the pong of a ping.
        let isHeard = heardAt > sentAt
        switch poison.judgeUnanswered(upstream, isHeard: isHeard, in: registry, at: turn.now) {
        case .ignored:
            if isDelivered { turn.effects.append(.detach(upstream.id, connection)) }
            fail(upstream.id, .unanswered, &turn)
        case .suspected, .unclear:
            if isDelivered { turn.effects.append(.detach(upstream.id, connection)) }
            beginLeaving(upstream.id, connection, at: turn.now)
        }
    }

    private mutating func sendAgain(
        _ request: PendingRequests.Request, on connection: ConnectionID, _ turn: inout Turn
    ) {
        var again = request
        let next = turn.limiter.nextMessage(at: turn.now)
        if next <= turn.now {
            turn.limiter.spendMessage(at: turn.now)
            again.attempts += 1
            again.sentAt = turn.now
            again.deadline = turn.now.advanced(by: configuration.answerTimeout)
            turn.effects.append(.send(connection, request.message))
        } else {
            again.deadline = next
        }
        _ = pool.changeRequests(on: connection) { $0.add(again) }
    }

    // MARK: Placing

    /// Passes the present estimates of the limits to placement.
    mutating func useLearntLimits(_ turn: inout Turn) {
        let spare = configuration.spareConnectionCount
        placements.use(
            LimitLearning.placementLimits(configuration.limits, spareConnectionCount: spare, on: pool, &turn))
        placeLostSlotsElsewhere(&turn)
    }

    /// Ends the suspects that are condemned, and the trials of those that were acknowledged and whose connection has
    /// held for long enough since.
    mutating func endTrials(_ turn: inout Turn) {
        guard poison.suspectCount > 0 else { return }
        for id in poison.condemn(in: registry, on: pool, &turn) {
            if let request = registry[id]?.request { turn.effects.append(.note(.quarantined(request))) }
            fail(id, .poisoned(retryIn: configuration.quarantine), &turn)
        }
        for id in poison.suspectIDs {
            guard let upstream = registry[id], case .live(let connection, let since) = upstream.state,
                let hold = poison.holdAfterAnswer(id)
            else { continue }
            let isHeard = pool[connection].map { $0.heardAt > since } ?? false
            let end = poison.needsMessage(id) && isHeard ? turn.now : since.advanced(by: hold)
            if end > turn.now {
                turn.wake(at: end)
            } else if pool.kind(of: id) == .trial {
                _ = endTrial(of: upstream, isDelivered: poison.delivers(id), &turn)
            } else {
                poison.acquit(id, upstream.request)
            }
        }
    }

    /// Puts one suspect at a time on a connection of its own. If no connection is available for that, suspects are
    /// placed like other feeds, and each is asked for while no other subscribe is pending.
    mutating func tryNextSuspect(_ turn: inout Turn) {
        let capacity = placements.placement.userCapacity
        switch trials.next(of: poison, in: registry, on: pool, userCapacity: capacity, &turn) {
        case .none: break
        case .waits(let id, let reason): registry.wait(id, for: reason)
        case .begins(let ids, let slot): for id in ids { place(id, on: slot, &turn) }
        case .needsSlot(let endpoint):
            if openSpareSlot(.trial, endpoint, turn) != nil {
                trials.openedSlot(at: turn.now)
                tryNextSuspect(&turn)
            } else {
                placements.add(trials.takeAll())
            }
        }
    }

    /// Gives a slot to each waiting upstream subscription, as far as the limits allow.
    mutating func placeAll(_ turn: inout Turn) {
        guard !placements.waiting.isEmpty else { return }
        if pool.slots.isEmpty { placeTogether(&turn) }
        placements.look(at: pool)
        for id in placements.takeAll() {
            guard let upstream = registry[id] else { continue }
            if let reason = obstacle(to: upstream, &turn) {
                registry.wait(id, for: reason)
                placements.add(id)
            }
        }
    }

    /// Arranges all waiting upstream subscriptions together, when none has a slot yet.
    private mutating func placeTogether(_ turn: inout Turn) {
        var placed: Set<UpstreamID> = []
        for load in placements.arrangement(in: registry, &turn) {
            guard let slot = openSlot(load.kind, load.endpoint, at: turn.now) else { continue }
            for member in load.members {
                place(member, on: slot, &turn)
                placed.insert(member)
            }
        }
        placements.remove(placed)
    }

    /// Places an upstream subscription, or returns the reason why it waits.
    private mutating func obstacle(to upstream: UpstreamSubscription, _ turn: inout Turn) -> WaitReason? {
        switch placements.outcome(for: upstream, on: pool, mover, &turn) {
        case .place(let slot): place(upstream.id, on: slot, &turn)
        case .openSlot(let kind):
            guard let slot = openSlot(kind, upstream.traits.endpoint, at: turn.now) else { return .connectionLimit }
            place(upstream.id, on: slot, &turn)
        case .wait(let reason): return reason
        case .move(let moves):
            mover.plan(moves)
            return .connectionLimit
        }
        return nil
    }

    /// Opens a slot for waiting posts if no slot for subscriptions can carry them.
    mutating func openPostSlot(_ turn: inout Turn) {
        guard posts.isWaiting, !pool.slots.contains(where: { $0.endpoint == .api && $0.kind != .trial }) else { return }
        _ = openSlot(placements.placement.policy == .packed ? .packed : .shared, .api, at: turn.now)
    }

    // MARK: Moves

    /// Carries out the planned moves, strictly one after the other.
    mutating func carryOutMoves(_ turn: inout Turn) {
        while let (upstream, target) = mover.nextMove(in: registry, on: pool, placements.placement, &turn) {
            guard beginMove(of: upstream, to: target, &turn) else { return }
        }
    }

    /// Begins a move; returns `false` while it has to wait.
    private mutating func beginMove(
        of upstream: UpstreamSubscription, to slot: SlotID, _ turn: inout Turn
    ) -> Bool {
        switch mover.start(of: upstream, on: pool, turn) {
        case .relocate:
            leaveSlot(upstream.id, &turn)
            place(upstream.id, on: slot, &turn)
        case .replace:
            let replacement = registry.makeReplacement(of: upstream, at: turn.now)
            mover.begin(replacement, of: upstream.id)
            place(replacement, on: slot, &turn)
        case .wait: return false
        }
        return true
    }

    /// Replaces a connection that has reached its maximum age: its upstream subscriptions move to a new connection.
    mutating func rotate(_ turn: inout Turn) {
        guard configuration.maximumConnectionAge != nil else { return }
        if mover.rotation != nil { carryOutRotation(&turn) }
        guard mover.rotation == nil else { return }
        for slot in pool.slots where mover.isDue(slot, &turn) {
            guard mover.moves.isEmpty, turn.limiter.hasConnection,
                let target = openSpareSlot(slot.kind, slot.endpoint, turn)
            else { continue }
            mover.rotate(slot.id, to: target)
            return carryOutRotation(&turn)
        }
    }

    private mutating func carryOutRotation(_ turn: inout Turn) {
        guard let rotation = mover.currentRotation(on: pool, at: turn.now) else { return }
        let members = Array(pool.load(of: rotation.from)?.members ?? [])
        // Feeds that came to the old connection meanwhile may never fit on the new one: they wait for the next rotation.
        if !members.isEmpty, members.allSatisfy({ !mover.isMoving($0) && !mayEverFit($0, on: rotation.to) }) {
            return mover.endRotation()
        }
        for id in mover.nextToRotate(among: members) where !mover.isMoving(id) {
            guard let upstream = registry[id], let load = pool.load(of: rotation.to),
                placements.placement.obstacle(to: PlacementItem(upstream), on: load, at: turn.now) == nil
            else { continue }
            guard beginMove(of: upstream, to: rotation.to, &turn) else { return }
        }
    }

    private func mayEverFit(_ id: UpstreamID, on slot: SlotID) -> Bool {
        guard let upstream = registry[id], let load = pool.load(of: slot) else { return false }
        return placements.placement.mayEverFit(PlacementItem(upstream), on: load)
    }

    // MARK: Sending

    /// Sends the queued messages: first actions, then unsubscribes, which free capacity, then questions, then
    /// subscribes.
    mutating func sendQueues(_ turn: inout Turn) {
        posts.sendActions(on: pool.actionConnection, &turn)
        for slot in pool.slots { sendUnsubscribes(of: slot.id, &turn) }
        posts.sendQuestions(on: pool.postConnection, &turn)
        sendSubscribes(&turn)
    }

    private mutating func sendUnsubscribes(of slot: SlotID, _ turn: inout Turn) {
        guard sender.nextUnsubscribe(on: slot) != nil, let connection = pool[slot]?.openConnection else { return }
        while let id = sender.nextUnsubscribe(on: slot), turn.maySendMessage() {
            sender.unsubscribeSent(on: slot)
            send(id, .unsubscribe, on: connection, &turn)
        }
    }

    /// Sends subscribes one after the other, the most urgent on any connection first, as fast as the limits allow.
    private mutating func sendSubscribes(_ turn: inout Turn) {
        guard sender.hasSubscribes else { return }
        var round = SendScheduler.Round()
        for slot in pool.slots { round.add(candidate(on: slot.id)) }
        while let candidate = round.popFirst(), turn.maySendMessage() {
            guard let id = sender.take(candidate), let upstream = registry[id],
                let connection = pool[candidate.slot]?.connection, connection.isOpen
            else { continue }
            let clear = max(
                connection.isClear(for: upstream, isReplacement: mover.isReplacement(id), at: turn.now),
                poison.clearTime(for: id, on: connection, at: turn.now))
            if clear > turn.now { turn.wake(at: clear) }
            if clear <= turn.now, mayAsk(for: upstream, on: connection, turn) {
                send(id, .subscribe, on: connection.id, &turn)
            } else {
                round.pass(candidate)
            }
            round.add(self.candidate(on: candidate.slot))
        }
        sender.end(round)
    }

    private func candidate(on slot: SlotID) -> SendScheduler.Candidate? {
        guard let candidate = sender.candidate(on: slot), let connection = pool[slot]?.connection, connection.isOpen,
            sender.mayAskMore(beside: connection.pendingRequests, poison)
        else { return nil }
        return candidate
    }

    private func mayAsk(for upstream: UpstreamSubscription, on connection: Connection, _ turn: Turn) -> Bool {
        sender.mayAsk(
            for: upstream, beside: connection.pendingRequests, poison, turn.limiter, isNewUser: registry.isNewUser,
            at: turn.now)
    }

    private mutating func send(
        _ id: UpstreamID, _ kind: RequestKind, on connection: ConnectionID, _ turn: inout Turn
    ) {
        if kind == .subscribe {
            registry.wasAsked(id, on: connection, at: turn.now)
            staleness.reset(id)
            baseLosses.cancel(id)
            mover.forget(id)
        }
        guard let upstream = registry[id] else { return }
        turn.limiter.spendMessage(at: turn.now)
        let request = PendingRequests.Request(
            upstream: id, kind: kind, feed: upstream.request, sentAt: turn.now,
            deadline: turn.now.advanced(by: configuration.answerTimeout), attempts: 1)
        if kind == .subscribe {
            if pool.kind(of: id) == .trial { poison.beginTrial(of: id) }
            // A replacement is attached once it is live.
            if isDelivered(id) {
                turn.effects.append(.attach(id, connection))
                turn.effects.append(.expectReplay(id))
            }
            mover.beginHandover(to: upstream, in: registry, &turn)
        }
        turn.effects.append(.send(connection, request.message))
        _ = pool.changeRequests(on: connection) { $0.add(request) }
    }
}
