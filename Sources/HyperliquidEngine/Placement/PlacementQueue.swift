package import HyperliquidWire

/// The upstream subscriptions that wait for a slot. Decides which slot each of them gets.
package struct PlacementQueue: Hashable, Sendable {
    /// The rules for the choice of a slot, with the limits as they are estimated now.
    package private(set) var placement: Placement
    /// The upstream subscriptions without a slot, oldest first.
    package private(set) var waiting: [UpstreamID] = []
    private var memo = PlacementMemo()

    package init(configuration: EngineConfiguration) {
        placement = Placement(
            policy: configuration.policy, limits: configuration.limits,
            spareConnectionCount: configuration.spareConnectionCount)
    }

    package mutating func add(_ id: UpstreamID) { waiting.append(id) }

    package mutating func add(_ ids: [UpstreamID]) { waiting.append(contentsOf: ids) }

    package mutating func remove(_ id: UpstreamID) { waiting.removeAll { $0 == id } }

    package mutating func remove(_ ids: Set<UpstreamID>) { waiting.removeAll { ids.contains($0) } }

    /// Removes and returns all waiting upstream subscriptions; the caller places each of them or adds it again.
    package mutating func takeAll() -> [UpstreamID] {
        defer { waiting = [] }
        return waiting
    }

    /// Adopts the limits as they are estimated now.
    package mutating func use(_ limits: VenueLimits) {
        guard limits != placement.limits else { return }
        placement.limits = limits
        // A search that failed under the old limits may succeed under the new ones.
        memo = PlacementMemo()
    }

    /// Forgets the failed searches if the slots have changed since.
    package mutating func look(at pool: ConnectionPool) { memo.look(at: pool.slots, placement) }

    // MARK: Placing

    /// The decision on an upstream subscription that waits for a slot.
    package enum Outcome: Hashable, Sendable {
        case place(on: SlotID)
        case openSlot(ConnectionSlot.Kind)
        case wait(WaitReason)
        /// The upstream subscription waits for these moves, which are carried out one after the other.
        case move([Placement.Move])
    }

    /// Decides on one upstream subscription; if it must wait, notes when the decision may change.
    ///
    /// - Parameter mover: Says whether moves may be planned now.
    package mutating func outcome(
        for upstream: UpstreamSubscription, on pool: ConnectionPool, _ mover: SubscriptionMover, _ turn: inout Turn
    ) -> Outcome {
        if let reason = turn.exhaustedLimit(for: upstream) { return .wait(reason) }
        return outcome(for: upstream, among: pool.loads, mover, &turn)
    }

    /// Decides on an upstream subscription whose slot gets no connection: only slots that have one can take it. If it
    /// must stay, notes when the decision may change.
    package mutating func outcome(
        forStranded upstream: UpstreamSubscription, on pool: ConnectionPool, _ mover: SubscriptionMover,
        _ turn: inout Turn
    ) -> Outcome {
        let connected = pool.slots.lazy.filter { $0.connection != nil }
        return outcome(for: upstream, among: connected.map(\.load), mover, &turn)
    }

    private mutating func outcome(
        for upstream: UpstreamSubscription, among loads: some Collection<PlacementLoad>, _ mover: SubscriptionMover,
        _ turn: inout Turn
    ) -> Outcome {
        if let until = memo.refusal(of: upstream.id, at: turn.now) { return wait(upstream.id, until: until, &turn) }
        let mayMove = mover.mayPlan(at: turn.now)
        switch placement.decide(PlacementItem(upstream), on: loads, mayMove: mayMove, at: turn.now) {
        case .slot(let slot): return .place(on: slot)
        case .newSlot(let kind): return .openSlot(kind)
        case .later(let instant): return wait(upstream.id, until: instant, &turn)
        case .afterMoves(let moves): return .move(moves)
        case .nowhere:
            if mayMove { return wait(upstream.id, until: Instant(nanoseconds: .max), &turn) }
            if mover.pausedUntil > turn.now { turn.wake(at: mover.pausedUntil) }
            return .wait(.connectionLimit)
        }
    }

    /// Makes an upstream subscription wait without a further search until `instant`, unless the slots change.
    private mutating func wait(_ id: UpstreamID, until instant: Instant, _ turn: inout Turn) -> Outcome {
        memo.refuse(id, until: instant)
        if instant < Instant(nanoseconds: .max) { turn.wake(at: instant) }
        return .wait(.connectionLimit)
    }

    /// Arranges all waiting upstream subscriptions on the fewest slots, when none has a slot yet.
    ///
    /// Upstream subscriptions beyond the limits on subscriptions and users are left out; they keep waiting.
    package func arrangement(in registry: SubscriptionRegistry, _ turn: inout Turn) -> [PlacementLoad] {
        var admitted: [PlacementItem] = []
        for id in waiting {
            guard let upstream = registry[id], turn.exhaustedLimit(for: upstream) == nil else { continue }
            let item = PlacementItem(upstream)
            turn.limiter.take(item)
            admitted.append(item)
        }
        // The items were counted only to find out which of them the limits admit. Each one is counted again when it
        // gets its slot.
        for item in admitted { turn.limiter.giveBack(item, lingersUntil: turn.now, at: turn.now) }
        return placement.arrange(admitted).loads
    }

    // MARK: Yielding

    /// Returns the moves that empty one slot, so that another client can have its connection; `nil` if there are none.
    ///
    /// A failed search is not repeated before the slots change.
    package mutating func movesToYield(on pool: ConnectionPool, _ mover: SubscriptionMover, _ turn: inout Turn)
        -> [Placement.Move]?
    {
        look(at: pool)
        let next = max(mover.pausedUntil, memo.keepsAllUntil)
        guard next <= turn.now else {
            if next < Instant(nanoseconds: .max) { turn.wake(at: next) }
            return nil
        }
        let loads = Array(pool.loads)
        if let moves = placement.emptySlot(among: loads, at: turn.now) { return moves }
        // A slot may take more feeds once the venue no longer counts a user that has left it.
        let userEnd = loads.compactMap { $0.nextUserEnd(at: turn.now) }.min()
        memo.keepsAllUntil = userEnd ?? Instant(nanoseconds: .max)
        turn.wake(at: userEnd)
        return nil
    }

    // MARK: Full limits

    /// The limit that excludes an identity even if no other subscription exists, so that the identity would wait for
    /// ever; `nil` if there is no such limit.
    ///
    /// This can only be a limit of 0. The limits over all connections may be 0, for a process that shares its address
    /// with others; all further limits are at least 1.
    package func limitThatExcludes(
        _ item: PlacementItem, configured: VenueLimits, _ limiter: RateLimiter
    ) -> WaitReason? {
        // The rate limiter has the limits of the first client of the network, which may differ from this client's.
        if limiter.limits.subscriptions == 0 { return .subscriptionLimit }
        if item.user != nil, limiter.limits.users == 0 { return .userLimit }
        let bare = Placement(policy: placement.policy, limits: configured)
        // A shared slot has the smallest capacity of all kinds: if it is above 0, no kind of slot excludes the item.
        guard bare.capacity(of: .shared) == 0 || bare.userCapacity == 0 else { return nil }
        let empty = PlacementLoad(
            slot: SlotID(0), kind: bare.kind(for: item), endpoint: item.ambiguityKey.endpoint)
        switch bare.obstacle(to: item, on: empty) {
        case .fullOfSubscriptions: return .subscriptionLimit
        case .fullOfUsers: return .userLimit
        case .otherEndpoint, .otherKind, .ambiguous, nil: return nil
        }
    }

    /// The limit that keeps a new identity from being asked for immediately; `nil` if there is none.
    package func fullLimit(
        for item: PlacementItem, in registry: SubscriptionRegistry, on pool: ConnectionPool, _ turn: Turn
    ) -> WaitReason? {
        // The rate limiter also counts the subscriptions of other clients; the registry also has those that still wait.
        let wanted = max(registry.upstreams.count, turn.limiter.subscriptionCount)
        if wanted >= turn.limiter.subscriptionLimit(at: turn.now) { return .subscriptionLimit }
        if let user = item.user, turn.limiter.nextUser(user, at: turn.now) != turn.now { return .userLimit }
        switch placement.decide(item, on: pool.loads, at: turn.now) {
        case .newSlot where !turn.limiter.hasConnection && !pool.loads.contains(where: \.isEmpty):
            return .connectionLimit
        case .slot, .newSlot, .afterMoves: return nil
        case .later: return .userLimit
        case .nowhere: return .connectionLimit
        }
    }

    /// The limit that would keep a new identity waiting when the client starts; `nil` if there is none.
    ///
    /// At the start, the identities that were added earlier are placed first.
    package func fullLimitAtStart(
        for item: PlacementItem, in registry: SubscriptionRegistry, configured: VenueLimits
    ) -> WaitReason? {
        let items = waiting.compactMap { registry[$0] }.map { PlacementItem($0) }
        if items.count >= configured.subscriptions { return .subscriptionLimit }
        let all = items + [item]
        if item.user != nil, Set(all.compactMap(\.user)).count > configured.users { return .userLimit }
        return placement.arrange(all).unplaced.contains(item) ? .connectionLimit : nil
    }
}

