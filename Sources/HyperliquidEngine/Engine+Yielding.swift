internal import HyperliquidWire

/// Clients of one address share its connections: while one waits for one, who can do with fewer gives one up.
extension Engine {
    /// Has the allowance count whether this engine waits for a connection that others have.
    mutating func tellWhetherConnectionIsSought() {
        let seeks = phase == .running && !allowance.hasConnection && othersConnectionCount > 0 && lacksConnection
        guard seeks != seeksConnection else { return }
        seeksConnection = seeks
        if seeks { allowance.seekConnection() } else { allowance.endSeeking() }
    }

    private var lacksConnection: Bool {
        lanes.contains { $0.link == nil && needsConnection($0) }
            || unplaced.contains { if case .waiting(.connectionLimit, _) = ledger[$0]?.state { true } else { false } }
    }

    /// Empties a lane whose members find room on the others; its connection is closed as soon as it carries nothing.
    mutating func yieldConnection(at now: Instant) {
        let othersSeek = allowance.connectionSeekerCount > (seeksConnection ? 1 : 0)
        guard othersSeek, !allowance.hasConnection, lanes.count > 1 else { return }
        for index in lanes.indices where !needsConnection(lanes[index]) { lanes[index].giveWay() }
        guard moves.isEmpty, rotation == nil, lanes.allSatisfy({ !$0.load.isEmpty }) else { return }
        roomMemo.look(at: lanes, placement)
        let next = max(movesHeldUntil, roomMemo.keepsAllUntil)
        guard next <= now else {
            if next < Instant(nanoseconds: .max) { nextWork.consider(next) }
            return
        }
        if let moves = placement.emptyLane(among: lanes.map(\.load), at: now) {
            self.moves = moves
        } else {
            // Where a user lingers there may be room afterwards.
            let userEnd = lanes.compactMap { $0.load.nextUserEnd(at: now) }.min()
            roomMemo.keepsAllUntil = userEnd ?? Instant(nanoseconds: .max)
            nextWork.consider(userEnd)
        }
    }
}
