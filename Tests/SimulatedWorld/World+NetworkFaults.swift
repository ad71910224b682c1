import HyperliquidEngine
import HyperliquidWire

/// Faults of the network and of the client's machine. The exchange has no part in them.
extension World {
    /// What a dial may fail of before it reaches the venue.
    private static let dialFailures = [
        "the name cannot be resolved", "the certificate has expired", "the connection was refused",
        "the network is unreachable",
    ]

    func injectNetworkFault() {
        let connections = paths.keys.sorted()
        switch random.number(1...9) {
        case 1: changeDelays(of: connections)
        case 2, 3: stallOneDirection(of: connections)
        case 4, 5: truncate(connections)
        case 6, 7: slowDown(connections)
        case 8: failDials()
        default: jumpClock()
        }
    }

    /// Changes the delays of all connections, or of some and of those that are dialled later.
    private func changeDelays(of connections: [ConnectionID]) {
        let (latency, jitter) = (random.pick([1, 20, 80, 400, 1500]), random.pick([0, 20, 150, 1000]))
        let affected = random.happens(500) ? connections : connections.filter { _ in random.happens(500) }
        guard !plan.leftOutFaults.contains(.delay) else { return }
        (latencyMilliseconds, jitterMilliseconds) = (latency, jitter)
        for connection in affected {
            paths[connection]?.latency = .milliseconds(latency)
            paths[connection]?.jitterMilliseconds = jitter
        }
    }

    private func stallOneDirection(of connections: [ConnectionID]) {
        let isAtVenue = random.happens(500)
        let until = now.advanced(by: random.milliseconds(200...longestStallMilliseconds))
        let affected = random.happens(300) ? connections : connections.oneAtRandom(&random)
        guard !plan.leftOutFaults.contains(.stall) else { return }
        for connection in affected { paths[connection]?.stall(atVenue: isAtVenue, until: until) }
    }

    /// Shorter than the time for which the client counts the users of a connection that it has closed.
    private var longestStallMilliseconds: Int { 20_000 }

    private func truncate(_ connections: [ConnectionID]) {
        let affected = connections.oneAtRandom(&random)
        guard !plan.leftOutFaults.contains(.truncation) else { return }
        for connection in affected { paths[connection]?.truncatesNext = true }
    }

    private func slowDown(_ connections: [ConnectionID]) {
        let affected = connections.oneAtRandom(&random)
        let slowness = random.milliseconds(100...40_000)
        guard !plan.leftOutFaults.contains(.slowMessage) else { return }
        for connection in affected { paths[connection]?.slowness = slowness }
    }

    private func failDials() {
        let failure = (random.pick(Self.dialFailures), now.advanced(by: random.milliseconds(100...30_000)))
        if !plan.leftOutFaults.contains(.dialFailure) { dialFailure = failure }
    }

    private func jumpClock() {
        let error = Int64(random.number(-90_000...90_000))
        if !plan.leftOutFaults.contains(.clockJump) { clockErrorMilliseconds = error }
    }

    /// Ends all faults of the network but the wrong time of day.
    func stopNetworkFaults() {
        dialFailure = nil
        (latencyMilliseconds, jitterMilliseconds) = (plan.latencyMilliseconds, plan.jitterMilliseconds)
        for connection in paths.keys.sorted() {
            paths[connection]?.latency = .milliseconds(latencyMilliseconds)
            paths[connection]?.jitterMilliseconds = jitterMilliseconds
            paths[connection]?.truncatesNext = false
            paths[connection]?.slowness = .zero
        }
    }
}

extension [ConnectionID] {
    /// One connection at random; none if there is none.
    fileprivate func oneAtRandom(_ random: inout SeededRandom) -> [ConnectionID] {
        isEmpty ? [] : [random.pick(self)]
    }
}
