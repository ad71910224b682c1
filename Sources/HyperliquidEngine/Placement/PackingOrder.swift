internal import HyperliquidWire

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
