internal import HyperliquidWire

/// Clients of one address share its connections: while one waits for one, who can do with fewer gives one up.
extension Engine {
    /// Has the rate limiter count whether this engine waits for a connection that others have.
    mutating func reportWhetherConnectionIsNeeded() {
        let seeks = phase == .running && !rateLimiter.hasConnection && othersConnectionCount > 0 && lacksConnection
        guard seeks != waitsForConnection else { return }
        waitsForConnection = seeks
        if seeks { rateLimiter.beginWaitingForConnection() } else { rateLimiter.endWaitingForConnection() }
    }

    private var lacksConnection: Bool {
        slots.contains { $0.connection == nil && needsConnection($0) }
            || unplaced.contains { if case .waiting(.connectionLimit, _) = registry[$0]?.state { true } else { false } }
    }

    /// Empties a slot whose members find room on the others; its connection is closed as soon as it carries nothing.
    mutating func yieldConnection(at now: Instant) {
        let othersSeek = rateLimiter.waitingClientCount > (waitsForConnection ? 1 : 0)
        guard othersSeek, !rateLimiter.hasConnection, slots.count > 1 else { return }
        for index in slots.indices where !needsConnection(slots[index]) { slots[index].closeSoon() }
        guard moves.isEmpty, rotation == nil, slots.allSatisfy({ !$0.load.isEmpty }) else { return }
        placementMemo.look(at: slots, placement)
        let next = max(movesHeldUntil, placementMemo.keepsAllUntil)
        guard next <= now else {
            if next < Instant(nanoseconds: .max) { nextWork.consider(next) }
            return
        }
        if let moves = placement.emptySlot(among: slots.map(\.load), at: now) {
            self.moves = moves
        } else {
            // Where a user lingers there may be room afterwards.
            let userEnd = slots.compactMap { $0.load.nextUserEnd(at: now) }.min()
            placementMemo.keepsAllUntil = userEnd ?? Instant(nanoseconds: .max)
            nextWork.consider(userEnd)
        }
    }
}
