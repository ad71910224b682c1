internal import HyperliquidEngine

extension ClientCore {
    /// How many errors of a slot are kept for ``ConnectionInfo``.
    private static var keptErrorCount: Int { 4 }

    /// Logs and counts what the shell noticed.
    func notice(_ notice: ClientEvent) {
        log.write(notice)
        metrics.count(notice)
        if case .slowCall = notice { unsafe counters.slowCallCount += 1 }
    }

    /// Logs what the engine noted, and keeps errors for the slot's report.
    func note(_ note: Engine.Note) {
        log.write(note)
        switch note {
        case .connectionLost(_, let slot, let reason, _) where !reason.isRoutine: keep("\(reason)", of: slot)
        case .unattributedError(let connection, let text), .limitRefusal(let connection, let text):
            if let slot = engine.pool.slot(of: connection) { keep(text, of: slot) }
        case .silent(let connection):
            if let slot = engine.pool.slot(of: connection) { keep("silent", of: slot) }
        case .stale(let connection, let request):
            if let slot = engine.pool.slot(of: connection) { keep("\(request) fell silent", of: slot) }
        case .connectionLost, .suspected, .quarantined, .unansweredRequest: break  // Logged; no error of a slot.
        }
    }

    private func keep(_ error: String, of slot: SlotID) {
        slotErrors = slotErrors.filter { engine.pool[$0.key] != nil || $0.key == slot }
        slotErrors[slot, default: []].append(error)
        if let count = slotErrors[slot]?.count, count > Self.keptErrorCount { slotErrors[slot]?.removeFirst() }
    }
}
