internal import HyperliquidWire

/// Looks for moves that make room for one identity more on slots that take it no longer.
///
/// A chain of evictions: what is in the way goes to a slot that takes it, or that takes it once something else has
/// gone on. Chains are tried by the number of moves, so the first one found is the shortest.
struct RelocationSearch {
    private let placement: Placement
    private var loads: [PlacementLoad]
    private let now: Instant
    /// How many slots may still be looked at: what bounds the search.
    private var effort = 200
    /// The longest chain that is looked for: each move is a subscription asked for twice.
    private let moveLimit = 8
    /// How many members are tried in turn where any one would do.
    private let choiceLimit = 8

    private struct Room {
        let slot: Int
        let moves: [Placement.Move]
    }

    /// Where a user lingers at `now`, his place is taken.
    init(_ placement: Placement, _ loads: [PlacementLoad], at now: Instant) {
        self.placement = placement
        self.loads = loads
        self.now = now
    }

    mutating func fewestMoves(for item: PlacementItem) -> [Placement.Move]? {
        let start = loads
        for limit in 1...moveLimit where effort > 0 {
            if let room = room(for: item, limit: limit, closed: [], reason: .relocates(for: item.request)) {
                return room.moves
            }
            loads = start
        }
        return nil
    }

    /// The slot with the fewest members that can all go elsewhere, and their moves, among those that `condition` takes.
    func emptiedSlot(
        reason: Placement.Move.Reason, among condition: (PlacementLoad) -> Bool
    ) -> [Placement.Move]? {
        let indices = loads.indices.filter { loads[$0].kind != .probe && condition(loads[$0]) && mayBeEmptied($0) }
        for index in indices.sorted(by: { (loads[$0].count, $0) < (loads[$1].count, $1) }) {
            var trial = self
            if let moves = trial.empty(index, reason: reason) { return moves }
        }
        return nil
    }

    /// Whether each member has a slot that no feed of its class keeps it from.
    private func mayBeEmptied(_ index: Int) -> Bool {
        let others = loads.indices.filter { $0 != index && loads[$0].kind == loads[index].kind }
            .filter { loads[$0].endpoint == loads[index].endpoint && loads[$0].kind != .dedicated }.map { loads[$0] }
        return loads[index].items.values.allSatisfy { item in
            others.contains { !$0.isAmbiguous(with: item.ambiguityKey) || $0.isMixed(item.ambiguityKey) }
        }
    }

    private mutating func empty(_ index: Int, reason: Placement.Move.Reason) -> [Placement.Move]? {
        var moves: [Placement.Move] = []
        for member in loads[index].members {
            guard let victim = loads[index].items[member] else { continue }
            guard let more = evict([victim], from: index, limit: chainLimit, closed: [], reason: reason) else {
                return nil
            }
            moves += more
        }
        return moves
    }

    /// A slot that takes `item` after at most `limit` moves, which have been done when this returns.
    private mutating func room(
        for item: PlacementItem, limit: Int, closed: [Int], reason: Placement.Move.Reason
    ) -> Room? {
        for slot in loads.indices where !closed.contains(slot) && isOfKind(loads[slot], item) {
            for victims in victims(of: item, on: slot, limit: limit, closed: closed + [slot]) {
                effort -= 1
                guard effort > 0 else { return nil }
                let start = loads
                if let moves = evict(victims, from: slot, limit: limit, closed: closed, reason: reason) {
                    return Room(slot: slot, moves: moves)
                }
                loads = start
            }
        }
        return nil
    }

    /// The longest chain for each member of a slot that is emptied.
    private var chainLimit: Int { 3 }

    private func isOfKind(_ load: PlacementLoad, _ item: PlacementItem) -> Bool {
        load.endpoint == item.ambiguityKey.endpoint && load.kind == placement.kind(for: item) && load.kind != .dedicated
    }

    /// Sends each victim to another slot, with moves of others first if that takes some.
    private mutating func evict(
        _ victims: [PlacementItem], from slot: Int, limit: Int, closed: [Int], reason: Placement.Move.Reason
    ) -> [Placement.Move]? {
        var spare = limit - victims.count
        var moves: [Placement.Move] = []
        for victim in victims {
            if let target = target(for: victim, closed: closed + [slot]) {
                moves.append(move(victim, from: slot, to: target, reason: reason))
            } else if spare > 0,
                let room = room(for: victim, limit: spare, closed: closed + [slot], reason: reason)
            {
                spare -= room.moves.count
                moves += room.moves
                moves.append(move(victim, from: slot, to: room.slot, reason: reason))
            } else {
                return nil
            }
        }
        return moves
    }

    /// A slot that takes `item` as it is.
    private func target(for item: PlacementItem, closed: [Int]) -> Int? {
        let open = loads.indices.filter { !closed.contains($0) }
        guard let slot = placement.bestSlot(for: item, among: open.lazy.map { loads[$0] }, at: now) else { return nil }
        return open.first { loads[$0].slot == slot }
    }

    private mutating func move(
        _ item: PlacementItem, from: Int, to: Int, reason: Placement.Move.Reason
    ) -> Placement.Move {
        loads[from].remove(item.id)
        loads[to].add(item)
        return Placement.Move(upstream: item.id, from: loads[from].slot, to: loads[to].slot, reason: reason)
    }

    /// The sets of members of which one must leave a slot before it takes `item`, small ones first.
    private func victims(
        of item: PlacementItem, on slot: Int, limit: Int, closed: [Int]
    ) -> [[PlacementItem]] {
        var load = loads[slot]
        let blockers = load.ambiguous(with: item.ambiguityKey).compactMap { load.items[$0] }
        guard blockers.count <= limit else { return [] }
        for blocker in blockers { load.remove(blocker.id) }
        // Whoever goes so that there is room for a user makes room for a subscription as well.
        if let user = item.user, load.userCount(adding: user, at: now) > placement.userCapacity {
            return load.users.keys.sorted().map { user in blockers + members(of: user, on: load) }
                .filter { $0.count <= limit }.sorted { $0.count < $1.count }
        }
        guard load.count >= placement.capacity(of: load.kind) else { return blockers.isEmpty ? [] : [blockers] }
        let choices = load.itemsInOrder
        // Any one will do, so one that has another place at once is the only one to try.
        if let free = choices.first(where: { target(for: $0, closed: closed) != nil }) { return [blockers + [free]] }
        return choices.prefix(choiceLimit).map { blockers + [$0] }
    }

    private func members(of user: String, on load: PlacementLoad) -> [PlacementItem] {
        load.itemsInOrder.filter { $0.user == user }
    }
}
