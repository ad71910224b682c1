package import HyperliquidWire

/// Finds the ticking feeds that have fallen silent, each judged by its own observed cadence.
///
/// The shell reports only feeds that tick regardless of activity. A feed that may be silent for a good reason is not
/// watched.
package struct StalenessMonitor: Hashable, Sendable {
    private let shortestStaleness: Duration
    private var cadences: [UpstreamID: Cadence] = [:]
    /// The feeds that are live and have not brought a message since, each with the time at which that counts as silence.
    private var awaited: [UpstreamID: Instant] = [:]
    /// How often each feed was asked for again in vain.
    private var renewalCounts: [UpstreamID: Int] = [:]
    /// The time of the next check of each feed.
    private var checks = DeadlineQueue<UpstreamID>()

    package init(configuration: EngineConfiguration) {
        shortestStaleness = configuration.shortestStaleness
    }

    /// The time of the next check; `nil` if no feed is watched.
    package var deadline: Instant? { checks.next }

    /// The longest time for which a first message is awaited.
    private static let longestWait: Duration = .seconds(600)

    /// Notes that a ticking feed is live, and that its first message is due.
    ///
    /// It is awaited for the shortest silence that counts as stale, and for twice as long each time that the feed was
    /// asked for again in vain.
    package mutating func becameLive(_ id: UpstreamID, at now: Instant) {
        let wait = min(
            shortestStaleness * (1 << min(renewalCounts[id] ?? 0, 5)), max(shortestStaleness, Self.longestWait))
        awaited[id] = now.advanced(by: wait)
        checks.set(id, at: now.advanced(by: wait))
    }

    /// Notes that a message of a ticking feed has arrived; reported at most once per second and feed.
    package mutating func ticked(_ id: UpstreamID, at now: Instant) {
        awaited[id] = nil
        renewalCounts[id] = nil
        let before = cadences[id] ?? Cadence()
        var cadence = before
        cadence.heard(at: now)
        cadences[id] = cadence
        // The check is set again when the cadence becomes known, because the earlier check was set for a much later
        // time.
        if before.isEmpty || cadence.isKnown != before.isKnown {
            checks.set(id, at: cadence.staleAt(shortest: shortestStaleness))
        }
    }

    /// Forgets the cadence of a feed that is asked for anew.
    package mutating func reset(_ id: UpstreamID) {
        cadences[id] = nil
        awaited[id] = nil
    }

    /// Forgets a feed that has ended.
    package mutating func forget(_ id: UpstreamID) {
        reset(id)
        renewalCounts[id] = nil
        checks.cancel(id)
    }

    /// Returns a live feed that has fallen silent and forgets its cadence; `nil` if there is none.
    package mutating func popStale(at now: Instant, isLive: (UpstreamID) -> Bool) -> UpstreamID? {
        while let id = checks.popDue(at: now) {
            guard isLive(id), let due = awaited[id] ?? cadences[id]?.staleAt(shortest: shortestStaleness) else {
                continue
            }
            if due <= now {
                reset(id)
                renewalCounts[id, default: 0] += 1
                return id
            }
            checks.set(id, at: due)
        }
        return nil
    }
}

/// How regularly a feed ticks.
package struct Cadence: Hashable, Sendable {
    /// The time of the last message; `nil` before the first one.
    package private(set) var lastHeard: Instant?
    private var intervals: [Duration] = []

    /// The number of intervals after which the cadence counts as known.
    private static let shortestHistory = 3
    /// The number of intervals that are remembered.
    private static let longestHistory = 16
    /// The silence that is tolerated, in multiples of the longest interval.
    private static let tolerance = 4

    package init() {}

    var isEmpty: Bool { lastHeard == nil }

    /// Whether enough intervals were observed.
    var isKnown: Bool { intervals.count >= Self.shortestHistory }

    /// Notes a message.
    package mutating func heard(at now: Instant) {
        if let lastHeard {
            if intervals.count == Self.longestHistory { intervals.removeFirst() }
            intervals.append(lastHeard.duration(to: now))
        }
        lastHeard = now
    }

    /// The time from which silence counts as stale.
    ///
    /// While the cadence is unknown, this is at least 10 min after the last message. Before the first message it is the
    /// end of time.
    ///
    /// - Parameter shortest: The shortest silence that counts as stale.
    package func staleAt(shortest: Duration) -> Instant {
        guard let lastHeard else { return Instant(nanoseconds: .max) }
        guard isKnown, let longest = intervals.max() else {
            return lastHeard.advanced(by: max(shortest * 10, .seconds(600)))
        }
        return lastHeard.advanced(by: max(shortest, longest * Self.tolerance))
    }
}
