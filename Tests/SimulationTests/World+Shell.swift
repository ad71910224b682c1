import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    /// One input at a time: what happens while effects are performed is queued.
    func submit(_ input: Engine.Input) {
        inputs.append(input)
        guard !isStepping else { return }
        step()
    }

    /// Takes in what is queued, and does what may be done then: at once, or at the end of the read.
    func step() {
        isStepping = true
        repeat {
            takeInputs()
            guard owesAdvance else { break }
            if isReading {
                planReadEnd()
                break
            }
            owesAdvance = false
            for effect in venue.takeTurn(of: self, { engine.advance(&$0) }) { perform(effect) }
        } while !inputs.isEmpty
        isStepping = false
    }

    private func takeInputs() {
        var position = 0
        while position < inputs.count {
            let input = inputs[position]
            position += 1
            journal.note("-> \(input.journalText)", at: now)
            let effects = venue.takeTurn(of: self) { if engine.take(input, &$0) { owesAdvance = true } }
            for effect in effects { perform(effect) }
        }
        inputs = []
    }

    private func planReadEnd() {
        guard !isReadEndPlanned else { return }
        isReadEndPlanned = true
        timeline.plan(.readEnds, at: now.advanced(by: .milliseconds(plan.readMilliseconds)))
    }

    private func perform(_ effect: Engine.Effect) {
        if let text = effect.journalText { journal.note("<- \(text)", at: now) }
        if isFinished { journal.violate("\(effect) after the end", at: now) }
        venue.noteWork()
        switch effect {
        case .bind(let id, let upstream): bind(id, to: upstream)
        case .dial(let connection, let endpoint): dial(connection, endpoint)
        case .close(let connection): close(connection)
        case .send(let connection, let message): send(message, on: connection)
        case .attach(let upstream, let connection): attach(upstream, connection)
        case .detach(let upstream, let connection): detach(upstream, connection)
        case .beginHandover(let upstream, let connection): dispatchers[upstream]?.beginHandover(from: connection)
        case .endHandover(let upstream, let isLost): endHandover(of: upstream, isLost: isLost)
        case .cancelHandover(let upstream): dispatchers[upstream]?.cancelHandover()
        case .expectReplay(let upstream):
            if dispatchers[upstream] == nil { journal.violate("\(upstream) expects a replay and is unknown", at: now) }
        case .confirm(let id): confirm(id)
        case .fail(let id, let failure): fail(id, failure)
        case .announceGap(let upstream, let reason): announce(reason, to: upstream)
        case .forget(let upstream):
            if dispatchers.removeValue(forKey: upstream) == nil {
                journal.violate("\(upstream) is forgotten twice", at: now)
            }
        case .sendPost(let connection, let id): sendPost(id, on: connection)
        case .failPost(let id, let failure): failPost(id, failure)
        case .note: break
        case .finish: finish()
        }
    }

    /// Joins a new subscriber to its upstream subscription, before anything is performed for it.
    private func bind(_ id: SubscriptionID, to upstream: UpstreamID) {
        guard let subscriber = subscribers[id] else { return }
        if dispatchers[upstream] == nil { dispatchers[upstream] = SimulatedUpstream(subscriber.offer) }
    }

    // MARK: Routes

    private func attach(_ upstream: UpstreamID, _ connection: ConnectionID) {
        guard let dispatcher = dispatchers[upstream], paths[connection] != nil else {
            return journal.violate("\(upstream) is attached to \(connection), one of which is unknown", at: now)
        }
        dispatchers[upstream]?.awaitsFirst = true
        if engine.registry[upstream]?.isLive == true { dispatchers[upstream]?.moved() }
        let old = paths[connection]?.routes[dispatcher.channel, default: [:]].updateValue(
            upstream, forKey: dispatcher.key)
        if let old { journal.violate("\(upstream) takes the route of \(old) on \(connection)", at: now) }
    }

    private func detach(_ upstream: UpstreamID, _ connection: ConnectionID) {
        guard let dispatcher = dispatchers[upstream] else { return }
        if paths[connection]?.routes[dispatcher.channel]?[dispatcher.key] == upstream {
            paths[connection]?.routes[dispatcher.channel]?[dispatcher.key] = nil
        }
        if !paths.values.contains(where: { $0.routes[dispatcher.channel]?[dispatcher.key] == upstream }) {
            dispatchers[upstream]?.cancelHandover()
        }
    }

    private func endHandover(of upstream: UpstreamID, isLost: Bool) {
        let timeout = plan.engine.answerTimeout
        guard let rest = dispatchers[upstream]?.endHandover(isLost: isLost, at: now, timeout: timeout) else { return }
        if rest.hasGap { announce(.moved, to: upstream) }
        for stamp in rest.stamps { hand(stamp, to: upstream) }
    }

    private func announce(_ reason: Gap.Reason, to upstream: UpstreamID) {
        // Where nothing goes wrong, only what cannot be told apart costs a move a gap.
        if reason == .moved, plan.faultPerMille == 0, dispatchers[upstream]?.isAmbiguous != true {
            journal.violate("\(upstream) has a gap for its move", at: now)
        }
        if let problem = dispatchers[upstream]?.announce(reason) { journal.violate(problem, at: now) }
    }

    // MARK: What arrives

    func frameArrives(_ frame: Frame, on connection: ConnectionID) {
        guard let path = paths[connection], !path.isCut, path.clientEnd != .dialling else { return }
        switch frame {
        case .data(let channel, let key, let text, let stamp): route(channel, key, text, stamp, on: connection)
        case .pong: submit(.frameArrived(connection))
        case .acknowledgement(let kind, let echo):
            if kind == .unsubscribe { venue.limitChecker.ended(echo, on: venueConnection(connection), at: now) }
            submit(.acknowledged(connection, kind, echo: echo))
        case .error(let error):
            if case .alreadyUnsubscribed(let echo) = error {
                venue.limitChecker.ended(echo, on: venueConnection(connection), at: now)
            }
            if case .tooManyPosts(let id, _) = error { postPutOff(PostID(UInt64(id)), on: connection) }
            submit(.errorArrived(connection, error))
        case .post(let id): postAnswered(id, on: connection)
        case .other: break
        }
    }

    private func deliver(_ text: [UInt8], _ stamp: Frame.Stamp?, to upstream: UpstreamID, from connection: ConnectionID)
    {
        let stamp = venue.origins.numbered(stamp, text)
        guard dispatchers[upstream]?.admits(text, stamp, from: connection, at: now) == true else { return }
        hand(stamp, to: upstream)
    }

    private func hand(_ stamp: Frame.Stamp?, to upstream: UpstreamID) {
        if let problem = dispatchers[upstream]?.receive(stamp) { journal.violate(problem, at: now) }
    }

    private func route(
        _ channel: ChannelKey, _ key: RouteKey, _ text: [UInt8], _ stamp: Frame.Stamp?, on connection: ConnectionID
    ) {
        if paths[connection]?.lastReport.map({ $0.duration(to: now) >= .seconds(1) }) ?? true {
            paths[connection]?.lastReport = now
            submit(.frameArrived(connection))
        }
        guard let upstream = paths[connection]?.routes[channel]?[key] else { return }
        if dispatchers[upstream]?.awaitsFirst == true {
            // Before the event, so that a gap comes before it.
            dispatchers[upstream]?.awaitsFirst = false
            submit(.dataArrived(connection, upstream))
        }
        deliver(text, stamp, to: upstream, from: connection)
        if dispatchers[upstream]?.isToReport(at: now) == true { submit(.upstreamTicked(connection, upstream)) }
    }

    func connectionLost(_ connection: ConnectionID, _ reason: CloseReason) {
        venue.limitChecker.lostPosts(on: venueConnection(connection))
        let suspects = venue.limitChecker.lost(venueConnection(connection), window: plan.engine.poisonWindow, at: now)
        guard reason.isAbnormal else { return }
        for request in suspects { deaths[request, default: 0] += 1 }
    }

    private func finish() {
        if !paths.isEmpty { journal.violate("the end comes before \(paths.keys.sorted()) are closed", at: now) }
        isFinished = true
    }

    // MARK: Answers

    private func confirm(_ id: SubscriptionID) {
        guard let subscriber = subscribers[id], !subscriber.isConfirmed else {
            return journal.violate("\(id) is confirmed, which is gone or confirmed", at: now)
        }
        subscribers[id]?.isConfirmed = true
        guard let upstream = engine.registry.subscriptions[id]?.upstream,
            let connection = engine.registry[upstream]?.connection
        else {
            return journal.violate("\(id) is confirmed without a connection", at: now)
        }
        dispatchers[upstream]?.promised(
            venue.origins.start(of: subscriber.offer.request, on: venueConnection(connection)))
    }

    private func fail(_ id: SubscriptionID, _ failure: Engine.Failure) {
        guard let subscriber = subscribers.removeValue(forKey: id) else {
            return journal.violate("\(id) fails, which is gone", at: now)
        }
        left(subscriber)
        let request = subscriber.offer.request
        let verdict = exchange.verdict(on: request)
        let isRight =
            switch failure {
            case .refused: verdict == .refused
            case .poisoned: verdict == .poison || deaths[request, default: 0] >= plan.engine.poisonKillCount
            case .timedOut: !subscriber.isConfirmed && subscriber.deadline.map { $0 <= now } == true
            case .neverFits: false
            case .limitReached: !subscriber.isConfirmed && !subscriber.waitsForLimits
            case .clientEnded: isDraining
            }
        if !isRight { journal.violate("\(request) fails wrongly: \(failure)", at: now) }
    }
}
