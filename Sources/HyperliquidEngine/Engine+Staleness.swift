internal import HyperliquidWire

/// Feeds that tick are judged by their own observed rhythm; those that may rightly be silent never are.
extension Engine {
    /// A message of a live wire subscription came; the shell tells at most once a second.
    mutating func wireHeard(_ link: LinkID, _ id: WireID, at now: Instant) {
        guard let wire = ledger[id], wire.isLive, wire.link == link, wire.ticks else { return }
        var rhythm = wire.rhythm
        rhythm.heard(at: now)
        ledger.update(id) { $0.rhythm = rhythm }
        // Set again when the rhythm becomes known: what was set before looked far ahead.
        if wire.rhythm.isEmpty || rhythm.isKnown != wire.rhythm.isKnown {
            staleness.set(id, at: rhythm.staleAt(shortest: configuration.shortestStaleness))
        }
    }

    /// Asks again for what has fallen silent.
    mutating func renewStale(at now: Instant, into effects: inout [Effect]) {
        while let id = staleness.popDue(at: now) {
            guard var wire = ledger[id], case .live(let link, _) = wire.state, !wire.rhythm.isEmpty else { continue }
            let due = wire.rhythm.staleAt(shortest: configuration.shortestStaleness)
            guard due <= now else {
                staleness.set(id, at: due)
                continue
            }
            if let shadow = shadows[id] { retreat(shadow, at: now, into: &effects) }
            effects.append(.note(.stale(link, wire.request)))
            effects.append(.detach(id, link))
            wire.pendingGap = wire.pendingGap ?? .stale
            wire.rhythm = Rhythm()
            ledger[id] = wire
            beginLeaving(id, link, at: now)
        }
    }
}
