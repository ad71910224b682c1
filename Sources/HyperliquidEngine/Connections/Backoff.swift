internal import HyperliquidWire

/// The wait before the next dial: exponential in the number of consecutive failures, with random jitter.
package struct Backoff: Hashable, Sendable {
    private let shortest: Duration
    private let longest: Duration
    /// The number of consecutive failures.
    private(set) package var failureCount = 0

    /// Creates a backoff without failures.
    ///
    /// - Parameters:
    ///   - shortest: The bound of the wait after the first failure; above zero. Each further failure doubles it.
    ///   - longest: The bound that is never exceeded; at least `shortest`.
    package init(shortest: Duration, longest: Duration) {
        precondition(shortest > .zero && longest >= shortest, "the waits must be positive and in order")
        self.shortest = shortest
        self.longest = longest
    }

    /// The present bound of a wait. Each wait is drawn between half of the bound and the whole of it.
    package var bound: Duration {
        let doublings = min(max(failureCount - 1, 0), 20)
        return min(shortest * (1 << doublings), longest)
    }

    /// Counts a failure and returns the wait before the next dial; `draw` is a uniformly random number.
    package mutating func fail(draw: UInt64) -> Duration {
        failureCount += 1
        // The wait is at least half of the bound, so that no client dials again immediately. The random rest spreads
        // the dials of many clients.
        let half = bound.nanoseconds / 2
        return .nanoseconds(half + Int64(draw % UInt64(max(half, 1))))
    }

    /// The wait after a routine close: random and below the shortest bound. It spreads the dials of many clients, and
    /// does not grow with repeated closes.
    package func routine(draw: UInt64) -> Duration {
        .nanoseconds(Int64(draw % UInt64(shortest.nanoseconds)))
    }

    /// Forgets the failures, because a connection has been open long enough.
    package mutating func reset() {
        failureCount = 0
    }
}
