import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// A simulated caller's subscription.
struct SimulatedSubscriber {
    let feed: TestFeed
    /// When the caller stops waiting for the acknowledgement, `nil` if it waits for ever.
    let deadline: Instant?
    /// Whether the caller also waits while a limit is exhausted.
    let waitsForLimits: Bool
    var isConfirmed = false
}

extension World {
    /// Performs one action: a caller acts or a fault is injected. Then schedules the next action.
    func act() {
        guard isActing else { return }
        if !isStarted, random.happens(300) { start() }
        if venue.allowsFaults, plan.breaksHabits, random.happens(plan.habitFaultPerMille) {
            breakHabit()
        } else if venue.allowsFaults, plan.networkFaultPerMille > 0, random.happens(plan.networkFaultPerMille) {
            injectNetworkFault()
        } else if venue.allowsFaults, random.happens(plan.faultPerMille) {
            injectFault()
        } else {
            performCallerAction()
        }
        countAction()
        guard isActing else { return }
        let isQuiet = random.happens(20)
        let pause = isQuiet ? random.milliseconds(5000...70_000) : random.milliseconds(0...plan.pauseMilliseconds)
        timeline.schedule(.act, at: now.advanced(by: pause))
    }

    package func start() {
        isStarted = true
        submit(.started)
    }

    // MARK: Callers

    private func performCallerAction() {
        switch random.number(1...13) {
        case 11: postRandomRequest()
        case 12: for _ in 0..<random.number(1...6) { postRandomRequest() }
        case 13: cancelRandomPost()
        case 1...6 where subscribers.count < plan.subscriberLimit: subscribe(random.pick(plan.feeds))
        case 7: addSubscriber()
        case 8: resubscribe()
        default: unsubscribeRandomSubscriber()
        }
    }

    package func subscribe(_ feed: TestFeed, waitsForever: Bool = false) {
        let timeouts: [Duration?] = [nil, .seconds(2), .seconds(10), .seconds(60)]
        let timeout = waitsForever ? nil : random.pick(timeouts)
        let waits = waitsForever || random.happens(800)
        if plan.keptFeeds?.contains(feed) == false { return }
        lastSubscription += 1
        let id = SubscriptionID(lastSubscription)
        let deadline = timeout.map { now.advanced(by: $0) }
        subscribers[id] = SimulatedSubscriber(feed: feed, deadline: deadline, waitsForLimits: waits)
        submit(.subscribed(id, feed.request, feed.traits, timeout: timeout, waitsForLimits: waits))
        if subscribers[id] != nil, engine.registry.subscriptions[id] == nil {
            journal.violate("\(id) was neither registered nor failed", at: now)
        }
    }

    /// Adds another subscriber to a feed that has one.
    private func addSubscriber() {
        guard let id = randomSubscriber(), let feed = subscribers[id]?.feed else { return }
        subscribe(feed)
    }

    func randomSubscriber() -> SubscriptionID? {
        subscribers.isEmpty ? nil : random.pick(subscribers.keys.sorted())
    }

    func unsubscribe(_ id: SubscriptionID) {
        subscriberLeft(subscribers.removeValue(forKey: id))
        submit(.unsubscribed(id))
    }

    /// A subscriber has left. If it was the last one of its feed, the check of the feed's messages starts again.
    func subscriberLeft(_ subscriber: SimulatedSubscriber?) {
        guard let feed = subscriber?.feed, !subscribers.values.contains(where: { $0.feed == feed }) else { return }
        poisonCostChecker?.ended(feed.request)
        for delivery in deliveries.values where delivery.checker.request == feed.request {
            delivery.checker.lastSubscriberLeft()
            delivery.rowChecker.lastSubscriberLeft()
        }
    }

    private func unsubscribeRandomSubscriber() {
        if let id = randomSubscriber() { unsubscribe(id) }
    }

    /// Ends all subscriptions of a feed and subscribes to it again, before the venue has answered the unsubscribe.
    private func resubscribe() {
        guard let id = randomSubscriber(), let feed = subscribers[id]?.feed else { return }
        for (other, subscriber) in subscribers.sorted(by: { $0.key < $1.key }) where subscriber.feed == feed {
            unsubscribe(other)
        }
        subscribe(feed)
    }

    // MARK: Faults

    private func injectFault() {
        let connections = paths.keys.sorted()
        switch random.number(1...14) {
        case 1: inject(.expire, .expire(random.pick([.all, .oldest, .newest, .at(1)])))
        case 2: inject(.kill, .kill(random.pick([.all, .oldest, .newest, .at(0)])))
        case 3: inject(.silence, .silence(random.pick([.oldest, .newest])))
        case 4: inject(.stallUpgrades, .stallUpgrades(random.happens(300)))
        case 5:
            inject(.refuseUpgrades, .refuseUpgrades(status: random.happens(300) ? random.pick([429, 403, 502]) : nil))
        case 6, 7:
            let delay: Duration = random.pick([.milliseconds(2), .milliseconds(500), .seconds(4), .seconds(12)])
            inject(.delayAnswers, .delayAnswers(delay))
            timeline.schedule(.delayEnds, at: now.advanced(by: random.milliseconds(1000...15_000)))
        case 8, 9: inject(.dropAcknowledgements, .dropAcknowledgements(random.number(1...4)))
        case 10: inject(.reorderAcknowledgements, .reorderAcknowledgements(random.happens(500)))
        case 11: inject(.killAfterSubscribes, .killAfterSubscribes(random.number(1...5)))
        case 12, 13: if !connections.isEmpty { cut(random.pick(connections), isHalfOpen: random.happens(400)) }
        default:
            for connection in connections where random.happens(500) { cut(connection, isHalfOpen: random.happens(200)) }
        }
    }

    /// Injects a fault of the venue unless the plan leaves it out.
    private func inject(_ kind: FaultKind, _ fault: FaultAction) {
        if !plan.leftOutFaults.contains(kind) { venue.cause(fault) }
    }

    /// Ends all faults of the venue. The engine still has to detect and repair earlier ones.
    func stopFaults() {
        venue.allowsFaults = false
        for fault: FaultAction in [
            .stallUpgrades(false), .refuseUpgrades(status: nil), .delayAnswers(plan.exchange.answerDelay),
            .dropAcknowledgements(0), .reorderAcknowledgements(false), .killAfterSubscribes(.max),
        ] {
            venue.cause(fault)
        }
        if plan.breaksHabits { endHabitFaults() }
    }
}
