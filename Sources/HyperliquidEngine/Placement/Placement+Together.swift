internal import HyperliquidWire

extension Placement {
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
}
