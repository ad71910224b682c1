internal import HyperliquidEngine

extension ClientCore {
    /// How many errors of a lane are kept for ``ConnectionInfo``.
    private static var keptErrorCount: Int { 4 }

    /// Logs and counts what the shell noticed.
    func notice(_ notice: Notice) {
        log.write(notice)
        metrics.count(notice)
        if case .slowCall = notice { unsafe counters.slowCallCount += 1 }
    }

    /// Logs what the engine noted, and keeps errors for the lane's report.
    func note(_ note: Engine.Note) {
        log.write(note)
        switch note {
        case .linkLost(_, let lane, let reason, _) where !reason.isRoutine: keep("\(reason)", of: lane)
        case .unattributedError(let link, let text), .limitRefusal(let link, let text):
            if let lane = engine.links[link]?.lane { keep(text, of: lane) }
        case .silent(let link):
            if let lane = engine.links[link]?.lane { keep("silent", of: lane) }
        case .stale(let link, let request):
            if let lane = engine.links[link]?.lane { keep("\(request) fell silent", of: lane) }
        case .linkLost, .suspected, .quarantined, .unansweredRequest: break  // Logged; no error of a lane.
        }
    }

    private func keep(_ error: String, of lane: LaneID) {
        laneErrors = laneErrors.filter { engine.lane($0.key) != nil || $0.key == lane }
        laneErrors[lane, default: []].append(error)
        if let count = laneErrors[lane]?.count, count > Self.keptErrorCount { laneErrors[lane]?.removeFirst() }
    }
}
