package import HyperliquidWire

/// At most so many events in any span of a given length.
package struct SlidingWindow: Hashable, Sendable {
    package let limit: Int
    private let span: Duration
    /// A ring of the newest times.
    private var times: [Instant] = []
    private var oldest = 0

    package init(limit: Int, span: Duration) {
        precondition(limit > 0 && span > .zero, "a window has room and length")
        self.limit = limit
        self.span = span
    }

    /// When the next event may happen, so that `reserve` more still may: `now`, or later.
    package func nextAllowed(at now: Instant, reserving reserve: Int = 0) -> Instant {
        let room = max(1, limit - reserve)
        guard times.count >= room else { return now }
        // The one that lies so far back that it must have left the span.
        let index = times.count < limit ? times.count - room : (oldest + limit - room) % limit
        return max(now, times[index].advanced(by: span))
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
