internal import HyperliquidWire

/// Searches for moves after which full slots can take one more identity.
///
/// A move sends a blocking member to another slot. If no slot takes that member, another member moves away first: the
/// moves form a chain. Chains are tried by length, so the first one found is the shortest.
struct RelocationSearch {
    private let placement: Placement
    private var loads: [PlacementLoad]
    private let now: Instant
    /// How many sets of evictions may still be tried. Bounds the time of the search, which fails when none is left.
    private var effort = 200
    /// The length of the longest chain that is tried. Each move costs an extra subscribe, so a longer chain costs more
    /// than it gains.
    private let moveLimit = 8
    /// How many members are tried if the removal of any one member would suffice.
    private let choiceLimit = 8

    /// A slot, by its index, that takes an item after these moves.
    private struct Target {
        let slot: Int
        let moves: [Placement.Move]
    }

    /// Creates a search on a copy of the slots; a user that lingers at `now` counts towards the cap on users.
    init(_ placement: Placement, _ loads: [PlacementLoad], at now: Instant) {
        self.placement = placement
        self.loads = loads
        self.now = now
    }

    /// Returns the shortest chain found after which a slot takes `item`; `nil` if none was found.
    mutating func fewestMoves(for item: PlacementItem) -> [Placement.Move]? {
        let start = loads
        for limit in 1...moveLimit where effort > 0 {
            if let opening = opening(for: item, limit: limit, closed: [], reason: .relocates(for: item.request)) {
                return opening.moves
            }
            loads = start
        }
        return nil
    }

    /// Returns the moves that empty a slot that satisfies `condition`; `nil` if none can be emptied.
    ///
    /// Slots with fewer members are tried first.
    func emptiedSlot(
        reason: Placement.Move.Reason, among condition: (PlacementLoad) -> Bool
    ) -> [Placement.Move]? {
        let indices = loads.indices.filter { loads[$0].kind != .trial && condition(loads[$0]) && mayBeEmptied($0) }
        for index in indices.sorted(by: { (loads[$0].count, $0) < (loads[$1].count, $1) }) {
            var trial = self
            if let moves = trial.empty(index, reason: reason) { return moves }
        }
        return nil
    }

    /// Whether each member of a slot has another slot without feeds that are ambiguous with it: a quick test before the
    /// search.
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

    /// Finds a slot that takes `item` after at most `limit` moves, and carries these moves out on `loads`.
    private mutating func opening(
        for item: PlacementItem, limit: Int, closed: [Int], reason: Placement.Move.Reason
    ) -> Target? {
        for slot in loads.indices where !closed.contains(slot) && isOfKind(loads[slot], item) {
            for victims in victims(of: item, on: slot, limit: limit, closed: closed + [slot]) {
                effort -= 1
                guard effort > 0 else { return nil }
                let start = loads
                if let moves = evict(victims, from: slot, limit: limit, closed: closed, reason: reason) {
                    return Target(slot: slot, moves: moves)
                }
                loads = start
            }
        }
        return nil
    }

    /// The most moves that may be made for each member of a slot that is being emptied.
    private var chainLimit: Int { 3 }

    private func isOfKind(_ load: PlacementLoad, _ item: PlacementItem) -> Bool {
        load.endpoint == item.ambiguityKey.endpoint && load.kind == placement.kind(for: item) && load.kind != .dedicated
    }

    /// Moves each of the given members to another slot, after moves of other members if necessary; `nil` if one cannot
    /// move.
    private mutating func evict(
        _ victims: [PlacementItem], from slot: Int, limit: Int, closed: [Int], reason: Placement.Move.Reason
    ) -> [Placement.Move]? {
        var spare = limit - victims.count
        var moves: [Placement.Move] = []
        for victim in victims {
            if let target = target(for: victim, closed: closed + [slot]) {
                moves.append(move(victim, from: slot, to: target, reason: reason))
            } else if spare > 0,
                let opening = opening(for: victim, limit: spare, closed: closed + [slot], reason: reason)
            {
                spare -= opening.moves.count
                moves += opening.moves
                moves.append(move(victim, from: slot, to: opening.slot, reason: reason))
            } else {
                return nil
            }
        }
        return moves
    }

    /// The best slot, by its index, that takes `item` without a move; `nil` if there is none.
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

    /// The alternative sets of members whose removal lets a slot take `item`, the smallest first.
    private func victims(
        of item: PlacementItem, on slot: Int, limit: Int, closed: [Int]
    ) -> [[PlacementItem]] {
        var load = loads[slot]
        let blockers = load.ambiguous(with: item.ambiguityKey).compactMap { load.items[$0] }
        guard blockers.count <= limit else { return [] }
        for blocker in blockers { load.remove(blocker.id) }
        // If a user's feeds move, subscriptions become free as well, so the cap on subscriptions needs no check here.
        if let user = item.user, load.userCount(adding: user, at: now) > placement.userCapacity {
            return load.users.keys.sorted().map { user in blockers + members(of: user, on: load) }
                .filter { $0.count <= limit }.sorted { $0.count < $1.count }
        }
        guard load.count >= placement.capacity(of: load.kind) else { return blockers.isEmpty ? [] : [blockers] }
        let choices = load.itemsInOrder
        // Any member will do, so a member that another slot takes without a further move is the only one to try.
        if let free = choices.first(where: { target(for: $0, closed: closed) != nil }) { return [blockers + [free]] }
        return choices.prefix(choiceLimit).map { blockers + [$0] }
    }

    private func members(of user: String, on load: PlacementLoad) -> [PlacementItem] {
        load.itemsInOrder.filter { $0.user == user }
    }
}
