internal import HyperliquidWire

/// Tries to spread items of one endpoint over a given number of slots.
///
/// Exact where only one of the caps on a slot can bind: without the cap on users, by filling the emptiest slots with
/// the largest classes of ambiguous items first (the greedy construction of Gale and Ryser); with it, by a search
/// over those items of users that are ambiguous with something, as far as `effort` goes: what remains then has its
/// place without a choice. Where both caps bind, small sets are searched whole; large ones are approximated.
struct Packing {
    private let placement: Placement
    private(set) var loads: [PlacementLoad]
    /// What is searched over, and what has its place after that, in this order.
    private let hard: [PlacementItem]
    private let easy: [PlacementItem]
    private let usersBind: Bool
    /// Whether a user's items go where he is already, because that saves another the place.
    private let keepsUsersTogether: Bool
    /// For each user how many slots he needs at least, less those that he has.
    private var missing: [String: Int] = [:]
    private var missingCount = 0
    private var freeCount: Int
    /// How many placements may still be tried, and how many times the easy items.
    private var effort = 20_000
    private var easyEffort = 20

    init(_ placement: Placement, _ items: [PlacementItem], slotCount: Int) {
        self.placement = placement
        loads = (0..<slotCount).map { index in
            PlacementLoad(slot: SlotID(UInt64(index) + 1), kind: .packed, endpoint: items[0].ambiguityKey.endpoint)
        }
        let order = PackingOrder(placement, items)
        usersBind = order.usersBind
        keepsUsersTogether = order.usersBind || !order.countBinds
        hard = order.hard
        easy = order.easy
        freeCount = slotCount * placement.userCapacity
        guard usersBind else { return }
        for (user, own) in Dictionary(grouping: items, by: \.user) {
            if let user { missing[user] = placement.largestAmbiguousSet(in: own) }
        }
        missingCount = missing.values.reduce(0, +)
    }

    /// Whether all found a place; if not, `loads` mean nothing.
    mutating func solve() -> Bool { place(0) }

    private mutating func place(_ position: Int) -> Bool {
        guard position < hard.count else { return placeEasy() }
        let item = hard[position]
        var hasTriedEmpty = false
        for index in loads.indices.sorted(by: { rank($0, item) < rank($1, item) }) where effort > 0 {
            // Empty slots are all the same.
            if loads[index].isEmpty, hasTriedEmpty { continue }
            hasTriedEmpty = hasTriedEmpty || loads[index].isEmpty
            guard placement.obstacle(to: item, on: loads[index]) == nil else { continue }
            effort -= 1
            let takesPlace = take(item, index)
            // The users still to come must find the places that they need.
            if !usersBind || missingCount <= freeCount, place(position + 1) { return true }
            untake(item, index, takesPlace)
        }
        return false
    }

    /// Adds; true when the user takes a place on that slot by it.
    private mutating func take(_ item: PlacementItem, _ index: Int) -> Bool {
        let takesPlace = item.user.map { !loads[index].carries(user: $0) } ?? false
        loads[index].add(item)
        guard takesPlace, let user = item.user else { return false }
        freeCount -= 1
        if missing[user, default: 0] > 0 { missingCount -= 1 }
        missing[user, default: 0] -= 1
        return true
    }

    private mutating func untake(_ item: PlacementItem, _ index: Int, _ takesPlace: Bool) {
        loads[index].remove(item.id)
        loads[index].forgetLingering()
        guard takesPlace, let user = item.user else { return }
        freeCount += 1
        missing[user, default: 0] += 1
        if missing[user, default: 0] > 0 { missingCount += 1 }
    }

    /// Slots that carry the user already come first, then those with fewest users, then the emptiest.
    private func rank(_ index: Int, _ item: PlacementItem) -> (Int, Int, Int, Int) {
        let load = loads[index]
        let isForeign = keepsUsersTogether && item.user.map { !load.carries(user: $0) } ?? false
        return (isForeign ? 1 : 0, usersBind ? load.users.count : 0, load.count, index)
    }

    private mutating func placeEasy() -> Bool {
        guard easyEffort > 0 else { return false }
        easyEffort -= 1
        let start = loads
        for item in easy {
            let open = loads.indices.filter { placement.obstacle(to: item, on: loads[$0]) == nil }
            if let index = open.min(by: { easyRank($0, item) < easyRank($1, item) }) {
                loads[index].add(item)
            } else if !placement.squeeze(item, into: &loads) {
                loads = start
                return false
            }
        }
        return true
    }

    private func easyRank(_ index: Int, _ item: PlacementItem) -> (Int, Int, Int) {
        let rank = rank(index, item)
        return (rank.0, rank.2, rank.3)
    }
}
