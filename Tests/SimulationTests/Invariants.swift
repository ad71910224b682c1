import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    /// What must hold after every step (docs/architecture.md, "Invariants"). Confusability, limits, deliveries and
    /// answers are judged where they happen; here stands what compares whole states.
    func checkInvariants() {
        if let problem = engine.checkInvariants().first {
            journal.violate("engine: \(problem)", at: now)
        }
        checkRemains()
        checkRoutes()
    }

    /// When the last consumer of an identity has left, nothing of it remains.
    private func checkRemains() {
        let upstreams = Set(engine.registry.upstreams.keys.filter { !engine.mover.isReplacement($0) })
        if Set(deliveries.keys) != upstreams {
            journal.violate(
                "dispatchers \(deliveries.keys.sorted()), upstream subscriptions \(upstreams.sorted())", at: now)
        }
        if Set(subscribers.keys) != Set(engine.registry.subscriptions.keys) {
            journal.violate(
                "subscriber \(subscribers.keys.sorted()), subscriptions \(engine.registry.subscriptions.keys.sorted())",
                at: now)
        }
    }

    /// Each route leads to an upstream subscription that is asked for or live there, and each of those has its route.
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
                    journal.violate("\(upstream) has a route on \(connection) left", at: now)
                }
            }
        }
        let reached = engine.registry.upstreams.values.filter { upstream in
            switch upstream.state {
            case .asked, .live:
                !engine.mover.isReplacement(upstream.id) && engine.pool.kind(of: upstream.id) != .probe
            case .waiting, .leaving: false
            }
        }
        let due = reached.count + engine.mover.switchedHandoverCount
        if routed != due { journal.violate("\(reached.count) are reached by \(routed) routes", at: now) }
    }
}
