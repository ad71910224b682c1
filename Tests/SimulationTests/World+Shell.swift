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
            var effects: [Engine.Effect] = []
            setting.lend(to: self) { engine.advance(at: now, into: &effects) }
            for effect in effects { perform(effect) }
        } while !inputs.isEmpty
        isStepping = false
    }

    private func takeInputs() {
        var position = 0
        while position < inputs.count {
            let input = inputs[position]
            position += 1
            journal.note("-> \(input.journalText)", at: now)
            var effects: [Engine.Effect] = []
            setting.lend(to: self) { if engine.take(input, at: now, into: &effects) { owesAdvance = true } }
            if case .claimed(let id, _, _, _, _) = input { bind(id) }
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
        journal.note("<- \(effect.journalText)", at: now)
        if isFinished { journal.violate("\(effect) after the end", at: now) }
        setting.noteWork()
        switch effect {
        case .dial(let link, let endpoint): dial(link, endpoint)
        case .close(let link): close(link)
        case .send(let link, let message): send(message, on: link)
        case .attach(let wire, let link): attach(wire, link)
        case .detach(let wire, let link): detach(wire, link)
        case .beginHandover(let wire, let link): sinks[wire]?.beginHandover(from: link)
        case .endHandover(let wire, let isLost): endHandover(of: wire, isLost: isLost)
        case .cancelHandover(let wire): sinks[wire]?.cancelHandover()
        case .expectReplay(let wire):
            if sinks[wire] == nil { journal.violate("\(wire) expects a replay and is unknown", at: now) }
        case .confirm(let id): confirm(id)
        case .fail(let id, let failure): fail(id, failure)
        case .announceGap(let wire, let reason): announce(reason, to: wire)
        case .forget(let wire):
            if sinks.removeValue(forKey: wire) == nil { journal.violate("\(wire) is forgotten twice", at: now) }
        case .sendPost(let link, let id): sendPost(id, on: link)
        case .failPost(let id, let failure): failPost(id, failure)
        case .note: break
        case .finish: finish()
        }
    }

    /// Joins a new claimant to its wire subscription, before anything is performed for it.
    private func bind(_ id: SubscriptionID) {
        guard let wire = engine.ledger.claims[id]?.wire, let claimant = claimants[id] else { return }
        if sinks[wire] == nil { sinks[wire] = Sink(claimant.offer) }
    }

    // MARK: Routes

    private func attach(_ wire: WireID, _ link: LinkID) {
        guard let sink = sinks[wire], cables[link] != nil else {
            return journal.violate("\(wire) is attached to \(link), one of which is unknown", at: now)
        }
        sinks[wire]?.awaitsFirst = true
        if engine.ledger[wire]?.isLive == true { sinks[wire]?.moved() }
        let old = cables[link]?.routes[sink.channel, default: [:]].updateValue(wire, forKey: sink.key)
        if let old { journal.violate("\(wire) takes the route of \(old) on \(link)", at: now) }
    }

    private func detach(_ wire: WireID, _ link: LinkID) {
        guard let sink = sinks[wire] else { return }
        if cables[link]?.routes[sink.channel]?[sink.key] == wire { cables[link]?.routes[sink.channel]?[sink.key] = nil }
        if !cables.values.contains(where: { $0.routes[sink.channel]?[sink.key] == wire }) {
            sinks[wire]?.cancelHandover()
        }
    }

    private func endHandover(of wire: WireID, isLost: Bool) {
        let patience = plan.engine.answerTimeout
        guard let rest = sinks[wire]?.endHandover(isLost: isLost, at: now, patience: patience) else { return }
        if rest.hasGap { announce(.moved, to: wire) }
        for stamp in rest.stamps { hand(stamp, to: wire) }
    }

    private func announce(_ reason: Gap.Reason, to wire: WireID) {
        // Where nothing goes wrong, only what cannot be told apart costs a move a gap.
        if reason == .moved, plan.faultPerMille == 0, sinks[wire]?.isAmbiguous != true {
            journal.violate("\(wire) has a gap for its move", at: now)
        }
        if let problem = sinks[wire]?.announce(reason) { journal.violate(problem, at: now) }
    }

    // MARK: What arrives

    func frameArrives(_ frame: Frame, on link: LinkID) {
        guard let cable = cables[link], !cable.isCut, cable.clientEnd != .dialling else { return }
        switch frame {
        case .data(let channel, let key, let text, let stamp): route(channel, key, text, stamp, on: link)
        case .pong: submit(.frameArrived(link))
        case .acknowledgement(let kind, let echo):
            if kind == .unsubscribe { setting.books.ended(echo, on: venueLink(link), at: now) }
            submit(.acknowledged(link, kind, echo: echo))
        case .error(let error):
            if case .alreadyUnsubscribed(let echo) = error { setting.books.ended(echo, on: venueLink(link), at: now) }
            if case .tooManyPosts(let id, _) = error { postPutOff(PostID(UInt64(id)), on: link) }
            submit(.errorArrived(link, error))
        case .post(let id): postAnswered(id, on: link)
        case .other: break
        }
    }

    private func deliver(_ text: [UInt8], _ stamp: Frame.Stamp?, to wire: WireID, from link: LinkID) {
        let stamp = setting.origins.numbered(stamp, text)
        guard sinks[wire]?.admits(text, stamp, from: link, at: now) == true else { return }
        hand(stamp, to: wire)
    }

    private func hand(_ stamp: Frame.Stamp?, to wire: WireID) {
        if let problem = sinks[wire]?.receive(stamp) { journal.violate(problem, at: now) }
    }

    private func route(
        _ channel: ChannelKey, _ key: RouteKey, _ text: [UInt8], _ stamp: Frame.Stamp?, on link: LinkID
    ) {
        if cables[link]?.lastReport.map({ $0.duration(to: now) >= .seconds(1) }) ?? true {
            cables[link]?.lastReport = now
            submit(.frameArrived(link))
        }
        guard let wire = cables[link]?.routes[channel]?[key] else { return }
        if sinks[wire]?.awaitsFirst == true {
            // Before the event, so that a gap comes before it.
            sinks[wire]?.awaitsFirst = false
            submit(.dataArrived(link, wire))
        }
        deliver(text, stamp, to: wire, from: link)
        if sinks[wire]?.isToReport(at: now) == true { submit(.wireHeard(link, wire)) }
    }

    func lostLink(_ link: LinkID, _ reason: CloseReason) {
        setting.books.lostPosts(on: venueLink(link))
        let suspects = setting.books.lost(venueLink(link), window: plan.engine.poisonWindow, at: now)
        guard reason.isAbnormal else { return }
        for request in suspects { deaths[request, default: 0] += 1 }
    }

    private func finish() {
        if !cables.isEmpty { journal.violate("the end comes before \(cables.keys.sorted()) are closed", at: now) }
        isFinished = true
    }

    // MARK: Answers

    private func confirm(_ id: SubscriptionID) {
        guard let claimant = claimants[id], !claimant.isConfirmed else {
            return journal.violate("\(id) is confirmed, which is gone or confirmed", at: now)
        }
        claimants[id]?.isConfirmed = true
        guard let wire = engine.ledger.claims[id]?.wire, let link = engine.ledger[wire]?.link else {
            return journal.violate("\(id) is confirmed without a link", at: now)
        }
        sinks[wire]?.promised(setting.origins.start(of: claimant.offer.request, on: venueLink(link)))
    }

    private func fail(_ id: SubscriptionID, _ failure: Engine.Failure) {
        guard let claimant = claimants.removeValue(forKey: id) else {
            return journal.violate("\(id) fails, which is gone", at: now)
        }
        left(claimant)
        let request = claimant.offer.request
        let verdict = exchange.verdict(on: request)
        let isRight =
            switch failure {
            case .refused: verdict == .refused
            case .poisoned: verdict == .poison || deaths[request, default: 0] >= plan.engine.poisonKillCount
            case .timedOut: !claimant.isConfirmed && claimant.deadline.map { $0 <= now } == true
            case .neverFits: false
            case .limitReached: !claimant.isConfirmed && !claimant.waitsForLimits
            case .clientEnded: isDraining
            }
        if !isRight { journal.violate("\(request) fails wrongly: \(failure)", at: now) }
    }
}