/// The searches for a slot that have failed since the slots last changed, so that they are not repeated in vain.
struct PlacementMemo: Hashable, Sendable {
    /// A digest of the slots and the limits for which the failed searches hold.
    private var arrangement: UInt64 = 0
    private var refusals: [UpstreamID: Instant] = [:]
    /// The time until which no slot can be emptied for another client.
    var keepsAllUntil = Instant.start

    /// Forgets the failed searches if the slots, their loads or their capacities have changed.
    package mutating func look(at slots: [ConnectionSlot], _ placement: Placement) {
        var digest = FNV1a()
        digest.mix(UInt64(placement.slotLimit))
        digest.mix(UInt64(placement.userCapacity))
        digest.mix(UInt64(placement.subscriptionCapacity))
        for index in slots.indices {
            digest.mix(slots[index].id.rawValue)
            digest.mix(slots[index].load.changeCount)
            digest.mix(slots[index].connection == nil ? 0 : 1)
        }
        guard digest.value != arrangement else { return }
        arrangement = digest.value
        refusals.removeAll()
        keepsAllUntil = .start
    }

    /// The time until which no slot takes an upstream subscription, unless the slots change; `nil` if a search may
    /// succeed.
    func refusal(of id: UpstreamID, at now: Instant) -> Instant? {
        refusals[id].flatMap { $0 > now ? $0 : nil }
    }

    mutating func refuse(_ id: UpstreamID, until instant: Instant) { refusals[id] = instant }
}
