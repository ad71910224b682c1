package import HyperliquidWire

/// Decides when a feed whose changes have no base is subscribed to again.
///
/// A subscribe brings a new base, so the first loss is mended at once. If the base is lost again and again, for example
/// because the venue sends a full state that cannot be read, the waits double from one loss to the next.
package struct BaseLossBackoff: Hashable, Sendable {
    /// The renewals of one feed.
    private struct Renewals: Hashable, Sendable {
        /// How long the next renewal waits after the last one.
        var wait: Duration
        var last: Instant
    }

    /// The wait after the first renewal.
    private let shortestWait: Duration
    /// The longest wait: 5 min.
    private static let longestWait: Duration = .seconds(300)
    private var renewals: [UpstreamID: Renewals] = [:]
    /// The renewals that wait for their time.
    private var due = DeadlineQueue<UpstreamID>()

    package init(configuration: EngineConfiguration) {
        shortestWait = configuration.answerTimeout
    }

    /// The time of the next renewal that waits; `nil` if none does.
    package var deadline: Instant? { due.next }

    /// Notes that a live feed has lost its base. Returns whether it is renewed now; otherwise ``popDue(at:)`` returns it
    /// once its wait is over.
    ///
    /// A base that holds for twice as long as the next wait makes the waits short again.
    package mutating func lost(_ id: UpstreamID, at now: Instant) -> Bool {
        guard let earlier = renewals[id], now < earlier.last.advanced(by: earlier.wait * 2) else {
            renewals[id] = Renewals(wait: shortestWait, last: now)
            due.cancel(id)
            return true
        }
        let time = earlier.last.advanced(by: earlier.wait)
        guard time <= now else {
            due.set(id, at: time)
            return false
        }
        renewed(id, earlier, at: now)
        return true
    }

    /// Returns a feed whose renewal is due; `nil` if there is none.
    package mutating func popDue(at now: Instant) -> UpstreamID? {
        guard let id = due.popDue(at: now), let earlier = renewals[id] else { return nil }
        renewed(id, earlier, at: now)
        return id
    }

    private mutating func renewed(_ id: UpstreamID, _ earlier: Renewals, at now: Instant) {
        renewals[id] = Renewals(wait: min(earlier.wait * 2, max(shortestWait, Self.longestWait)), last: now)
        due.cancel(id)
    }

    /// Cancels a renewal that waits, because the feed is asked for again for another reason.
    package mutating func cancel(_ id: UpstreamID) { due.cancel(id) }

    /// Forgets a feed that has ended.
    package mutating func forget(_ id: UpstreamID) {
        renewals[id] = nil
        due.cancel(id)
    }
}
