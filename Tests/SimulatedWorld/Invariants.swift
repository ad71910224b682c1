import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    /// Checks the consistency between the parts after every step (docs/architecture.md, "Invariants"). Ambiguity,
    /// limits, deliveries and answers are checked when they change.
    ///
    /// The engine, its routes and its subscribers change only when the engine has a turn, and the counts of the
    /// deliveries only when an event is delivered. Otherwise they need no check.
    ///
    /// - Parameter isFull: Whether everything is checked, so that the rule above is checked too.
    func checkInvariants(isFull: Bool) {
        if isChanged || isFull { checkEngine() }
        isChanged = false
        guard isFull || checkedEventCount != eventCounter.count else { return }
        checkedEventCount = eventCounter.count
        for delivery in deliveries.values {
            if let problem = delivery.accountingProblem { journal.violate(problem, at: now) }
        }
    }

    private func checkEngine() {
        if let problem = engine.checkInvariants().first {
            journal.violate("engine: \(problem)", at: now)
        }
        if let problem = poisonCostChecker?.problem(at: now) { journal.violate(problem, at: now) }
        checkTimeouts()
        checkRemoval()
        checkRoutes()
    }

    /// No caller waits for longer than its timeout.
    private func checkTimeouts() {
        // At the latest, the engine acts at the end of a read.
        let latest = now.advanced(by: .milliseconds(-plan.readMilliseconds))
        for (id, subscriber) in subscribers where !subscriber.isConfirmed && isOver(subscriber.deadline, latest) {
            journal.violate("\(id) of \(subscriber.feed.request) waits for longer than its timeout", at: now)
        }
        for (id, post) in posts where isOver(post.deadline, latest) {
            journal.violate("\(id) waits for longer than its timeout", at: now)
        }
    }

    private func isOver(_ deadline: Instant?, _ latest: Instant) -> Bool { deadline.map { $0 < latest } == true }

    /// There is one dispatcher per upstream subscription, and one subscriber per subscription. So nothing of an
    /// identity is left after its last subscriber.
    private func checkRemoval() {
        let upstreams = Set(engine.registry.upstreams.keys.filter { !engine.mover.isReplacement($0) })
        if Set(deliveries.keys) != upstreams {
            journal.violate(
                "dispatchers \(deliveries.keys.sorted()), upstream subscriptions \(upstreams.sorted())", at: now)
        }
        if Set(subscribers.keys) != Set(engine.registry.subscriptions.keys) {
            let subscriptions = engine.registry.subscriptions.keys.sorted()
            journal.violate("subscribers \(subscribers.keys.sorted()), subscriptions \(subscriptions)", at: now)
        }
    }

    /// Each route belongs to an upstream subscription that is asked for or live on the connection, and each of these
    /// has a route.
    private func checkRoutes() {
        var routed = 0
        for (upstream, delivery) in deliveries {
            for connection in delivery.dispatcher.connections {
                routed += 1
                switch engine.registry[upstream]?.state {
                case .asked(connection, _), .live(connection, _): break
                case .live
                where engine.mover.handover(of: upstream)?.old == connection
                    && engine.mover.handover(of: upstream)?.isSwitched == true:
                    break
                case .asked, .live, .leaving, .waiting, nil:
                    journal.violate("\(upstream) still has a route on \(connection)", at: now)
                }
            }
        }
        let reached = engine.registry.upstreams.values.filter { upstream in
            switch upstream.state {
            case .asked, .live: engine.isDelivered(upstream.id)
            case .waiting, .leaving: false
            }
        }
        let due = reached.count + engine.mover.switchedHandoverCount
        if routed != due { journal.violate("there are \(routed) routes, but \(due) are expected", at: now) }
    }
}
