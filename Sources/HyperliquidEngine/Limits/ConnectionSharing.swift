internal import HyperliquidWire

/// Shares the connections that the venue allows with the other clients of the rate limiter.
///
/// It tells the others when this client waits for a connection of theirs, and decides when this client yields one to
/// them.
package struct ConnectionSharing: Hashable, Sendable {
    /// Whether the rate limiter counts this client among those that wait for a connection.
    private var isWaiting = false

    package init() {}

    /// Tells the rate limiter whether this client waits for a connection that other clients have.
    ///
    /// - Parameter isRunning: Whether the client may dial; a client that ends waits for nothing.
    package mutating func reportWait(
        isRunning: Bool, for posts: PostTracker, _ placements: PlacementQueue, in registry: SubscriptionRegistry,
        on pool: ConnectionPool, _ limiter: inout RateLimiter
    ) {
        let waits =
            isRunning && areAllTaken(on: pool, limiter)
            && lacksConnection(for: posts, placements, in: registry, on: pool)
        guard waits != isWaiting else { return }
        isWaiting = waits
        if waits {
            limiter.beginWaitingForConnection()
        } else {
            limiter.endWaitingForConnection()
        }
    }

    private func lacksConnection(
        for posts: PostTracker, _ placements: PlacementQueue, in registry: SubscriptionRegistry, on pool: ConnectionPool
    ) -> Bool {
        pool.slots.contains { $0.connection == nil && $0.needsConnection(for: posts) }
            || placements.waiting.contains {
                if case .waiting(.connectionLimit, _) = registry[$0]?.state { true } else { false }
            }
    }

    /// Whether another client waits for a connection and can only have one of this client's.
    package func shouldYield(on pool: ConnectionPool, _ limiter: RateLimiter) -> Bool {
        limiter.waitingClientCount > (isWaiting ? 1 : 0) && !limiter.hasConnection && pool.slots.count > 1
    }

    /// Whether other clients have connections and none is free.
    package func areAllTaken(on pool: ConnectionPool, _ limiter: RateLimiter) -> Bool {
        LimitLearning.othersConnectionCount(pool, limiter) > 0 && !limiter.hasConnection
    }

    /// The slots that wait to dial although other clients have all connections: their feeds must be placed on other
    /// slots. `nil` if a connection is free, or if placement may use as many slots as there are.
    ///
    /// - Parameter slotLimit: The number of slots that placement may use now.
    package func lostSlots(on pool: ConnectionPool, slotLimit: Int, _ turn: Turn) -> [ConnectionSlot]? {
        guard areAllTaken(on: pool, turn.limiter), pool.slots.count > slotLimit else { return nil }
        return pool.slots.filter { $0.connection == nil && $0.nextDial <= turn.now }
    }
}
