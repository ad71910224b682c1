package import HyperliquidWire

/// Learns the venue's caps from the requests that it accepts and refuses.
///
/// An error text states a number but not whether it is counted per connection or per address. The numbers that the
/// venue has accepted on this connection and on all of them show which. The caps count over all clients that share the
/// rate limiter. Everything that other clients hold counts as accepted, because this client cannot know more about it.
package enum LimitLearning {
    /// The number of connections that other clients of the same rate limiter have.
    package static func othersConnectionCount(_ pool: ConnectionPool, _ limiter: RateLimiter) -> Int {
        limiter.connectionCount - pool.connectionCount
    }

    /// The number of subscriptions that other clients of the same rate limiter have.
    private static func othersSubscriptionCount(_ pool: ConnectionPool, _ limiter: RateLimiter) -> Int {
        limiter.subscriptionCount - pool.placedCount
    }

    // MARK: Acceptance

    /// Notes that the venue accepted a connection; called after the connection counts as open.
    package static func connectionAccepted(_ pool: ConnectionPool, _ limiter: inout RateLimiter) {
        limiter.accepted(pool.openConnectionCount + othersConnectionCount(pool, limiter), \.connectionCap)
    }

    /// Notes that the venue accepted one more subscription; called before the subscription counts as live.
    package static func subscriptionAccepted(
        in registry: SubscriptionRegistry, on pool: ConnectionPool, _ limiter: inout RateLimiter
    ) {
        limiter.accepted(registry.liveCount + 1 + othersSubscriptionCount(pool, limiter), \.subscriptionCap)
    }

    /// Notes that the venue accepted the first subscription of a user on a connection; called before the subscription
    /// counts as live.
    package static func userAccepted(
        on connection: ConnectionID?, in registry: SubscriptionRegistry, on pool: ConnectionPool, _ turn: inout Turn
    ) {
        let lingering = turn.limiter.usedUserCount(at: turn.now) { _ in false }
        let others = turn.limiter.usedUserCount(at: turn.now) { user in
            isAccepted(user, in: registry, on: pool) && !registry.hasLive(user: user)
        }
        turn.limiter.accepted(registry.liveUserCount + 1 + others - lingering, \.userCap)
        guard let connection else { return }
        let count = userCount(on: connection, in: registry, on: pool, at: turn.now) + 1
        turn.limiter.accepted(count, \.connectionUserCap)
    }

    /// Whether the venue has accepted a user, or the user belongs to another client.
    private static func isAccepted(
        _ user: String, in registry: SubscriptionRegistry, on pool: ConnectionPool
    ) -> Bool {
        registry.hasLive(user: user)
            || !registry.upstreams.values.contains { $0.feed.user == user && pool.slot(of: $0.id) != nil }
    }

    /// The number of users that the venue has accepted on a connection, including those that linger there.
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
    /// - Parameter retry: How long to believe a refusal that another client of the address may have caused.
    package static func userRefused(
        _ text: String, on connection: ConnectionID, in registry: SubscriptionRegistry, on pool: ConnectionPool,
        retry: Duration, _ turn: inout Turn
    ) {
        let stated = number(in: text)
        let everywhere = turn.limiter.usedUserCount(at: turn.now) { isAccepted($0, in: registry, on: pool) }
        let here = userCount(on: connection, in: registry, on: pool, at: turn.now)
        if let stated, here >= stated {
            // This connection alone has the stated number of users, so the cap counts per connection.
            turn.limiter.connectionUserCap.refused(beyond: here, stated: stated, at: turn.now)
        } else if let stated, everywhere == stated {
            turn.limiter.userCap.refused(beyond: everywhere, stated: stated, at: turn.now)
        } else if everywhere < stated ?? .max {
            // This client has fewer users than stated: either other clients of the address have some too, or the venue
            // goes on counting users that have left for longer than expected. Neither lasts, so the refusal is believed
            // for a short time only.
            turn.limiter.userCap.refused(beyond: everywhere, stated: stated, at: turn.now, retryAfter: retry)
        }
        // Otherwise the accepted users exceed the stated number over all connections but not on this one. No cap
        // explains that, so the refusal teaches none.
    }

    /// Learns from the refusal of one more subscription.
    ///
    /// - Parameter retry: How long to believe a refusal that another client of the address may have caused.
    package static func subscriptionRefused(
        _ text: String, in registry: SubscriptionRegistry, on pool: ConnectionPool, retry: Duration,
        _ turn: inout Turn
    ) {
        let stated = number(in: text)
        let own = registry.upstreams.values.count { $0.isLive || $0.isLeaving }
        // A limit below the number of live ones was lowered since. Once one of them ends, a further refusal shows more.
        let live = registry.liveCount
        let count = max(min(own + othersSubscriptionCount(pool, turn.limiter), stated ?? .max), live)
        // If this client has fewer subscriptions than stated, either other clients of the address have some too, or the
        // venue still counts a lost connection. Neither lasts, so the refusal is believed for a short time only.
        let isPassing = stated.map { count < $0 } ?? false
        turn.limiter.subscriptionCap.refused(
            beyond: count, stated: stated, at: turn.now, retryAfter: isPassing ? retry : nil)
    }

    /// Learns from a refused upgrade. If other connections are open, they may be all that the venue allows.
    ///
    /// - Parameters:
    ///   - refusalLimit: The number of consecutive refusals of one slot after which they count as evidence of a cap.
    /// - Returns: Whether the cap leaves no connection for the slot, so that its feeds must be placed on other slots.
    package static func connectionRefused(
        _ slot: SlotID, on pool: inout ConnectionPool, refusalLimit: Int, _ turn: inout Turn
    ) -> Bool {
        let others = othersConnectionCount(pool, turn.limiter)
        guard pool.openConnectionCount > 0 || others > 0 else { return false }
        let open = pool.openConnectionCount + others
        guard pool.upgradeRefused(slot) >= refusalLimit else { return false }
        turn.limiter.connectionCap.refused(beyond: open, stated: nil, at: turn.now)
        return pool.slots.count > turn.limiter.connectionCap.limit(at: turn.now) - others
    }

    /// The first number in an error text; `nil` if there is none.
    private static func number(in text: String) -> Int? {
        let digits = text.drop { !("0"..."9").contains($0) }.prefix { ("0"..."9").contains($0) }
        return Int(digits)
    }

    // MARK: Use

    /// The limits for placement as they are estimated now; notes when an estimate changes.
    package static func placementLimits(
        _ configured: VenueLimits, spareConnectionCount: Int, on pool: ConnectionPool, _ turn: inout Turn
    ) -> VenueLimits {
        var limits = configured
        // A spare connection is kept only out of the configured number. If the venue allows fewer connections, all of
        // them may carry feeds.
        let learnt = turn.limiter.connectionCap.limit(at: turn.now) + spareConnectionCount
        let others = othersConnectionCount(pool, turn.limiter)
        limits.connections = max(1, min(limits.connections, learnt) - others)
        if turn.limiter.connectionUserCap.refusal != nil {
            limits.usersPerConnection = turn.limiter.connectionUserCap.limit(at: turn.now)
        }
        turn.wake(at: turn.limiter.connectionCap.nextChange(after: turn.now))
        turn.wake(at: turn.limiter.connectionUserCap.nextChange(after: turn.now))
        return limits
    }
}
