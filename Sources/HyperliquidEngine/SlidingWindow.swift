package import HyperliquidWire

/// At most so many events in any span of a given length.
package struct SlidingWindow: Hashable, Sendable {
    package let limit: Int
    private let span: Duration
    private var times: [Instant] = []
    private var oldest = 0

    package init(limit: Int, span: Duration) {
        precondition(limit > 0 && span > .zero, "a window has room and length")
        self.limit = limit
        self.span = span
    }

    /// When the next event may happen: `now`, or later.
    package func nextAllowed(at now: Instant) -> Instant {
        guard times.count == limit else { return now }
        return max(now, times[oldest].advanced(by: span))
    }

    /// Notes an event that was allowed.
    package mutating func spend(at now: Instant) {
        precondition(nextAllowed(at: now) <= now, "nothing is spent beyond a window")
        if times.count < limit {
            times.append(now)
        } else {
            times[oldest] = now
            oldest = (oldest + 1) % limit
        }
    }

    /// How many events lie in the span that ends now.
    package func usedCount(at now: Instant) -> Int {
        times.count { $0.advanced(by: span) > now }
    }
}
