package import HyperliquidWire

/// Chooses the slot for an upstream subscription: a pure function of the slots' loads, the limits and the policy.
package struct Placement: Hashable, Sendable {
    package let policy: PlacementPolicy
    package var limits: VenueLimits
    /// The number of connections kept free, so that an old connection can be replaced before it is closed.
    package let spareConnectionCount: Int

    package init(policy: PlacementPolicy, limits: VenueLimits, spareConnectionCount: Int = 0) {
        self.policy = policy
        self.limits = limits
        self.spareConnectionCount = spareConnectionCount
    }

    package enum Decision: Hashable, Sendable {
        /// This slot takes the item.
        case slot(SlotID)
        /// The item needs one more connection, and the limit allows one.
        case newSlot(ConnectionSlot.Kind)
        /// A slot takes the item at this time, when the venue stops counting a lingering user there.
        case later(Instant)
        /// The item fits after these moves, which are carried out one after the other.
        case afterMoves([Move])
        /// The item does not fit on the connections that the limit allows.
        case nowhere
    }

    /// The reason why a slot does not take an upstream subscription.
    package enum Obstacle: Hashable, Sendable {
        /// The slot's connection goes to another endpoint.
        case otherEndpoint
        /// The slot is of another kind, or holds its one dedicated feed already.
        case otherKind
        /// The slot carries a feed whose messages could be taken for those of the new one.
        case ambiguous
        /// The slot carries as many upstream subscriptions as one connection may.
        case fullOfSubscriptions
        /// The venue counts as many users on the slot's connection as one connection may have.
        case fullOfUsers
    }

    /// The number of slots that may carry feeds: the connections allowed less the spare ones, at least 1.
    package var slotLimit: Int { max(1, limits.connections - spareConnectionCount) }

    /// Decides where `item` goes. An item that has a slot is moved only if no further connection is allowed.
    ///
    /// - Parameter mayMove: Whether moves may be planned; `false` while earlier moves are under way.
    package func decide(
        _ item: PlacementItem, on slots: some Collection<PlacementLoad>, mayMove: Bool = true, at now: Instant
    ) -> Decision {
        // An empty slot beyond the limit was emptied by a rotation and is about to close: it is not filled again.
        let isFull = slots.count { !$0.isEmpty } >= slotLimit
        let open = slots.lazy.filter { !isFull || !$0.isEmpty }
        if let slot = bestSlot(for: item, among: open, at: now) { return .slot(slot) }
        // An empty slot of the wrong kind is removed in favour of the new one.
        if !isFull { return .newSlot(kind(for: item)) }
        let loads = Array(open)
        if let instant = nextUserEnd(for: item, among: loads, at: now) { return .later(instant) }
        guard mayMove else { return .nowhere }
        if let moves = relocate(for: item, on: loads, at: now) { return .afterMoves(moves) }
        // Once a lingering user is no longer counted, more moves are possible, so a later search may succeed.
        guard let instant = loads.compactMap({ $0.nextUserEnd(at: now) }).min(),
            relocate(for: item, on: loads, at: Instant(nanoseconds: .max)) != nil
        else { return .nowhere }
        return .later(instant)
    }

    /// Returns the best slot among those that take `item`; `nil` if none does.
    ///
    /// With the policy `.packed`, a slot that carries the item's user comes first, then a slot in use, then the least
    /// loaded one, then the oldest one. With `.isolated`, the oldest slot in use comes first.
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

    /// The order of preference among slots; the lowest rank is the best.
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

    /// The kind of slot that takes `item` under the policy.
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

    /// The reason why a slot does not take `item` at `now`; `nil` if it does.
    package func obstacle(to item: PlacementItem, on load: PlacementLoad, at now: Instant = .start) -> Obstacle? {
        if load.endpoint != item.ambiguityKey.endpoint { return .otherEndpoint }
        if load.kind != kind(for: item) { return .otherKind }
        if load.kind == .dedicated, !load.isEmpty { return .otherKind }
        if load.isAmbiguous(with: item.ambiguityKey) { return .ambiguous }
        if load.count >= capacity(of: load.kind) { return .fullOfSubscriptions }
        if let user = item.user, load.userCount(adding: user, at: now) > userCapacity { return .fullOfUsers }
        return nil
    }

    /// Whether a slot takes `item` now, or at the latest when no user lingers any more.
    package func mayEverFit(_ item: PlacementItem, on load: PlacementLoad) -> Bool {
        obstacle(to: item, on: load, at: Instant(nanoseconds: .max)) == nil
    }

    /// The number of different users that one slot may carry.
    package var userCapacity: Int { limits.usersPerConnection ?? limits.users }

    /// The number of upstream subscriptions that the venue allows on one connection.
    package var subscriptionCapacity: Int { limits.subscriptionsPerConnection ?? limits.subscriptions }

    /// The number of upstream subscriptions that one slot of a kind may carry.
    package func capacity(of kind: ConnectionSlot.Kind) -> Int {
        guard case .isolated(let sharedLimit) = policy, kind == .shared else { return subscriptionCapacity }
        return min(sharedLimit, subscriptionCapacity)
    }

    /// The earliest time at which a slot may take `item` that only lingering users block now; `nil` if there is none.
    private func nextUserEnd(for item: PlacementItem, among loads: [PlacementLoad], at now: Instant) -> Instant? {
        loads.filter { load in
            guard obstacle(to: item, on: load, at: now) == .fullOfUsers else { return false }
            return mayEverFit(item, on: load)
        }.compactMap { $0.nextUserEnd(at: now) }.min()
    }

    // MARK: Moves

    /// A change of slot that an upstream subscription must make for the sake of another one or of another client.
    package struct Move: Hashable, Sendable {
        package let upstream: UpstreamID
        package let from: SlotID
        package let to: SlotID
        package let reason: Reason

        package init(upstream: UpstreamID, from: SlotID, to: SlotID, reason: Reason) {
            self.upstream = upstream
            self.from = from
            self.to = to
            self.reason = reason
        }

        package enum Reason: Hashable, Sendable {
            /// The upstream subscription moves so that this identity fits.
            case relocates(for: FeedRequest)
            /// The slot is emptied, because this identity needs the connection.
            case freesConnection(for: FeedRequest)
            /// The slot is emptied, because another client of the same IP address waits for a connection.
            case yieldsConnection
        }
    }

    /// Returns the shortest list of moves found after which `item` fits without a further connection; `nil` if none was
    /// found.
    ///
    /// Each move is possible on the slots as the moves before it leave them, so no feed has to be ended first.
    package func relocate(for item: PlacementItem, on loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        let own = loads.filter { $0.endpoint == item.ambiguityKey.endpoint && $0.kind == kind(for: item) }
        if isHopeless(item, on: own) {
            return RelocationSearch(self, loads, at: now).emptiedSlot(reason: .freesConnection(for: item.request)) {
                !own.map(\.slot).contains($0.slot)
            }
        }
        var search = RelocationSearch(self, loads, at: now)
        let few = search.fewestMoves(for: item)
        if let few, few.count == 1 { return few }
        let bound = few?.count ?? .max
        let emptied = RelocationSearch(self, loads, at: now).emptiedSlot(reason: .freesConnection(for: item.request)) {
            $0.count < bound
        }
        return emptied ?? few
    }

    /// Returns the moves that empty one slot by moving its feeds to other slots; `nil` if no slot can be emptied.
    package func emptySlot(among loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        RelocationSearch(self, loads, at: now).emptiedSlot(reason: .yieldsConnection) { _ in true }
    }

    /// Whether simple bounds prove that `item` and the members of `slots` do not fit on `slots` in any arrangement.
    private func isHopeless(_ item: PlacementItem, on slots: [PlacementLoad]) -> Bool {
        if slots.allSatisfy({ $0.isAmbiguous(with: item.ambiguityKey) && !$0.isMixed(item.ambiguityKey) }) {
            return true
        }
        guard policy == .packed else { return false }
        return fewestConnections(for: slots.flatMap(\.itemsInOrder) + [item]) > slots.count
    }

    // MARK: The start

    /// An assignment of items to new slots, made when no item has a slot yet.
    package struct Arrangement: Hashable, Sendable {
        /// The slots with their members; the ids count from 1.
        package var loads: [PlacementLoad]
        /// The items that do not fit on the connections that the limit allows.
        package var unplaced: [PlacementItem]
    }

    /// Assigns all items to slots at the start; with the policy `.packed`, to the fewest slots that were found.
    ///
    /// If not all items fit, earlier items are placed before later ones.
    package func arrange(_ items: [PlacementItem]) -> Arrangement {
        if policy == .packed, let loads = packTogether(items) { return Arrangement(loads: loads, unplaced: []) }
        var result = Arrangement(loads: [], unplaced: [])
        for item in items where !append(item, to: &result.loads) {
            if let loads = packTogether(result.loads.flatMap(\.itemsInOrder) + [item]) {
                result.loads = loads
            } else {
                result.unplaced.append(item)
            }
        }
        return result
    }

    /// Returns the fewest slots found for all of `items`; `nil` if they need more than the limit allows.
    private func packTogether(_ items: [PlacementItem]) -> [PlacementLoad]? {
        guard policy == .packed else { return nil }
        if let load = oneSlot(for: items) { return [load] }
        var loads: [PlacementLoad] = []
        for endpoint in EndpointKind.allCases {
            let own = items.filter { $0.ambiguityKey.endpoint == endpoint }
            guard !own.isEmpty else { continue }
            guard let packed = pack(own, limit: slotLimit - loads.count) else { return nil }
            loads += packed
        }
        return inOrder(loads, of: items)
    }

    /// Returns one slot with all of `items`; `nil` if they do not fit on one. Usually they fit, and no search is
    /// needed.
    private func oneSlot(for items: [PlacementItem]) -> PlacementLoad? {
        guard let first = items.first else { return nil }
        var load = emptyLoad(SlotID(1), for: first)
        for item in items {
            guard obstacle(to: item, on: load) == nil else { return nil }
            load.add(item)
        }
        return load
    }

    /// Renumbers the slots in the order of the items given, so that the first item is on the first slot.
    private func inOrder(_ loads: [PlacementLoad], of items: [PlacementItem]) -> [PlacementLoad] {
        let positions = Dictionary(uniqueKeysWithValues: items.enumerated().map { ($0.element.id, $0.offset) })
        let members = loads.map { load in
            (load, load.itemsInOrder.sorted { positions[$0.id, default: 0] < positions[$1.id, default: 0] })
        }.sorted { one, other in
            positions[one.1.first?.id ?? UpstreamID(0), default: 0]
                < positions[other.1.first?.id ?? UpstreamID(0), default: 0]
        }
        return members.enumerated().map { index, slot in
            var load = PlacementLoad(slot: SlotID(UInt64(index) + 1), kind: slot.0.kind, endpoint: slot.0.endpoint)
            for item in slot.1 { load.add(item) }
            return load
        }
    }

    private func pack(_ items: [PlacementItem], limit: Int) -> [PlacementLoad]? {
        let bound = fewestConnections(for: items)
        guard bound <= limit else { return nil }
        // The greedy method places each item on an existing slot if one takes it. It seldom needs many more slots than
        // the lower bound.
        var greedy: [PlacementLoad] = []
        for item in items { _ = append(item, to: &greedy, limit: .max) }
        for count in bound...max(bound, min(limit, greedy.count - 1)) {
            var packing = Packing(self, items, slotCount: count)
            if packing.solve() { return packing.loads }
        }
        return greedy.count <= limit ? greedy : nil
    }

    /// Places one more item: on an existing slot, on a new one below the limit, or else after moves of earlier items.
    ///
    /// Returns `false` if the item does not fit.
    private func append(_ item: PlacementItem, to loads: inout [PlacementLoad], limit: Int? = nil) -> Bool {
        if put(item, on: &loads) { return true }
        if loads.count < limit ?? slotLimit {
            loads.append(emptyLoad(SlotID(UInt64(loads.count) + 1), for: item))
            return put(item, on: &loads)
        }
        guard let moves = relocate(for: item, on: loads) else { return false }
        for move in moves { carryOut(move, on: &loads) }
        if put(item, on: &loads) { return true }
        guard let empty = loads.firstIndex(where: \.isEmpty) else { return false }
        loads[empty] = emptyLoad(loads[empty].slot, for: item)
        return put(item, on: &loads)
    }

    private func emptyLoad(_ slot: SlotID, for item: PlacementItem) -> PlacementLoad {
        PlacementLoad(slot: slot, kind: kind(for: item), endpoint: item.ambiguityKey.endpoint)
    }

    private func put(_ item: PlacementItem, on loads: inout [PlacementLoad]) -> Bool {
        guard let slot = bestSlot(for: item, among: loads) else { return false }
        loads[index(of: slot, in: loads)].add(item)
        return true
    }

    /// Places one more item on existing slots after moves of their members; returns `false` if no moves were found.
    func placeByEviction(_ item: PlacementItem, into loads: inout [PlacementLoad]) -> Bool {
        var search = RelocationSearch(self, loads, at: .start)
        guard let moves = search.fewestMoves(for: item) else { return false }
        for move in moves { carryOut(move, on: &loads) }
        return put(item, on: &loads)
    }

    private func carryOut(_ move: Move, on loads: inout [PlacementLoad]) {
        let from = index(of: move.from, in: loads)
        guard let item = loads[from].items[move.upstream] else {
            preconditionFailure("a move must start at the slot of its upstream subscription")
        }
        loads[from].remove(move.upstream)
        loads[index(of: move.to, in: loads)].add(item)
    }

    private func index(of slot: SlotID, in loads: [PlacementLoad]) -> Int {
        guard let index = loads.firstIndex(where: { $0.slot == slot }) else {
            preconditionFailure("the slot must be one of the given loads")
        }
        return index
    }

    // MARK: Bounds

    /// A lower bound on the number of slots that items of one endpoint need with the policy `.packed`.
    ///
    /// The largest of three bounds: the size of the largest set of mutually ambiguous items; the number of items
    /// divided by a slot's cap on subscriptions; and the sum over all users of the slots that each one needs because of
    /// ambiguous feeds, divided by a slot's cap on users.
    package func fewestConnections(for items: [PlacementItem]) -> Int {
        let users = Dictionary(grouping: items.filter { $0.user != nil }, by: \.user)
        let slotCount = users.values.reduce(0) { $0 + largestAmbiguousSet(in: $1) }
        return max(
            largestAmbiguousSet(in: items), Self.quotient(items.count, capacity(of: .packed)),
            Self.quotient(slotCount, userCapacity))
    }

    /// The size of the largest set of mutually ambiguous items.
    ///
    /// On one channel, items of different schemes are always ambiguous, and items of one scheme if their keys are
    /// equal. So the size for a channel is the sum of the largest class of each scheme.
    func largestAmbiguousSet(in items: [PlacementItem]) -> Int {
        var sizes: [AmbiguityKey: Int] = [:]
        for item in items { sizes[item.ambiguityKey, default: 0] += 1 }
        var largest: [String: [RouteScheme: Int]] = [:]
        for (key, size) in sizes {
            let known = largest[key.channel]?[key.route] ?? 0
            largest[key.channel, default: [:]][key.route] = max(known, size)
        }
        return largest.values.map { $0.values.reduce(0, +) }.max() ?? 0
    }

    /// The quotient, rounded up. A size of 0 is treated as 1, because items that can never fit were refused before.
    private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / max(1, size) }
}
