internal import HyperliquidWire

extension Engine {
    /// What is inconsistent in the engine's own books; nothing, unless there is a bug. For seeded tests.
    ///
    /// - Parameter sharesAllowance: Whether the allowance counts for other engines too, and is not at hand.
    package func checkInvariants(sharesAllowance: Bool = false) -> [String] {
        var problems: [String] = []
        checkLedger(&problems)
        checkPlaces(&problems)
        checkLinks(&problems)
        if !sharesAllowance { checkCounts(&problems) }
        return problems
    }

    private func checkLedger(_ problems: inout [String]) {
        for claim in ledger.claims.values where ledger[claim.wire]?.claims.contains(claim.id) != true {
            problems.append("claim \(claim.id) hangs in the air")
        }
        for (original, tail) in handovers where shadows[original] == nil || links[tail.old] == nil {
            problems.append("\(original) is handed over by nobody")
        }
        for wire in ledger.wires.values {
            if wire.claims.contains(where: { ledger.claims[$0]?.wire != wire.id }) {
                problems.append("\(wire.id) lists a claim that is gone")
            }
            if let original = wire.shadowOf {
                if shadows[original] != wire.id { problems.append("\(wire.id) is nobody's shadow") }
                continue
            }
            if ledger.wire(of: wire.request) != wire.id { problems.append("\(wire.id) is not found by its identity") }
            switch wire.state {
            case .leaving: break
            case .waiting, .asked, .live:
                if wire.claims.isEmpty { problems.append("\(wire.id) is wanted by nobody and stays") }
            }
        }
    }

    /// Each wire subscription is on its lane and in one queue, or waits for a lane.
    private func checkPlaces(_ problems: inout [String]) {
        for wire in ledger.wires.values {
            let lane = wire.lane.flatMap { self.lane($0) }
            if wire.lane != nil, lane?.members.contains(wire.id) != true {
                problems.append("\(wire.id) is not on its lane")
            }
            let isQueued = lane?.queue.contains(wire.id) == true || lane?.departures.contains(wire.id) == true
            let isAnswerPending = wire.link.map { links[$0]?.answers.isWaiting(for: wire.id) == true }
            switch wire.state {
            case .waiting where lane == nil:
                if unplaced.contains(wire.id) == suspects.contains(wire.id) {
                    problems.append("\(wire.id) waits for no lane, or for two")
                }
            case .waiting: if !isQueued { problems.append("\(wire.id) waits on its lane in no queue") }
            case .leaving:
                if isQueued == (isAnswerPending == true) { problems.append("\(wire.id) leaves for ever, or twice") }
            case .asked, .live:
                if isQueued { problems.append("\(wire.id) is asked for and queued") }
            }
            if case .asked = wire.state, isAnswerPending != true { problems.append("\(wire.id) waits for no answer") }
            if let link = wire.link, links[link]?.lane != wire.lane { problems.append("\(wire.id) is on a wrong link") }
        }
        for lane in lanes {
            let members = lane.members.compactMap { ledger[$0] }
            if members.count != lane.memberCount || members.contains(where: { $0.lane != lane.id }) {
                problems.append("\(lane.id) has members that are elsewhere")
            }
            if Set(members.map(\.conflict)).count < members.count {
                problems.append("\(lane.id) has confusable members")
            }
        }
    }

    private func checkLinks(_ problems: inout [String]) {
        for link in links.values {
            if lane(link.lane)?.link != link.id { problems.append("\(link.id) is not its lane's") }
            for entry in link.answers.pending where ledger[entry.wire]?.link != link.id {
                problems.append("\(link.id) waits for an answer to \(entry.wire), which is elsewhere")
            }
        }
        for lane in lanes where lane.link.map({ links[$0] == nil }) == true {
            problems.append("\(lane.id) has a link that is gone")
        }
    }

    private func checkCounts(_ problems: inout [String]) {
        let placed = ledger.wires.values.filter { $0.lane != nil }
        if allowance.subscriptionCount != placed.count {
            problems.append("\(allowance.subscriptionCount) subscriptions are counted, \(placed.count) have a place")
        }
        if allowance.connectionCount != links.count {
            problems.append("\(allowance.connectionCount) connections are counted, \(links.count) are there")
        }
    }
}
