package import HyperliquidWire

/// Which lane a wire subscription goes to: a pure function of what the lanes carry, the limits and the policy.
package struct Placement: Hashable, Sendable {
    package let policy: PlacementPolicy
    package var limits: VenueLimits
    /// Connections left free, for a lane that replaces its link before the old one ends.
    package let spareConnectionCount: Int

    package init(policy: PlacementPolicy, limits: VenueLimits, spareConnectionCount: Int = 0) {
        self.policy = policy
        self.limits = limits
        self.spareConnectionCount = spareConnectionCount
    }

    package enum Decision: Hashable, Sendable {
        /// There is room on this lane.
        case lane(LaneID)
        /// It needs a connection more, and one is allowed.
        case newLane(Lane.Kind)
        /// A lane takes it once the venue has stopped counting a user there.
        case later(Instant)
        /// It fits once these have changed their lane, one after the other.
        case afterMoves([Move])
        /// It does not fit with the connections allowed.
        case nowhere
    }

    /// Why a lane does not take a wire subscription.
    package enum Obstacle: Hashable, Sendable {
        case otherEndpoint
        case otherKind
        case confusable
        case fullOfSubscriptions
        case fullOfUsers
    }

    /// How many lanes there may be.
    package var laneLimit: Int { max(1, limits.connectionCount - spareConnectionCount) }

    /// What becomes of `item`: nothing that has its place is moved unless the connections allowed are used up.
    ///
    /// - Parameter mayMove: Whether room may be sought at all; not while others are on the move.
    package func decide(
        _ item: PlacementItem, on lanes: some Collection<PlacementLoad>, mayMove: Bool = true, at now: Instant
    ) -> Decision {
        // Beyond the lanes that may carry something stands what a rotation has emptied: it is not filled again.
        let isFull = lanes.count { !$0.isEmpty } >= laneLimit
        let open = lanes.lazy.filter { !isFull || !$0.isEmpty }
        if let lane = bestLane(for: item, among: open, at: now) { return .lane(lane) }
        // A lane that stands empty gives way to the new one.
        if !isFull { return .newLane(kind(for: item)) }
        let loads = Array(open)
        if let instant = nextUserEnd(for: item, among: loads, at: now) { return .later(instant) }
        guard mayMove else { return .nowhere }
        if let moves = makeRoom(for: item, on: loads, at: now) { return .afterMoves(moves) }
        // Where a user lingers there will be more room, perhaps enough.
        guard let instant = loads.compactMap({ $0.nextUserEnd(at: now) }).min(),
            makeRoom(for: item, on: loads, at: Instant(nanoseconds: .max)) != nil
        else { return .nowhere }
        return .later(instant)
    }

    /// The lane for `item` among those that take it: packed, its user's own one before others, one in use before
    /// an empty one, then the least loaded, then the oldest; isolated, the oldest in use.
    package func bestLane(
        for item: PlacementItem, among loads: some Sequence<PlacementLoad>, at now: Instant = .start
    ) -> LaneID? {
        var best: (lane: LaneID, rank: Rank)?
        for load in loads where obstacle(to: item, on: load, at: now) == nil {
            let rank = Rank(item, load, isPacked: policy == .packed)
            if best.map({ rank < $0.rank }) ?? true { best = (load.lane, rank) }
        }
        return best?.lane
    }

    /// How well a lane suits; the lower, the better.
    private struct Rank: Comparable {
        let isForeign: Bool
        let isEmpty: Bool
        let count: Int

        init(_ item: PlacementItem, _ load: PlacementLoad, isPacked: Bool) {
            isForeign = isPacked && item.user.map { !load.carries(user: $0) } ?? false
            isEmpty = load.isEmpty
            count = isPacked ? load.count : 0
        }

        static func < (lhs: Rank, rhs: Rank) -> Bool {
            if lhs.isForeign != rhs.isForeign { return rhs.isForeign }
            if lhs.isEmpty != rhs.isEmpty { return rhs.isEmpty }
            return lhs.count < rhs.count
        }
    }

    package func kind(for item: PlacementItem) -> Lane.Kind {
        switch policy {
        case .packed: .packed
        case .isolated:
            switch item.connectionType {
            case .shared: .shared
            case .dedicated: .dedicated
            case .userGrouped: .user(item.user ?? "")
            }
        }
    }

    /// What keeps `item` off a lane; nothing when it may go there.
    package func obstacle(to item: PlacementItem, on load: PlacementLoad, at now: Instant = .start) -> Obstacle? {
        if load.endpoint != item.conflict.endpoint { return .otherEndpoint }
        if load.kind != kind(for: item) { return .otherKind }
        if load.kind == .dedicated, !load.isEmpty { return .otherKind }
        if load.isConfusable(with: item.conflict) { return .confusable }
        if load.count >= capacity(of: load.kind) { return .fullOfSubscriptions }
        if let user = item.user, load.userCount(adding: user, at: now) > userCapacity { return .fullOfUsers }
        return nil
    }

    /// How many different users a lane takes.
    package var userCapacity: Int { limits.usersPerConnection ?? limits.userCount }

    /// How many wire subscriptions the venue takes on a connection.
    package var subscriptionCapacity: Int { limits.subscriptionsPerConnection ?? limits.subscriptionCount }

    /// How many wire subscriptions a lane of that kind takes.
    package func capacity(of kind: Lane.Kind) -> Int {
        guard case .isolated(let sharedLimit) = policy, kind == .shared else { return subscriptionCapacity }
        return min(sharedLimit, subscriptionCapacity)
    }

    /// When a lane takes `item` that only lingering users keep off.
    private func nextUserEnd(for item: PlacementItem, among loads: [PlacementLoad], at now: Instant) -> Instant? {
        loads.filter { load in
            guard obstacle(to: item, on: load, at: now) == .fullOfUsers else { return false }
            return obstacle(to: item, on: load, at: Instant(nanoseconds: .max)) == nil
        }.compactMap { $0.nextUserEnd(at: now) }.min()
    }
}
