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
        fileprivate let patience: Duration
    }

    /// What the user, or the cautious default, allows.
    package let configured: Int
    /// What the venue's documentation says, where it says something.
    package let documented: Int?
    /// The most that the venue was seen to accept at once.
    package private(set) var acceptedCount = 0
    /// The last refusal that still counts.
    package private(set) var refusal: Refusal?
    private let shortestPatience: Duration
    private let longestPatience: Duration

    package init(
        configured: Int, documented: Int? = nil, patience: Duration = .seconds(600),
        longestPatience: Duration = .seconds(3600)
    ) {
        precondition(configured >= 0 && longestPatience >= patience, "a cap is a count, and patience grows")
        self.configured = configured
        self.documented = documented
        shortestPatience = patience
        self.longestPatience = longestPatience
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
    /// - Parameter patience: How long that is believed at first, where the usual time is too long.
    package mutating func refused(beyond count: Int, stated: Int?, at now: Instant, patience first: Duration? = nil) {
        let shortest = first ?? shortestPatience
        var patience = shortest
        if let refusal, refusal.acceptedCount == max(1, count) {
            // What was asked for before the first refusal was known tells nothing new.
            guard refusal.retryAt <= now else { return }
            patience = min(longestPatience, refusal.patience * 2)
        }
        refusal = Refusal(
            acceptedCount: max(1, count), statedCount: stated, retryAt: now.advanced(by: patience), patience: patience)
    }
}
