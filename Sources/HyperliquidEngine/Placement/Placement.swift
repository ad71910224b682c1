package import HyperliquidWire

/// Which slot a upstream subscription goes to: a pure function of what the slots carry, the limits and the policy.
package struct Placement: Hashable, Sendable {
    package let policy: PlacementPolicy
    package var limits: VenueLimits
    /// Connections left free, for a slot that replaces its connection before the old one ends.
    package let spareConnectionCount: Int

    package init(policy: PlacementPolicy, limits: VenueLimits, spareConnectionCount: Int = 0) {
        self.policy = policy
        self.limits = limits
        self.spareConnectionCount = spareConnectionCount
    }

    package enum Decision: Hashable, Sendable {
        /// There is room on this slot.
        case slot(SlotID)
        /// It needs a connection more, and one is allowed.
        case newSlot(ConnectionSlot.Kind)
        /// A slot takes it once the venue has stopped counting a user there.
        case later(Instant)
        /// It fits once these have changed their slot, one after the other.
        case afterMoves([Move])
        /// It does not fit with the connections allowed.
        case nowhere
    }

    /// Why a slot does not take a upstream subscription.
    package enum Obstacle: Hashable, Sendable {
        case otherEndpoint
        case otherKind
        case ambiguous
        case fullOfSubscriptions
        case fullOfUsers
    }

    /// How many slots there may be.
    package var slotLimit: Int { max(1, limits.connectionCount - spareConnectionCount) }

    /// What becomes of `item`: nothing that has its place is moved unless the connections allowed are used up.
    ///
    /// - Parameter mayMove: Whether room may be sought at all; not while others are on the move.
    package func decide(
        _ item: PlacementItem, on slots: some Collection<PlacementLoad>, mayMove: Bool = true, at now: Instant
    ) -> Decision {
        // Beyond the slots that may carry something stands what a rotation has emptied: it is not filled again.
        let isFull = slots.count { !$0.isEmpty } >= slotLimit
        let open = slots.lazy.filter { !isFull || !$0.isEmpty }
        if let slot = bestSlot(for: item, among: open, at: now) { return .slot(slot) }
        // A slot that stands empty gives way to the new one.
        if !isFull { return .newSlot(kind(for: item)) }
        let loads = Array(open)
        if let instant = nextUserEnd(for: item, among: loads, at: now) { return .later(instant) }
        guard mayMove else { return .nowhere }
        if let moves = relocate(for: item, on: loads, at: now) { return .afterMoves(moves) }
        // Where a user lingers there will be more room, perhaps enough.
        guard let instant = loads.compactMap({ $0.nextUserEnd(at: now) }).min(),
            relocate(for: item, on: loads, at: Instant(nanoseconds: .max)) != nil
        else { return .nowhere }
        return .later(instant)
    }

    /// The slot for `item` among those that take it: packed, its user's own one before others, one in use before
    /// an empty one, then the least loaded, then the oldest; isolated, the oldest in use.
    package func bestSlot(
        for item: PlacementItem, among loads: some Sequence<PlacementLoad>, at now: Instant = .start
    ) -> SlotID? {
        var best: (slot: SlotID, rank: Rank)?
        for load in loads where obstacle(to: item, on: load, at: now) == nil {
            let rank = Rank(item, load, isPacked: policy == .packed)
            if best.map({ rank < $0.rank }) ?? true { best = (load.slot, rank) }
        }
        return best?.slot
    }

    /// How well a slot suits; the lower, the better.
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

    package func kind(for item: PlacementItem) -> ConnectionSlot.Kind {
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

    /// What keeps `item` off a slot; nothing when it may go there.
    package func obstacle(to item: PlacementItem, on load: PlacementLoad, at now: Instant = .start) -> Obstacle? {
        if load.endpoint != item.ambiguityKey.endpoint { return .otherEndpoint }
        if load.kind != kind(for: item) { return .otherKind }
        if load.kind == .dedicated, !load.isEmpty { return .otherKind }
        if load.isAmbiguous(with: item.ambiguityKey) { return .ambiguous }
        if load.count >= capacity(of: load.kind) { return .fullOfSubscriptions }
        if let user = item.user, load.userCount(adding: user, at: now) > userCapacity { return .fullOfUsers }
        return nil
    }

    /// How many different users a slot takes.
    package var userCapacity: Int { limits.usersPerConnection ?? limits.userCount }

    /// How many upstream subscriptions the venue takes on a connection.
    package var subscriptionCapacity: Int { limits.subscriptionsPerConnection ?? limits.subscriptionCount }

    /// How many upstream subscriptions a slot of that kind takes.
    package func capacity(of kind: ConnectionSlot.Kind) -> Int {
        guard case .isolated(let sharedLimit) = policy, kind == .shared else { return subscriptionCapacity }
        return min(sharedLimit, subscriptionCapacity)
    }

    /// When a slot takes `item` that only lingering users keep off.
    private func nextUserEnd(for item: PlacementItem, among loads: [PlacementLoad], at now: Instant) -> Instant? {
        loads.filter { load in
            guard obstacle(to: item, on: load, at: now) == .fullOfUsers else { return false }
            return obstacle(to: item, on: load, at: Instant(nanoseconds: .max)) == nil
        }.compactMap { $0.nextUserEnd(at: now) }.min()
    }
}
