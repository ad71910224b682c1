import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    /// What people and faults do, one thing at a time.
    func act() {
        guard actionsLeft > 0 else { return }
        if !isStarted, random.happens(300) { start() }
        if venue.isStormy, random.happens(plan.faultPerMille) { misfortune() } else { wish() }
        actionsLeft -= 1
        guard actionsLeft > 0 else { return }
        let isQuiet = random.happens(20)
        let pause = isQuiet ? random.milliseconds(5000...70_000) : random.milliseconds(0...plan.pauseMilliseconds)
        timeline.plan(.act, at: now.advanced(by: pause))
    }

    func start() {
        isStarted = true
        for id in subscribers.keys { subscribers[id]?.start(at: now) }
        for (id, poster) in posters { posters[id]?.deadline = now.advanced(by: poster.timeout) }
        submit(.started)
    }

    // MARK: People

    private func wish() {
        switch random.number(1...13) {
        case 11: postSomething()
        case 12: for _ in 0..<random.number(1...6) { postSomething() }
        case 13: cancelSomePost()
        case 1...6 where subscribers.count < plan.subscriberLimit: subscribe(random.pick(plan.offers))
        case 7: subscribeAgain()
        case 8: changeMind()
        default: releaseSomebody()
        }
    }

    func subscribe(_ offer: Offer, patient: Bool = false) {
        lastSubscription += 1
        let id = SubscriptionID(lastSubscription)
        let timeouts: [Duration?] = [nil, .seconds(2), .seconds(10), .seconds(60)]
        let timeout = patient ? nil : random.pick(timeouts)
        let waits = patient || random.happens(800)
        // Before the client runs its timeout does not begin.
        let deadline = isStarted ? timeout.map { now.advanced(by: $0) } : nil
        subscribers[id] = SimulatedSubscriber(offer: offer, timeout: timeout, deadline: deadline, waitsForLimits: waits)
        submit(.subscribed(id, offer.request, offer.traits, timeout: timeout, waitsForLimits: waits))
        if subscribers[id] != nil, engine.registry.subscriptions[id] == nil {
            journal.violate("\(id) was neither taken nor failed", at: now)
        }
    }

    private func subscribeAgain() {
        guard let id = someSubscriber(), let offer = subscribers[id]?.offer else { return }
        subscribe(offer)
    }

    private func someSubscriber() -> SubscriptionID? {
        subscribers.isEmpty ? nil : random.pick(subscribers.keys.sorted())
    }

    func release(_ id: SubscriptionID) {
        left(subscribers.removeValue(forKey: id))
        submit(.unsubscribed(id))
    }

    /// Whoever comes after the last one to leave has been promised nothing.
    func left(_ subscriber: SimulatedSubscriber?) {
        guard let offer = subscriber?.offer, !subscribers.values.contains(where: { $0.offer == offer }) else { return }
        for delivery in deliveries.values where delivery.judge.request == offer.request { delivery.judge.forgetAll() }
    }

    private func releaseSomebody() {
        if let id = someSubscriber() { release(id) }
    }

    /// The race that the venue loses: an end at once followed by a beginning.
    private func changeMind() {
        guard let id = someSubscriber(), let offer = subscribers[id]?.offer else { return }
        for (other, subscriber) in subscribers.sorted(by: { $0.key < $1.key }) where subscriber.offer == offer {
            release(other)
        }
        subscribe(offer)
    }

    // MARK: Faults

    private func misfortune() {
        let connections = paths.keys.sorted()
        switch random.number(1...14) {
        case 1: tellExchange(.fault(.expire(random.pick([.all, .oldest, .newest, .at(1)]))))
        case 2: tellExchange(.fault(.kill(random.pick([.all, .oldest, .newest, .at(0)]))))
        case 3: tellExchange(.fault(.silence(random.pick([.oldest, .newest]))))
        case 4: tellExchange(.fault(.stallUpgrades(random.happens(300))))
        case 5: tellExchange(.fault(.refuseUpgrades(status: random.happens(300) ? random.pick([429, 403, 502]) : nil)))
        case 6, 7:
            tellExchange(
                .fault(.delayAnswers(random.pick([.milliseconds(2), .milliseconds(500), .seconds(4), .seconds(12)]))))
            timeline.plan(.delayEnds, at: now.advanced(by: random.milliseconds(1000...15_000)))
        case 8, 9: tellExchange(.fault(.dropAcknowledgements(random.number(1...4))))
        case 10: tellExchange(.fault(.reorderAcknowledgements(random.happens(500))))
        case 11: tellExchange(.fault(.killAfterSubscribes(random.number(1...5))))
        case 12, 13: if !connections.isEmpty { cut(random.pick(connections), isHalfOpen: random.happens(400)) }
        default:
            for connection in connections where random.happens(500) { cut(connection, isHalfOpen: random.happens(200)) }
        }
    }

    /// Nothing goes wrong from here on; what went wrong before is found out by the engine.
    func endStorm() {
        venue.isStormy = false
        for fault: FaultAction in [
            .stallUpgrades(false), .refuseUpgrades(status: nil), .delayAnswers(plan.exchange.answerDelay),
            .dropAcknowledgements(0), .reorderAcknowledgements(false), .killAfterSubscribes(.max),
        ] {
            tellExchange(.fault(fault))
        }
    }
}
