internal import HyperliquidWire

/// Moments of the last minute, counted as time goes by.
struct RecentTimes: Hashable, Sendable {
    private var times: [Instant] = []
    private var start = 0
    private static let window = Duration.seconds(60)

    mutating func append(_ now: Instant) { times.append(now) }

    /// How many there were in the minute before now.
    mutating func count(at now: Instant) -> Int {
        while start < times.count, times[start].advanced(by: Self.window) <= now { start += 1 }
        if start > 1024 {
            times.removeFirst(start)
            start = 0
        }
        return times.count - start
    }
}
