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

/// In which order items are packed, and which of them have to be searched over.
struct PackingOrder {
    /// Whether a slot's cap on users, and on upstream subscriptions, could matter at all.
    let usersBind: Bool
    let countBinds: Bool
    /// Those whose places depend on each other, user by user, those of whom there are most first.
    private(set) var hard: [PlacementItem] = []
    /// The others: users' first where users bind, then by the size of their class.
    private(set) var easy: [PlacementItem] = []

    private struct Class {
        let order: Int
        var size = 0
        var hasUser = false
    }

    /// Up to so many items are searched whole where both caps bind.
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
        /// A class stays in one piece, so that its members fill the emptiest slots; a user stays in one piece.
        func rank(_ item: PlacementItem) -> (Int, Int, String, Int, Int) {
            let own = classes[item.ambiguityKey] ?? Class(order: 0)
            guard followsUsers, let user = item.user else { return (1, -own.size, "", own.order, 0) }
            return (0, -counts[user, default: 0], user, -own.size, own.order)
        }
        hard = Self.sorted(hard, by: rank)
        easy = Self.sorted(easy, by: rank)
    }

    /// Ties go by the order given, so that the same items always have the same places.
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

    /// Channels that are read by more than one scheme.
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
