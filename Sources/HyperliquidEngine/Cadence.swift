package import HyperliquidWire

/// How regularly a feed ticks.
package struct Cadence: Hashable, Sendable {
    /// When it was heard last; nothing before the first time.
    package private(set) var lastHeard: Instant?
    private var intervals: [Duration] = []

    /// So many intervals must have been seen before a cadence is believed, and so many are remembered.
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

    /// When its silence means that something is wrong; never, while its cadence is unknown.
    package func staleAt(shortest: Duration) -> Instant {
        guard let lastHeard else { return Instant(nanoseconds: .max) }
        guard isKnown, let longest = intervals.max() else {
            // Looked at again then, when more is known.
            return lastHeard.advanced(by: max(shortest * 10, .seconds(600)))
        }
        return lastHeard.advanced(by: max(shortest, longest * Self.tolerance))
    }
}
