package import HyperliquidWire

/// A limit on the number of events in any span of a given length.
package struct SlidingWindow: Hashable, Sendable {
    /// The largest number of events allowed in any span of the window's length.
    package let limit: Int
    private let span: Duration
    /// The times of the newest events. Once there are `limit` of them, the array is used as a ring.
    private var times: [Instant] = []
    /// The index of the oldest time in the ring.
    private var oldest = 0

    package init(limit: Int, span: Duration) {
        precondition(limit > 0 && span > .zero, "a window needs a positive limit and a positive span")
        self.limit = limit
        self.span = span
    }

    /// The earliest time, not before `now`, at which an event may happen such that `reserve` more may still follow.
    package func nextAllowed(at now: Instant, reserving reserve: Int = 0) -> Instant {
        let capacity = max(1, limit - reserve)
        guard times.count >= capacity else { return now }
        // The next event is allowed when this earlier one has left the span.
        let index = times.count < limit ? times.count - capacity : (oldest + limit - capacity) % limit
        return max(now, times[index].advanced(by: span))
    }

    /// Counts an event. Traps if `nextAllowed` is later than `now`.
    package mutating func spend(at now: Instant) {
        precondition(nextAllowed(at: now) <= now, "an event must not exceed the window's limit")
        count(1, at: now)
    }

    /// Counts events, allowed or not. Of more than `limit`, only as many matter.
    package mutating func count(_ number: Int, at now: Instant) {
        for _ in 0..<min(number, limit) {
            if times.count < limit {
                times.append(now)
            } else {
                times[oldest] = now
                oldest = (oldest + 1) % limit
            }
        }
    }

    /// The number of events in the span that ends at `now`.
    package func usedCount(at now: Instant) -> Int {
        times.count { $0.advanced(by: span) > now }
    }
}
