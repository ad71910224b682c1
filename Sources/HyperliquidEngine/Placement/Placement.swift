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

    // MARK: Moves

    /// A upstream subscription is to change its slot, though it has a place, because something forces it.
    package struct Move: Hashable, Sendable {
        package let upstream: UpstreamID
        package let from: SlotID
        package let to: SlotID
        package let reason: Reason

        package enum Reason: Hashable, Sendable {
            /// This identity finds room where the moved one was.
            case relocates(for: FeedRequest)
            /// The slot is emptied: its connection is needed for this identity.
            case freesConnection(for: FeedRequest)
            /// The slot is emptied: another client of the address waits for its connection.
            case yieldsConnection
        }
    }

    /// The fewest moves that were found after which `item` fits, though no connection more is allowed.
    ///
    /// Each is possible on the slots as they are after the moves before it: nothing has to be ended first.
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

    /// The moves after which a slot carries nothing, though everything has a place.
    package func emptySlot(among loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        RelocationSearch(self, loads, at: now).emptiedSlot(reason: .yieldsConnection) { _ in true }
    }

    /// Whether no arrangement of what is on `slots` leaves a place for `item` on them: told without a search.
    private func isHopeless(_ item: PlacementItem, on slots: [PlacementLoad]) -> Bool {
        if slots.allSatisfy({ $0.isAmbiguous(with: item.ambiguityKey) && !$0.isMixed(item.ambiguityKey) }) {
            return true
        }
        guard policy == .packed else { return false }
        return fewestConnections(for: slots.flatMap(\.itemsInOrder) + [item]) > slots.count
    }

    // MARK: The start

    /// What goes where when nothing has a place yet.
    package struct Arrangement: Hashable, Sendable {
        /// The slots needed; their ids count from 1.
        package var loads: [PlacementLoad]
        /// What does not fit with the connections allowed.
        package var unplaced: [PlacementItem]
    }

    /// Places all that is wanted at the start: packed, on the fewest slots that could be found.
    ///
    /// Where it does not all fit, what comes first in `items` has its place first.
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

    /// The fewest slots that were found for all of `items`; nothing when they need more than are allowed.
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

    /// A slot that takes them all: nearly always there is one, and then nothing has to be searched.
    private func oneSlot(for items: [PlacementItem]) -> PlacementLoad? {
        guard let first = items.first else { return nil }
        var load = emptyLoad(SlotID(1), for: first)
        for item in items {
            guard obstacle(to: item, on: load) == nil else { return nil }
            load.add(item)
        }
        return load
    }

    /// The same slots in the order of the items given: a reader finds what he asked for first on the first slot.
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
        // One after the other, each on a slot that is there if one takes it: never far from the bound.
        var greedy: [PlacementLoad] = []
        for item in items { _ = append(item, to: &greedy, limit: .max) }
        for count in bound...max(bound, min(limit, greedy.count - 1)) {
            var packing = Packing(self, items, slotCount: count)
            if packing.solve() { return packing.loads }
        }
        return greedy.count <= limit ? greedy : nil
    }

    /// Places one more, on a new slot if need be; at the limit those before it make room. False when it does not fit.
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

    /// Places one more on slots whose number is given, after as many moves as that takes.
    func squeeze(_ item: PlacementItem, into loads: inout [PlacementLoad]) -> Bool {
        var search = RelocationSearch(self, loads, at: .start)
        guard let moves = search.fewestMoves(for: item) else { return false }
        for move in moves { carryOut(move, on: &loads) }
        return put(item, on: &loads)
    }

    private func carryOut(_ move: Move, on loads: inout [PlacementLoad]) {
        let from = index(of: move.from, in: loads)
        guard let item = loads[from].items[move.upstream] else {
            preconditionFailure("a move starts where its upstream subscription is")
        }
        loads[from].remove(move.upstream)
        loads[index(of: move.to, in: loads)].add(item)
    }

    private func index(of slot: SlotID, in loads: [PlacementLoad]) -> Int {
        guard let index = loads.firstIndex(where: { $0.slot == slot }) else {
            preconditionFailure("a slot that was found is there")
        }
        return index
    }

    // MARK: Bounds

    /// No packed arrangement of items of one endpoint needs fewer slots than this.
    ///
    /// The largest set of which any two are ambiguous; all, by what a slot carries; and each user as often as his
    /// own feeds are ambiguous with each other, by the users that a slot takes.
    package func fewestConnections(for items: [PlacementItem]) -> Int {
        let users = Dictionary(grouping: items.filter { $0.user != nil }, by: \.user)
        let places = users.values.reduce(0) { $0 + largestAmbiguousSet(in: $1) }
        return max(
            largestAmbiguousSet(in: items), Self.quotient(items.count, capacity(of: .packed)),
            Self.quotient(places, userCapacity))
    }

    /// The size of the largest set of which any two are ambiguous: on each channel the largest one of each scheme.
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

    /// A size of 0 has nothing to hold: what cannot fit anywhere is never placed.
    private static func quotient(_ count: Int, _ size: Int) -> Int { (count + size - 1) / max(1, size) }
}
