internal import HyperliquidWire

/// Feeds that tick are judged by their own observed rhythm; those that may rightly be silent never are.
extension Engine {
    /// A message of a live wire subscription came; the shell tells at most once a second.
    mutating func wireHeard(_ link: LinkID, _ id: WireID, at now: Instant) {
        guard var wire = ledger[id], wire.isLive, wire.link == link, wire.ticks else { return }
        let isFirst = wire.rhythm.isEmpty
        let wasKnown = wire.rhythm.isKnown
        wire.rhythm.heard(at: now)
        ledger[id] = wire
        // Set again when the rhythm becomes known: what was set before looked far ahead.
        if isFirst || wire.rhythm.isKnown != wasKnown {
            staleness.set(id, at: wire.rhythm.staleAt(shortest: configuration.shortestStaleness))
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
