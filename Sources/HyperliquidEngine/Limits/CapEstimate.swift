package import HyperliquidWire

/// What is believed of one of the venue's caps, with the evidence.
///
/// What was configured is never passed. A refusal lowers the estimate to what the venue had accepted by then; only
/// after a while is one more tried, ever more rarely, so that a cap is neither passed again and again nor believed
/// for ever when others have left the address.
package struct CapEstimate: Hashable, Sendable {
    /// A refusal by the venue.
    package struct Refusal: Hashable, Sendable {
        /// How many the venue had accepted when it refused one more.
        package fileprivate(set) var acceptedCount: Int
        /// The number in the venue's words, if there was one.
        package let statedCount: Int?
        /// When one more is tried.
        package fileprivate(set) var retryAt: Instant
        fileprivate let wait: Duration
    }

    /// What the user, or the cautious default, allows.
    package let configured: Int
    /// What the venue's documentation says, where it says something.
    package let documented: Int?
    /// The most that the venue was seen to accept at once.
    package private(set) var acceptedCount = 0
    /// The last refusal that still counts.
    package private(set) var refusal: Refusal?
    private let shortestWait: Duration
    private let longestWait: Duration

    package init(
        configured: Int, documented: Int? = nil, shortestWait: Duration = .seconds(600),
        longestWait: Duration = .seconds(3600)
    ) {
        precondition(
            configured >= 0 && longestWait >= shortestWait,
            "a cap is a count, and the longest wait is not below the shortest")
        self.configured = configured
        self.documented = documented
        self.shortestWait = shortestWait
        self.longestWait = longestWait
    }

    /// How many may be had at once.
    package func limit(at now: Instant) -> Int {
        guard let refusal else { return configured }
        return min(configured, refusal.acceptedCount + (refusal.retryAt <= now ? 1 : 0))
    }

    /// When the limit grows though nothing happens.
    package func nextChange(after now: Instant) -> Instant? {
        guard let refusal, refusal.retryAt > now, refusal.acceptedCount < configured else { return nil }
        return refusal.retryAt
    }

    /// The venue has so many.
    package mutating func accepted(_ count: Int) {
        acceptedCount = max(acceptedCount, count)
        if let refusal, count > refusal.acceptedCount { self.refusal?.acceptedCount = count }
    }

    /// The venue refused one more than it had.
    /// - Parameter first: How long the refusal is believed at first, where the usual time is too long.
    package mutating func refused(beyond count: Int, stated: Int?, at now: Instant, retryAfter first: Duration? = nil) {
        let shortest = first ?? shortestWait
        var wait = shortest
        if let refusal, refusal.acceptedCount == max(1, count) {
            // What was asked for before the first refusal was known tells nothing new.
            guard refusal.retryAt <= now else { return }
            wait = min(longestWait, refusal.wait * 2)
        }
        refusal = Refusal(
            acceptedCount: max(1, count), statedCount: stated, retryAt: now.advanced(by: wait), wait: wait)
    }
}
