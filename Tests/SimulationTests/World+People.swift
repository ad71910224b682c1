import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    /// What people and faults do, one thing at a time.
    func act() {
        guard actionsLeft > 0 else { return }
        if !isStarted, chance.happens(300) { start() }
        if setting.isStormy, chance.happens(plan.faultPerMille) { misfortune() } else { wish() }
        actionsLeft -= 1
        guard actionsLeft > 0 else { return }
        let isQuiet = chance.happens(20)
        let pause = isQuiet ? chance.milliseconds(5000...70_000) : chance.milliseconds(0...plan.pauseMilliseconds)
        timeline.plan(.act, at: now.advanced(by: pause))
    }

    func start() {
        isStarted = true
        for id in claimants.keys { claimants[id]?.start(at: now) }
        for (id, poster) in posters { posters[id]?.deadline = now.advanced(by: poster.patience) }
        submit(.started)
    }

    // MARK: People

    private func wish() {
        switch chance.number(1...13) {
        case 11: postSomething()
        case 12: for _ in 0..<chance.number(1...6) { postSomething() }
        case 13: cancelSomePost()
        case 1...6 where claimants.count < plan.claimLimit: claim(chance.pick(plan.offers))
        case 7: claimAgain()
        case 8: changeMind()
        default: releaseSomebody()
        }
    }

    func claim(_ offer: Offer, patient: Bool = false) {
        lastSubscription += 1
        let id = SubscriptionID(lastSubscription)
        let patiences: [Duration?] = [nil, .seconds(2), .seconds(10), .seconds(60)]
        let patience = patient ? nil : chance.pick(patiences)
        let waits = patient || chance.happens(800)
        // Before the client runs its patience does not begin.
        let deadline = isStarted ? patience.map { now.advanced(by: $0) } : nil
        claimants[id] = Claimant(offer: offer, patience: patience, deadline: deadline, waitsForLimits: waits)
        submit(.claimed(id, offer.request, offer.traits, patience: patience, waitsForLimits: waits))
        if claimants[id] != nil, engine.ledger.claims[id] == nil {
            journal.violate("\(id) was neither taken nor failed", at: now)
        }
    }

    private func claimAgain() {
        guard let id = someClaimant(), let offer = claimants[id]?.offer else { return }
        claim(offer)
    }

    private func someClaimant() -> SubscriptionID? {
        claimants.isEmpty ? nil : chance.pick(claimants.keys.sorted())
    }

    func release(_ id: SubscriptionID) {
        left(claimants.removeValue(forKey: id))
        submit(.released(id))
    }

    /// Whoever comes after the last one to leave has been promised nothing.
    func left(_ claimant: Claimant?) {
        guard let offer = claimant?.offer, !claimants.values.contains(where: { $0.offer == offer }) else { return }
        for wire in sinks.keys where sinks[wire]?.request == offer.request { sinks[wire]?.forgetAll() }
    }

    private func releaseSomebody() {
        if let id = someClaimant() { release(id) }
    }

    /// The race that the venue loses: an end at once followed by a beginning.
    private func changeMind() {
        guard let id = someClaimant(), let offer = claimants[id]?.offer else { return }
        for (other, claimant) in claimants.sorted(by: { $0.key < $1.key }) where claimant.offer == offer {
            release(other)
        }
        claim(offer)
    }

    // MARK: Faults

    private func misfortune() {
        let links = cables.keys.sorted()
        switch chance.number(1...14) {
        case 1: tellExchange(.fault(.expire(chance.pick([.all, .oldest, .newest, .at(1)]))))
        case 2: tellExchange(.fault(.kill(chance.pick([.all, .oldest, .newest, .at(0)]))))
        case 3: tellExchange(.fault(.silence(chance.pick([.oldest, .newest]))))
        case 4: tellExchange(.fault(.stallUpgrades(chance.happens(300))))
        case 5: tellExchange(.fault(.refuseUpgrades(status: chance.happens(300) ? chance.pick([429, 403, 502]) : nil)))
        case 6, 7:
            tellExchange(
                .fault(.delayAnswers(chance.pick([.milliseconds(2), .milliseconds(500), .seconds(4), .seconds(12)]))))
            timeline.plan(.delayEnds, at: now.advanced(by: chance.milliseconds(1000...15_000)))
        case 8, 9: tellExchange(.fault(.dropAcknowledgements(chance.number(1...4))))
        case 10: tellExchange(.fault(.reorderAcknowledgements(chance.happens(500))))
        case 11: tellExchange(.fault(.killAfterSubscribes(chance.number(1...5))))
        case 12, 13: if !links.isEmpty { cut(chance.pick(links), isHalfOpen: chance.happens(400)) }
        default: for link in links where chance.happens(500) { cut(link, isHalfOpen: chance.happens(200)) }
        }
    }

    /// Nothing goes wrong from here on; what went wrong before is found out by the engine.
    func endStorm() {
        setting.isStormy = false
        for fault: FaultAction in [
            .stallUpgrades(false), .refuseUpgrades(status: nil), .delayAnswers(plan.exchange.answerDelay),
            .dropAcknowledgements(0), .reorderAcknowledgements(false), .killAfterSubscribes(.max),
        ] {
            tellExchange(.fault(fault))
        }
    }
}
