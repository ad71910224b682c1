package import HyperliquidWire

/// The context of a turn: the time, the rate limiter of this address, and the effects so far.
///
/// The shell owns it, sets `now` before each call and removes the effects afterwards. The rate limiter is no property
/// of an engine, because all clients of a network share one.
package struct Turn: Sendable {
    /// The time of this turn, on the engine's time line.
    package var now: Instant
    /// The rate limiter that all clients of the network share.
    package var limiter: RateLimiter
    /// The effects that the shell performs next, in order.
    package var effects: [Engine.Effect] = []
    /// The earliest time at which more can be done than in this turn; `nil` if only a fact can change that.
    package private(set) var wakeTime: Instant?

    /// Creates the context for one address.
    ///
    /// - Parameters:
    ///   - limits: The limits that all clients of the address keep together.
    ///   - now: The time of the first turn.
    package init(limits: VenueLimits, at now: Instant = .start) {
        self.now = now
        limiter = RateLimiter(limits: limits)
    }

    /// Forgets the wake time of the previous turn.
    package mutating func beginWork() { wakeTime = nil }

    /// Notes a time at which more can be done; the earliest one counts.
    package mutating func wake(at time: Instant?) {
        guard let time else { return }
        wakeTime = wakeTime.map { min($0, time) } ?? time
    }

    /// Returns whether a message may be sent now; if not, notes when one may.
    package mutating func maySendMessage(for urgency: RateLimiter.Urgency = .other) -> Bool {
        isDue(limiter.nextMessage(at: now, for: urgency))
    }

    /// Returns whether a question of this weight may be sent now; if not, notes when one may.
    package mutating func mayAsk(weight: Int) -> Bool {
        isDue(limiter.nextQuestion(weight: weight, at: now))
    }

    private mutating func isDue(_ time: Instant) -> Bool {
        if time > now { wake(at: time) }
        return time <= now
    }

    /// The limit over all connections that keeps an upstream subscription waiting; notes when that may change.
    package mutating func exhaustedLimit(for upstream: UpstreamSubscription) -> WaitReason? {
        guard let (reason, retryAt) = limiter.obstacle(to: upstream, at: now) else { return nil }
        wake(at: retryAt)
        return reason
    }
}
