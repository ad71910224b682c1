internal import HyperliquidWire

/// The invariants between the parts. Each part checks its own tables.
extension Engine {
    /// The inconsistencies of the engine's state; empty unless there is a bug. For seeded tests.
    ///
    /// - Parameter limiter: The rate limiter, if it counts for this engine alone.
    package func checkInvariants(_ limiter: RateLimiter? = nil) -> [String] {
        var problems = registry.checkInvariants() + pool.checkInvariants()
        problems += mover.checkInvariants()
        for upstream in registry.upstreams.values {
            checkSlot(of: upstream, &problems)
            checkWish(for: upstream, &problems)
        }
        for connection in pool.connections {
            for request in connection.pendingRequests.all
            where registry[request.upstream]?.connection != connection.id {
                problems.append("\(connection.id) waits for an answer to \(request.upstream), which is not on it")
            }
        }
        if let limiter { checkCounts(limiter, &problems) }
        return problems
    }

    /// Checks that an upstream subscription has subscribers, replaces one that has, or is being ended.
    private func checkWish(for upstream: UpstreamSubscription, _ problems: inout [String]) {
        if let original = mover.original(of: upstream.id) {
            if registry[original] == nil, !upstream.isLeaving { problems.append("\(upstream.id) has no original") }
            return
        }
        if registry.upstream(of: upstream.request) != upstream.id {
            problems.append("\(upstream.id) is not found by its identity")
        }
        if upstream.subscriptions.isEmpty, !upstream.isLeaving {
            problems.append("\(upstream.id) has no subscribers and is not being ended")
        }
        if let state = mover.handover(of: upstream.id), pool[state.old] == nil {
            problems.append("\(upstream.id) has a handover from a connection that has ended")
        }
    }

    /// Checks that an upstream subscription waits for a slot, is in one queue of its slot, or is on its connection.
    private func checkSlot(of upstream: UpstreamSubscription, _ problems: inout [String]) {
        let id = upstream.id
        let slot = pool.slot(of: id)
        let isQueued = slot.map { sender.isQueued(id, on: $0) } ?? false
        let isAnswerDue = upstream.connection.map { pool.isAnswerDue(to: id, on: $0) == true } ?? false
        switch upstream.state {
        case .waiting where slot == nil:
            if trials.contains(id), !poison.isSuspect(id) {
                problems.append("\(id) waits for a trial and is no suspect")
            }
            if placements.waiting.contains(id) == trials.contains(id) {
                problems.append("\(id) is in no queue for a slot, or in two")
            }
        case .waiting: if !isQueued { problems.append("\(id) waits on its slot but is not queued") }
        case .leaving: if isQueued == isAnswerDue { problems.append("\(id) leaves with no unsubscribe, or with two") }
        case .asked, .live: if isQueued { problems.append("\(id) was sent and is queued too") }
        }
        if case .asked = upstream.state, !isAnswerDue { problems.append("\(id) was sent, but no answer is pending") }
        if let connection = upstream.connection, pool.slot(of: connection) != slot {
            problems.append("\(id) is on the connection of another slot")
        }
    }

    private func checkCounts(_ limiter: RateLimiter, _ problems: inout [String]) {
        if limiter.subscriptionCount != pool.placedCount {
            problems.append("\(limiter.subscriptionCount) subscriptions are counted, \(pool.placedCount) have a slot")
        }
        if limiter.connectionCount != pool.connectionCount {
            problems.append("\(limiter.connectionCount) connections are counted, \(pool.connectionCount) exist")
        }
    }
}
