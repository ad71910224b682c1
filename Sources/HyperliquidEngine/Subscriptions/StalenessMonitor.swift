package import HyperliquidWire

/// Finds the feeds that have fallen silent: each is judged by its own observed cadence.
///
/// Only feeds that tick whatever happens are watched; a feed that may rightly be silent is never reported here.
package struct StalenessMonitor: Hashable, Sendable {
    private let shortestStaleness: Duration
    private var cadences: [UpstreamID: Cadence] = [:]
    /// When each is looked at next.
    private var checks = DeadlineQueue<UpstreamID>()

    package init(configuration: EngineConfiguration) {
        shortestStaleness = configuration.shortestStaleness
    }

    /// When the next feed is looked at.
    package var deadline: Instant? { checks.next }

    /// Notes that a message of a ticking feed has arrived; reported at most once per second and feed.
    package mutating func ticked(_ id: UpstreamID, at now: Instant) {
        let before = cadences[id] ?? Cadence()
        var cadence = before
        cadence.heard(at: now)
        cadences[id] = cadence
        // Set again when the cadence becomes known: what was set before looked far ahead.
        if before.isEmpty || cadence.isKnown != before.isKnown {
            checks.set(id, at: cadence.staleAt(shortest: shortestStaleness))
        }
    }

    /// Forgets the cadence of a feed that is asked for anew or has ended.
    package mutating func reset(_ id: UpstreamID) { cadences[id] = nil }

    /// Takes a live feed that has fallen silent; its cadence is observed anew.
    package mutating func popStale(at now: Instant, isLive: (UpstreamID) -> Bool) -> UpstreamID? {
        while let id = checks.popDue(at: now) {
            guard let cadence = cadences[id], isLive(id) else { continue }
            let due = cadence.staleAt(shortest: shortestStaleness)
            if due <= now {
                cadences[id] = nil
                return id
            }
            checks.set(id, at: due)
        }
        return nil
    }
}

/// How regularly a feed ticks.
package struct Cadence: Hashable, Sendable {
    /// When it was heard last; `nil` before the first time.
    package private(set) var lastHeard: Instant?
    private var intervals: [Duration] = []

    /// How many intervals must have been seen before a cadence is believed, and how many are remembered.
    private static let shortestHistory = 3
    private static let longestHistory = 16
    /// How many times its longest interval a feed may be silent.
    private static let tolerance = 4

    package init() {}

    var isEmpty: Bool { lastHeard == nil }

    /// Whether enough was heard to believe it.
    var isKnown: Bool { intervals.count >= Self.shortestHistory }

    package mutating func heard(at now: Instant) {
        if let lastHeard {
            if intervals.count == Self.longestHistory { intervals.removeFirst() }
            intervals.append(lastHeard.duration(to: now))
        }
        lastHeard = now
    }

    /// When silence means that something is wrong. While the cadence is unknown, a time far ahead at which more is
    /// known; the end of time before the first message.
    ///
    /// - Parameter shortest: The shortest silence that counts.
    package func staleAt(shortest: Duration) -> Instant {
        guard let lastHeard else { return Instant(nanoseconds: .max) }
        guard isKnown, let longest = intervals.max() else {
            return lastHeard.advanced(by: max(shortest * 10, .seconds(600)))
        }
        return lastHeard.advanced(by: max(shortest, longest * Self.tolerance))
    }
}
