internal import HyperliquidWire

/// Learns the caps of the venue from what it accepts and refuses.
///
/// An error says how many, but never over what they are counted: that shows in what the venue has accepted on one
/// connection and on all of them. The caps count over all clients that share the rate limiter. What other clients hold
/// counts as accepted, because nothing more is known of it.
enum LimitLearning {
    /// How many connections other clients of the address have.
    static func othersConnectionCount(_ pool: ConnectionPool, _ limiter: RateLimiter) -> Int {
        limiter.connectionCount - pool.connectionCount
    }

    private static func othersSubscriptionCount(_ pool: ConnectionPool, _ limiter: RateLimiter) -> Int {
        limiter.subscriptionCount - pool.placedCount
    }

    // MARK: Acceptance

    static func connectionAccepted(_ pool: ConnectionPool, _ limiter: inout RateLimiter) {
        limiter.connectionCap.accepted(pool.openConnectionCount + othersConnectionCount(pool, limiter))
    }

    /// Notes that one more subscription was accepted, before it counts as live.
    static func subscriptionAccepted(
        in registry: SubscriptionRegistry, on pool: ConnectionPool, _ limiter: inout RateLimiter
    ) {
        limiter.subscriptionCap.accepted(registry.liveCount + 1 + othersSubscriptionCount(pool, limiter))
    }

    /// Notes that the first subscription of a user was accepted on a connection, before it counts as live.
    static func userAccepted(
        on connection: ConnectionID?, in registry: SubscriptionRegistry, on pool: ConnectionPool, _ turn: inout Turn
    ) {
        let lingering = turn.limiter.usedUserCount(at: turn.now) { _ in false }
        let others = turn.limiter.usedUserCount(at: turn.now) { user in
            isAccepted(user, in: registry, on: pool) && !registry.hasLive(user: user)
        }
        turn.limiter.userCap.accepted(registry.liveUserCount + 1 + others - lingering)
        guard let connection else { return }
        turn.limiter.connectionUserCap.accepted(userCount(on: connection, in: registry, on: pool, at: turn.now) + 1)
    }

    /// Whether the venue has accepted a user, or the user is another client's.
    private static func isAccepted(
        _ user: String, in registry: SubscriptionRegistry, on pool: ConnectionPool
    ) -> Bool {
        registry.hasLive(user: user)
            || !registry.upstreams.values.contains { $0.feed.user == user && pool.slot(of: $0.id) != nil }
    }

    /// How many users the venue has accepted on a connection, with those that it still counts there.
    private static func userCount(
        on connection: ConnectionID, in registry: SubscriptionRegistry, on pool: ConnectionPool, at now: Instant
    ) -> Int {
        guard let slot = pool.slot(of: connection), let load = pool.load(of: slot) else { return 0 }
        let live = Set(load.members.compactMap { registry[$0] }.filter(\.isLive).compactMap(\.feed.user))
        return load.lingeringCount(beside: live, at: now) + live.count
    }

    // MARK: Refusal

    /// Learns from the refusal of one more user on a connection.
    ///
    /// - Parameter retry: How long a refusal is believed that other clients of the address may have caused.
    static func userRefused(
        _ text: String, on connection: ConnectionID, in registry: SubscriptionRegistry, on pool: ConnectionPool,
        retry: Duration, _ turn: inout Turn
    ) {
        let stated = number(in: text)
        let everywhere = turn.limiter.usedUserCount(at: turn.now) { isAccepted($0, in: registry, on: pool) }
        let here = userCount(on: connection, in: registry, on: pool, at: turn.now)
        if let stated, here >= stated {
            // As many as the venue tracks are on this connection alone.
            turn.limiter.connectionUserCap.refused(beyond: here, stated: stated, at: turn.now)
        } else if let stated, everywhere == stated {
            turn.limiter.userCap.refused(beyond: everywhere, stated: stated, at: turn.now)
        } else if everywhere < stated ?? .max {
            // Others of this address have users too, or the venue counts some that have left longer than expected.
            turn.limiter.userCap.refused(beyond: everywhere, stated: stated, at: turn.now, retryAfter: retry)
        }
        // Else more are accepted than the venue tracks for an address, and fewer are here: it soon passes.
    }

    /// Learns from the refusal of one more subscription.
    ///
    /// - Parameter retry: How long a refusal is believed that other clients of the address may have caused.
    static func subscriptionRefused(
        _ text: String, in registry: SubscriptionRegistry, on pool: ConnectionPool, retry: Duration,
        _ turn: inout Turn
    ) {
        let stated = number(in: text)
        let own = registry.upstreams.values.count { $0.isLive || $0.isLeaving }
        let count = min(own + othersSubscriptionCount(pool, turn.limiter), stated ?? .max)
        // Fewer than the venue tracks: others of this address have some too, or a lost connection still counts.
        let isPassing = stated.map { count < $0 } ?? false
        turn.limiter.subscriptionCap.refused(
            beyond: count, stated: stated, at: turn.now, retryAfter: isPassing ? retry : nil)
    }

    /// Learns from a refused upgrade while other connections are open: they may be all that the venue allows.
    ///
    /// - Parameters:
    ///   - refusalLimit: How many refusals of a slot in a row are believed.
    /// - Returns: Whether the slot has no connection to hope for, so that its feeds are to be placed on others.
    static func connectionRefused(
        _ slot: SlotID, on pool: inout ConnectionPool, refusalLimit: Int, _ turn: inout Turn
    ) -> Bool {
        let others = othersConnectionCount(pool, turn.limiter)
        guard pool.openConnectionCount > 0 || others > 0 else { return false }
        let open = pool.openConnectionCount + others
        guard pool.upgradeRefused(slot) >= refusalLimit else { return false }
        turn.limiter.connectionCap.refused(beyond: open, stated: nil, at: turn.now)
        return pool.slots.count > turn.limiter.connectionCap.limit(at: turn.now) - others
    }

    /// The first number in the venue's words.
    private static func number(in text: String) -> Int? {
        let digits = text.drop { !("0"..."9").contains($0) }.prefix { ("0"..."9").contains($0) }
        return Int(digits)
    }

    // MARK: Use

    /// The limits for placement, as they are believed now; notes when that changes.
    static func placementLimits(
        _ configured: VenueLimits, spareConnectionCount: Int, on pool: ConnectionPool, _ turn: inout Turn
    ) -> VenueLimits {
        var limits = configured
        // Feeds come before a spare connection: it is kept free of what was configured, never of what was learnt.
        let learnt = turn.limiter.connectionCap.limit(at: turn.now) + spareConnectionCount
        let others = othersConnectionCount(pool, turn.limiter)
        limits.connectionCount = max(1, min(limits.connectionCount, learnt) - others)
        if turn.limiter.connectionUserCap.refusal != nil {
            limits.usersPerConnection = turn.limiter.connectionUserCap.limit(at: turn.now)
        }
        turn.wake(at: turn.limiter.connectionCap.nextChange(after: turn.now))
        turn.wake(at: turn.limiter.connectionUserCap.nextChange(after: turn.now))
        return limits
    }
}
