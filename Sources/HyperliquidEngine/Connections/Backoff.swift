internal import HyperliquidWire

/// How long to wait before the next dial: exponential with full jitter, by failures in a row.
package struct Backoff: Hashable, Sendable {
    private let shortest: Duration
    private let longest: Duration
    private(set) package var failureCount = 0

    package init(shortest: Duration, longest: Duration) {
        precondition(shortest > .zero && longest >= shortest, "the longest wait is not below the shortest")
        self.shortest = shortest
        self.longest = longest
    }

    /// The bound that the failures so far have reached; waits lie between its half and itself.
    package var bound: Duration {
        let doublings = min(max(failureCount - 1, 0), 20)
        return min(shortest * (1 << doublings), longest)
    }

    /// Counts a failure and gives the wait that follows it; `draw` is uniformly random.
    package mutating func fail(draw: UInt64) -> Duration {
        failureCount += 1
        // At least half of the bound, so that many clients spread without any dialling at once.
        let half = bound.nanoseconds / 2
        return .nanoseconds(half + Int64(draw % UInt64(max(half, 1))))
    }

    /// The wait after a close that is routine: only the spread, no growth.
    package func routine(draw: UInt64) -> Duration {
        .nanoseconds(Int64(draw % UInt64(shortest.nanoseconds)))
    }

    /// The connection has proved itself: earlier failures no longer count.
    package mutating func reset() {
        failureCount = 0
    }
}
