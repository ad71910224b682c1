internal import HyperliquidWire

/// Feeds that tick are judged by their own observed cadence; those that may rightly be silent never are.
extension Engine {
    /// A message of a live upstream subscription came; the shell tells at most once a second.
    mutating func upstreamTicked(_ connection: ConnectionID, _ id: UpstreamID, at now: Instant) {
        guard let upstream = registry[id], upstream.isLive, upstream.connection == connection, upstream.ticks else {
            return
        }
        var cadence = upstream.cadence
        cadence.heard(at: now)
        registry.update(id) { $0.cadence = cadence }
        // Set again when the cadence becomes known: what was set before looked far ahead.
        if upstream.cadence.isEmpty || cadence.isKnown != upstream.cadence.isKnown {
            staleness.set(id, at: cadence.staleAt(shortest: configuration.shortestStaleness))
        }
    }

    /// Asks again for what has fallen silent.
    mutating func renewStale(at now: Instant, into effects: inout [Effect]) {
        while let id = staleness.popDue(at: now) {
            guard var upstream = registry[id], case .live(let connection, _) = upstream.state, !upstream.cadence.isEmpty
            else { continue }
            let due = upstream.cadence.staleAt(shortest: configuration.shortestStaleness)
            guard due <= now else {
                staleness.set(id, at: due)
                continue
            }
            if let replacement = replacements[id] { retreat(replacement, at: now, into: &effects) }
            effects.append(.note(.stale(connection, upstream.request)))
            effects.append(.detach(id, connection))
            upstream.pendingGap = upstream.pendingGap ?? .stale
            upstream.cadence = Cadence()
            registry[id] = upstream
            beginLeaving(id, connection, at: now)
        }
    }
}
