import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

extension World {
    /// What must hold after every step (DESIGN section 5). Confusability, limits, deliveries and answers are judged
    /// where they happen; here stands what compares whole states.
    func checkInvariants() {
        if let problem = engine.checkInvariants(sharesAllowance: setting.allowance != nil).first {
            journal.violate("engine: \(problem)", at: now)
        }
        checkRemains()
        checkRoutes()
    }

    /// When the last consumer of an identity has left, nothing of it remains.
    private func checkRemains() {
        let wires = Set(engine.ledger.wires.values.filter { $0.shadowOf == nil }.map(\.id))
        if Set(sinks.keys) != wires {
            journal.violate("sinks \(sinks.keys.sorted()), wires \(wires.sorted())", at: now)
        }
        if Set(claimants.keys) != Set(engine.ledger.claims.keys) {
            journal.violate(
                "claimants \(claimants.keys.sorted()), claims \(engine.ledger.claims.keys.sorted())", at: now)
        }
    }

    /// Each route leads to a wire subscription that is asked for or live there, and each of those has its route.
    private func checkRoutes() {
        var routed = 0
        for (link, cable) in cables {
            for wire in cable.routes.values.flatMap(\.values) {
                routed += 1
                switch engine.ledger[wire]?.state {
                case .asked(link, _), .live(link, _): break
                case .live where engine.handovers[wire]?.old == link && engine.handovers[wire]?.isSwitched == true:
                    break
                case .asked, .live, .leaving, .waiting, nil:
                    journal.violate("\(wire) has a route on \(link) left", at: now)
                }
            }
        }
        let reached = engine.ledger.wires.values.filter { wire in
            switch wire.state {
            case .asked, .live: wire.shadowOf == nil && wire.lane.flatMap { engine.lane($0)?.kind } != .probe
            case .waiting, .leaving: false
            }
        }
        let due = reached.count + engine.handovers.values.count { $0.isSwitched }
        if routed != due { journal.violate("\(reached.count) are reached by \(routed) routes", at: now) }
    }
}
