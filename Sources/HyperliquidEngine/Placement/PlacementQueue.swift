package import HyperliquidWire

/// The upstream subscriptions that wait for a slot, and the decision which of them gets one, and where.
package struct PlacementQueue: Hashable, Sendable {
    /// The rules and limits by which slots are chosen, as they are believed now.
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

    /// Takes all that wait, so that each is placed or added again.
    mutating func takeAll() -> [UpstreamID] {
        defer { waiting = [] }
        return waiting
    }

    /// Takes over what is believed of the venue's caps.
    package mutating func use(_ limits: VenueLimits) {
        guard limits != placement.limits else { return }
        placement.limits = limits
        // There may be room now where none was found.
        memo = PlacementMemo()
    }

    /// Forgets which searches were in vain, if the slots have changed since.
    mutating func look(at pool: ConnectionPool) { memo.look(at: pool.slots, placement) }

    // MARK: Placing

    /// What becomes of an upstream subscription that waits for a slot.
    package enum Outcome: Hashable, Sendable {
        case place(on: SlotID)
        case openSlot(ConnectionSlot.Kind)
        case wait(WaitReason)
        /// It waits until these have changed their slots, one after the other.
        case move([Placement.Move])
    }

    /// Decides what becomes of one upstream subscription; notes when a search may have another result.
    ///
    /// - Parameter mover: Whether it may be asked for moves now.
    mutating func outcome(
        for upstream: UpstreamSubscription, on pool: ConnectionPool, _ mover: SubscriptionMover, _ turn: inout Turn
    ) -> Outcome {
        if let reason = turn.exhaustedLimit(for: upstream) { return .wait(reason) }
        if let until = memo.refusal(of: upstream.id, at: turn.now) { return wait(upstream.id, until: until, &turn) }
        let mayMove = mover.mayPlan(at: turn.now)
        switch placement.decide(PlacementItem(upstream), on: pool.loads, mayMove: mayMove, at: turn.now) {
        case .slot(let slot): return .place(on: slot)
        case .newSlot(let kind): return .openSlot(kind)
        case .later(let instant): return wait(upstream.id, until: instant, &turn)
        case .afterMoves(let moves): return .move(moves)
        case .nowhere:
            if mayMove { return wait(upstream.id, until: Instant(nanoseconds: .max), &turn) }
            if mover.moves.isEmpty { turn.wake(at: mover.pausedUntil) }
            return .wait(.connectionLimit)
        }
    }

    /// Looks for no slot until then, unless the slots change.
    private mutating func wait(_ id: UpstreamID, until instant: Instant, _ turn: inout Turn) -> Outcome {
        memo.refuse(id, until: instant)
        if instant < Instant(nanoseconds: .max) { turn.wake(at: instant) }
        return .wait(.connectionLimit)
    }

    /// The arrangement of all that wait when nothing has a slot yet, on the fewest slots.
    func arrangement(in registry: SubscriptionRegistry, _ turn: inout Turn) -> [PlacementLoad] {
        var admitted: [PlacementItem] = []
        for id in waiting {
            guard let upstream = registry[id], turn.exhaustedLimit(for: upstream) == nil else { continue }
            let item = PlacementItem(upstream)
            turn.limiter.take(item)
            admitted.append(item)
        }
        // Counted to see which are admitted together; each counts again when it gets its slot.
        for item in admitted { turn.limiter.giveBack(item, lingersUntil: turn.now, at: turn.now) }
        return placement.arrange(admitted).loads
    }

    // MARK: Yielding

    /// The moves after which a slot carries nothing, so that its connection can be given to another client; `nil` if
    /// there are none. A search that was in vain is not repeated before the slots change.
    mutating func movesToYield(on pool: ConnectionPool, _ mover: SubscriptionMover, _ turn: inout Turn)
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
        // There may be room once the venue no longer counts a user that has left.
        let userEnd = loads.compactMap { $0.nextUserEnd(at: turn.now) }.min()
        memo.keepsAllUntil = userEnd ?? Instant(nanoseconds: .max)
        turn.wake(at: userEnd)
        return nil
    }

    // MARK: Full limits

    /// The limit that leaves no room for an identity even where nothing else is: it would wait for ever.
    ///
    /// Limits are at least 1, except for the counts over all connections, of which a process may be given none. Another
    /// subscription that is in the way does not count here: it may end.
    package func limitThatExcludes(
        _ item: PlacementItem, configured: VenueLimits, _ limiter: RateLimiter
    ) -> WaitReason? {
        // The rate limiter may have been made by a client whose limits are others.
        if limiter.limits.subscriptionCount == 0 { return .subscriptionLimit }
        if item.user != nil, limiter.limits.userCount == 0 { return .userLimit }
        let bare = Placement(policy: placement.policy, limits: configured)
        // No kind of slot takes fewer than a shared one.
        guard bare.capacity(of: .shared) == 0 || bare.userCapacity == 0 else { return nil }
        let empty = PlacementLoad(
            slot: SlotID(0), kind: bare.kind(for: item), endpoint: item.ambiguityKey.endpoint)
        switch bare.obstacle(to: item, on: empty) {
        case .fullOfSubscriptions: return .subscriptionLimit
        case .fullOfUsers: return .userLimit
        case .otherEndpoint, .otherKind, .ambiguous, nil: return nil
        }
    }

    /// The limit that keeps a new identity from being asked for at once.
    package func fullLimit(
        for item: PlacementItem, in registry: SubscriptionRegistry, on pool: ConnectionPool, _ turn: Turn
    ) -> WaitReason? {
        // The rate limiter may count for other clients too.
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

    /// The same before the client runs: all that wait are placed before the new identity.
    package func fullLimitAtStart(
        for item: PlacementItem, in registry: SubscriptionRegistry, configured: VenueLimits
    ) -> WaitReason? {
        let items = waiting.compactMap { registry[$0] }.map { PlacementItem($0) }
        if items.count >= configured.subscriptionCount { return .subscriptionLimit }
        let all = items + [item]
        if item.user != nil, Set(all.compactMap(\.user)).count > configured.userCount { return .userLimit }
        return placement.arrange(all).unplaced.contains(item) ? .connectionLimit : nil
    }
}

/// Remembers for which upstream subscriptions a slot was sought in vain since the slots last changed.
struct PlacementMemo: Hashable, Sendable {
    private var arrangement: UInt64 = 0
    private var refusals: [UpstreamID: Instant] = [:]
    /// Until when no slot can be emptied.
    var keepsAllUntil = Instant.start

    /// Forgets what it knows once the slots are arranged otherwise, or may carry more or less.
    mutating func look(at slots: [ConnectionSlot], _ placement: Placement) {
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

    /// Until when there is no slot for it, as far as is known; the end of time while nothing changes.
    func refusal(of id: UpstreamID, at now: Instant) -> Instant? {
        refusals[id].flatMap { $0 > now ? $0 : nil }
    }

    mutating func refuse(_ id: UpstreamID, until instant: Instant) { refusals[id] = instant }
}
