internal import HyperliquidWire

/// Tries to spread items of one endpoint over a given number of slots.
///
/// A slot has two caps, one on upstream subscriptions and one on users. A cap *binds* if the items could exceed it.
///
/// - If the cap on users does not bind, the result is exact: the largest classes of ambiguous items are placed first,
///   each on the emptiest slots (the greedy construction of Gale and Ryser).
/// - If only the cap on users binds, a search over the users' items that are ambiguous with another item is exact as
///   far as `effort` allows. The remaining items are then placed without a search.
/// - If both caps bind, small sets are searched completely and large ones are approximated.
struct Packing {
    private let placement: Placement
    private(set) var loads: [PlacementLoad]
    /// The items that the search covers, and those placed greedily after it, each in the order of placing.
    private let hard: [PlacementItem]
    private let easy: [PlacementItem]
    /// Whether a slot's cap on users could be exceeded.
    private let usersBind: Bool
    /// Whether an item prefers the slots that carry its user, because that leaves more of the cap for other users.
    private let keepsUsersTogether: Bool
    /// For each user, the smallest number of slots that it needs, minus the number of slots that carry it already.
    private var missing: [String: Int] = [:]
    /// The sum of the positive numbers in `missing`.
    private var missingCount = 0
    /// How many users all slots together could still take.
    private var freeCount: Int
    /// How many placements the search may still try, and how many times the easy items may be placed. These numbers
    /// bound the time: when they are used up, the packing fails.
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

    /// Places all items and returns whether that succeeded; if not, `loads` is meaningless.
    mutating func solve() -> Bool { place(0) }

    private mutating func place(_ position: Int) -> Bool {
        guard position < hard.count else { return placeEasy() }
        let item = hard[position]
        var hasTriedEmpty = false
        for index in loads.indices.sorted(by: { rank($0, item) < rank($1, item) }) where effort > 0 {
            // Empty slots are interchangeable, so only one of them is tried.
            if loads[index].isEmpty, hasTriedEmpty { continue }
            hasTriedEmpty = hasTriedEmpty || loads[index].isEmpty
            guard placement.obstacle(to: item, on: loads[index]) == nil else { continue }
            effort -= 1
            let takesPlace = take(item, index)
            // The slots must still be able to take all users that are missing.
            if !usersBind || missingCount <= freeCount, place(position + 1) { return true }
            untake(item, index, takesPlace)
        }
        return false
    }

    /// Adds an item to a slot; returns whether its user is new there and so counts towards the cap on users.
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

    /// The order in which slots are tried: those that carry the user, then those with the fewest users, then the
    /// emptiest.
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
            } else if !placement.placeByEviction(item, into: &loads) {
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

/// The order in which items are packed, and the division into those that need a search and those that do not.
struct PackingOrder {
    /// Whether the items could exceed a slot's cap on users.
    let usersBind: Bool
    /// Whether the items could exceed a slot's cap on upstream subscriptions.
    let countBinds: Bool
    /// The items whose slots depend on each other, grouped by user; the user with the most of them comes first.
    private(set) var hard: [PlacementItem] = []
    /// The other items, the largest classes first. They are grouped by user if the cap on users binds or the cap on
    /// upstream subscriptions does not.
    private(set) var easy: [PlacementItem] = []

    /// The items with one ambiguity key: each of them needs a slot of its own.
    private struct Class {
        let order: Int
        var size = 0
        var hasUser = false
    }

    /// The largest number of items that is searched completely if both caps bind; larger sets take too long.
    private static let wholeSearchLimit = 12

    init(_ placement: Placement, _ items: [PlacementItem]) {
        usersBind = Set(items.compactMap(\.user)).count > placement.userCapacity
        countBinds = items.count > placement.capacity(of: .packed)
        let classes = Self.classes(items)
        let mixed = Self.mixedChannels(items)
        let isSearchedWhole = usersBind && countBinds && items.count <= Self.wholeSearchLimit
        for item in items {
            let own = classes[item.ambiguityKey] ?? Class(order: 0)
            let isHard =
                isSearchedWhole || mixed.contains(item.ambiguityKey.channel) || usersBind && own.hasUser && own.size > 1
            if isHard { hard.append(item) } else { easy.append(item) }
        }
        let counts = Dictionary(grouping: hard, by: \.user).mapValues(\.count)
        let followsUsers = usersBind || !countBinds
        /// Keeps the items of one user together, and the items of one class, so that these go to the emptiest slots.
        func rank(_ item: PlacementItem) -> (Int, Int, String, Int, Int) {
            let own = classes[item.ambiguityKey] ?? Class(order: 0)
            guard followsUsers, let user = item.user else { return (1, -own.size, "", own.order, 0) }
            return (0, -counts[user, default: 0], user, -own.size, own.order)
        }
        hard = Self.sorted(hard, by: rank)
        easy = Self.sorted(easy, by: rank)
    }

    /// Sorts by rank. Equal ranks keep the order given, so that the same items always get the same slots.
    private static func sorted(
        _ items: [PlacementItem], by rank: (PlacementItem) -> (Int, Int, String, Int, Int)
    ) -> [PlacementItem] {
        items.map { (rank($0), $0) }.enumerated()
            .sorted { $0.element.0 == $1.element.0 ? $0.offset < $1.offset : $0.element.0 < $1.element.0 }
            .map(\.element.1)
    }

    private static func classes(_ items: [PlacementItem]) -> [AmbiguityKey: Class] {
        var classes: [AmbiguityKey: Class] = [:]
        for item in items {
            let order = classes.count
            classes[item.ambiguityKey, default: Class(order: order)].size += 1
            if item.user != nil { classes[item.ambiguityKey]?.hasUser = true }
        }
        return classes
    }

    /// The channels whose items use more than one route scheme, and are therefore ambiguous with each other.
    private static func mixedChannels(_ items: [PlacementItem]) -> Set<String> {
        var routes: [String: RouteScheme] = [:]
        var mixed: Set<String> = []
        for key in items.map(\.ambiguityKey) {
            if routes[key.channel, default: key.route] != key.route { mixed.insert(key.channel) }
            routes[key.channel] = key.route
        }
        return mixed
    }
}
