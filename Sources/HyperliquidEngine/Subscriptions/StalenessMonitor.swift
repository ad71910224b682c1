package import HyperliquidWire

/// Finds the ticking feeds that have fallen silent, each judged by its own observed cadence.
///
/// The shell reports only feeds that tick regardless of activity. A feed that may be silent for a good reason is not
/// watched.
package struct StalenessMonitor: Hashable, Sendable {
    /// What is done about a silent feed.
    package enum Remedy: Hashable, Sendable {
        /// It is asked for again on its connection.
        case renewal
        /// It is asked for on another connection, because the renewal did not help.
        case otherConnection
    }

    /// What is known of one feed.
    private struct Watch: Hashable, Sendable {
        var cadence = Cadence()
        /// When the absence of a first message counts as silence; `nil` unless the feed is live and has not brought a
        /// message since.
        var awaitedUntil: Instant?
        /// How often it was asked for again since its last message.
        var renewalCount = 0
        /// When its silence began; `nil` while it is heard.
        var silentSince: Instant?
        /// What is to be done once it has left its connection.
        var remedy: Remedy?

        /// Whether it stays silent although it was asked for again, also on another connection.
        var isSilent: Bool { renewalCount > StalenessMonitor.vainRenewalCount }

        mutating func forgetCadence() { (cadence, awaitedUntil) = (Cadence(), nil) }

        func staleAt(shortest: Duration) -> Instant? {
            awaitedUntil ?? (cadence.isEmpty ? nil : cadence.staleAt(shortest: shortest))
        }
    }

    private let shortestStaleness: Duration
    private var watches: [UpstreamID: Watch] = [:]
    /// The time of the next check of each feed.
    private var checks = DeadlineQueue<UpstreamID>()

    package init(configuration: EngineConfiguration) {
        shortestStaleness = configuration.shortestStaleness
    }

    /// The time of the next check; `nil` if no feed is watched.
    package var deadline: Instant? { checks.next }

    /// The longest time for which a first message is awaited.
    private static let longestWait: Duration = .seconds(600)
    /// The number of renewals, the last one on another connection, after which a feed counts as silent.
    fileprivate static let vainRenewalCount = 2

    /// When the silence of a feed began, if it stays silent although it was asked for again, also elsewhere; otherwise
    /// `nil`.
    package func silentSince(_ id: UpstreamID) -> Instant? {
        watches[id].flatMap { $0.isSilent ? $0.silentSince : nil }
    }

    /// The number of feeds that stay silent.
    package var silentCount: Int { watches.values.count { $0.isSilent } }

    /// Notes that a ticking feed is live, and that its first message is due.
    ///
    /// The wait is the shortest silence that counts as stale. Once the feed stays silent, each further wait is twice as
    /// long.
    package mutating func becameLive(_ id: UpstreamID, at now: Instant) {
        var watch = watches[id] ?? Watch()
        let doublings = min(max(watch.renewalCount - Self.vainRenewalCount, 0), 5)
        let wait = min(shortestStaleness * (1 << doublings), max(shortestStaleness, Self.longestWait))
        watch.awaitedUntil = now.advanced(by: wait)
        watch.silentSince = watch.silentSince ?? now
        watches[id] = watch
        checks.set(id, at: now.advanced(by: wait))
    }

    /// Notes that a message of a ticking feed has arrived; reported at most once per second and feed.
    package mutating func ticked(_ id: UpstreamID, at now: Instant) {
        var watch = Watch()
        let before = watches[id]?.cadence ?? Cadence()
        watch.cadence = before
        watch.cadence.heard(at: now)
        watches[id] = watch
        // The check is set again when the cadence becomes known, because the earlier check was set for a much later
        // time.
        if before.isEmpty || watch.cadence.isKnown != before.isKnown {
            checks.set(id, at: watch.cadence.staleAt(shortest: shortestStaleness))
        }
    }

    /// Forgets the cadence of a feed that is asked for anew.
    package mutating func reset(_ id: UpstreamID) {
        watches[id]?.forgetCadence()
        watches[id]?.remedy = nil
    }

    /// Forgets a feed that has ended.
    package mutating func forget(_ id: UpstreamID) {
        watches[id] = nil
        checks.cancel(id)
    }

    /// Returns a live feed that has fallen silent, with what is to be done, and forgets its cadence; `nil` if there is
    /// none.
    package mutating func popStale(at now: Instant, isLive: (UpstreamID) -> Bool) -> (id: UpstreamID, remedy: Remedy)? {
        while let id = checks.popDue(at: now) {
            guard isLive(id), var watch = watches[id], let due = watch.staleAt(shortest: shortestStaleness) else {
                continue
            }
            guard due <= now else {
                checks.set(id, at: due)
                continue
            }
            watch.silentSince = watch.silentSince ?? watch.cadence.lastHeard
            watch.renewalCount += 1
            let remedy: Remedy = watch.renewalCount == Self.vainRenewalCount ? .otherConnection : .renewal
            watch.remedy = remedy
            watch.forgetCadence()
            watches[id] = watch
            return (id, remedy)
        }
        return nil
    }

    /// What is to be done about a silent feed that has left its connection; `nil` for a feed that is not silent. Returned
    /// once.
    package mutating func takeRemedy(of id: UpstreamID) -> Remedy? {
        defer { watches[id]?.remedy = nil }
        return watches[id]?.remedy
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
