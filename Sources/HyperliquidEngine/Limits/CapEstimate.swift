package import HyperliquidWire

/// An estimate of one of the venue's caps, with its evidence.
///
/// The configured number is never exceeded. A refusal lowers the estimate to the number that the venue had accepted by
/// then. After a wait, one more is tried; each repeated refusal doubles the wait. So the client does not exceed the cap
/// again and again, yet the estimate recovers when other clients of the IP address have ended.
package struct CapEstimate: Hashable, Sendable {
    /// A refusal by the venue.
    package struct Refusal: Hashable, Sendable {
        /// The number that the venue had accepted when it refused one more; at least 1.
        package fileprivate(set) var acceptedCount: Int
        /// The number in the venue's error text; `nil` if the text has none.
        package let statedCount: Int?
        /// The time at which one more is tried.
        package fileprivate(set) var retryAt: Instant
        fileprivate let wait: Duration
    }

    /// The configured limit, which is never exceeded.
    package let configured: Int
    /// The number in the venue's documentation; `nil` if it states none.
    package let documented: Int?
    /// The largest number that the venue has accepted at the same time.
    package private(set) var acceptedCount = 0
    /// The latest refusal; `nil` if the venue has refused nothing so far.
    package private(set) var refusal: Refusal?
    private let shortestWait: Duration
    private let longestWait: Duration

    /// Creates an estimate without evidence.
    ///
    /// - Parameters:
    ///   - configured: The limit that is never exceeded; at least 0.
    ///   - documented: The number in the venue's documentation, if there is one.
    ///   - shortestWait: How long the first refusal is believed: 10 min by default.
    ///   - longestWait: How long repeated refusals are believed at most: 1 h by default.
    package init(
        configured: Int, documented: Int? = nil, shortestWait: Duration = .seconds(600),
        longestWait: Duration = .seconds(3600)
    ) {
        precondition(
            configured >= 0 && longestWait >= shortestWait,
            "a cap must not be negative, nor the longest wait below the shortest")
        self.configured = configured
        self.documented = documented
        self.shortestWait = shortestWait
        self.longestWait = longestWait
    }

    /// The largest number that may be used at `now`.
    package func limit(at now: Instant) -> Int {
        guard let refusal else { return configured }
        return min(configured, refusal.acceptedCount + (refusal.retryAt <= now ? 1 : 0))
    }

    /// The time at which the limit grows because a refusal is no longer believed; `nil` if it does not grow.
    package func nextChange(after now: Instant) -> Instant? {
        guard let refusal, refusal.retryAt > now, refusal.acceptedCount < configured else { return nil }
        return refusal.retryAt
    }

    /// Notes that the venue has accepted this number at the same time.
    package mutating func accepted(_ count: Int) {
        acceptedCount = max(acceptedCount, count)
        if let refusal, count > refusal.acceptedCount { self.refusal?.acceptedCount = count }
    }

    /// Notes that the venue refused one more.
    ///
    /// - Parameters:
    ///   - count: The number that the venue had accepted by then.
    ///   - stated: The number in the venue's error text, if there is one.
    ///   - now: The present time.
    ///   - first: How long a first refusal is believed; `shortestWait` if `nil`.
    package mutating func refused(beyond count: Int, stated: Int?, at now: Instant, retryAfter first: Duration? = nil) {
        let shortest = first ?? shortestWait
        var wait = shortest
        if let refusal, refusal.acceptedCount == max(1, count) {
            // A refusal before the retry belongs to a request sent before the first refusal was known: no new evidence.
            guard refusal.retryAt <= now else { return }
            wait = min(longestWait, refusal.wait * 2)
        }
        refusal = Refusal(
            acceptedCount: max(1, count), statedCount: stated, retryAt: now.advanced(by: wait), wait: wait)
    }
}
