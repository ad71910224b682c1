internal import HyperliquidWire

extension Engine {
    /// What is inconsistent in the engine's own books; nothing, unless there is a bug. For seeded tests.
    ///
    /// - Parameter sharesAllowance: Whether the rate limiter counts for other engines too, and is not at hand.
    package func checkInvariants(sharesRateLimiter: Bool = false) -> [String] {
        var problems: [String] = []
        checkRegistry(&problems)
        checkPlaces(&problems)
        checkConnections(&problems)
        if !sharesRateLimiter { checkCounts(&problems) }
        return problems
    }

    private func checkRegistry(_ problems: inout [String]) {
        for subscription in registry.subscriptions.values
        where registry[subscription.upstream]?.subscriptions.contains(subscription.id) != true {
            problems.append("subscription \(subscription.id) hangs in the air")
        }
        for (original, tail) in handovers where replacements[original] == nil || connections[tail.old] == nil {
            problems.append("\(original) is handed over by nobody")
        }
        for upstream in registry.upstreams.values {
            if upstream.subscriptions.contains(where: { registry.subscriptions[$0]?.upstream != upstream.id }) {
                problems.append("\(upstream.id) lists a subscription that is gone")
            }
            if let original = upstream.replacementOf {
                if replacements[original] != upstream.id { problems.append("\(upstream.id) is nobody's replacement") }
                continue
            }
            if registry.upstream(of: upstream.request) != upstream.id {
                problems.append("\(upstream.id) is not found by its identity")
            }
            switch upstream.state {
            case .leaving: break
            case .waiting, .asked, .live:
                if upstream.subscriptions.isEmpty { problems.append("\(upstream.id) is wanted by nobody and stays") }
            }
        }
    }

    /// Each upstream subscription is on its slot and in one queue, or waits for a slot.
    private func checkPlaces(_ problems: inout [String]) {
        for upstream in registry.upstreams.values {
            let slot = upstream.slot.flatMap { self.slot($0) }
            if upstream.slot != nil, slot?.members.contains(upstream.id) != true {
                problems.append("\(upstream.id) is not on its slot")
            }
            let isQueued =
                slot?.queue.contains(upstream.id) == true || slot?.unsubscribeQueue.contains(upstream.id) == true
            let isAnswerPending = upstream.connection.map {
                connections[$0]?.answers.isWaiting(for: upstream.id) == true
            }
            switch upstream.state {
            case .waiting where slot == nil:
                if unplaced.contains(upstream.id) == suspects.contains(upstream.id) {
                    problems.append("\(upstream.id) waits for no slot, or for two")
                }
            case .waiting: if !isQueued { problems.append("\(upstream.id) waits on its slot in no queue") }
            case .leaving:
                if isQueued == (isAnswerPending == true) { problems.append("\(upstream.id) leaves for ever, or twice") }
            case .asked, .live:
                if isQueued { problems.append("\(upstream.id) is asked for and queued") }
            }
            if case .asked = upstream.state, isAnswerPending != true {
                problems.append("\(upstream.id) waits for no answer")
            }
            if let connection = upstream.connection, connections[connection]?.slot != upstream.slot {
                problems.append("\(upstream.id) is on a wrong connection")
            }
        }
        for slot in slots {
            let members = slot.members.compactMap { registry[$0] }
            if members.count != slot.memberCount || members.contains(where: { $0.slot != slot.id }) {
                problems.append("\(slot.id) has members that are elsewhere")
            }
            if Set(members.map(\.ambiguityKey)).count < members.count {
                problems.append("\(slot.id) has ambiguous members")
            }
        }
    }

    private func checkConnections(_ problems: inout [String]) {
        for connection in connections.values {
            if slot(connection.slot)?.connection != connection.id {
                problems.append("\(connection.id) is not its slot's")
            }
            for entry in connection.answers.pending where registry[entry.upstream]?.connection != connection.id {
                problems.append("\(connection.id) waits for an answer to \(entry.upstream), which is elsewhere")
            }
        }
        for slot in slots where slot.connection.map({ connections[$0] == nil }) == true {
            problems.append("\(slot.id) has a connection that is gone")
        }
    }

    private func checkCounts(_ problems: inout [String]) {
        let placed = registry.upstreams.values.filter { $0.slot != nil }
        if rateLimiter.subscriptionCount != placed.count {
            problems.append("\(rateLimiter.subscriptionCount) subscriptions are counted, \(placed.count) have a place")
        }
        if rateLimiter.connectionCount != connections.count {
            problems.append("\(rateLimiter.connectionCount) connections are counted, \(connections.count) are there")
        }
    }
}
