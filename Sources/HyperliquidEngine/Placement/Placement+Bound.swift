internal import HyperliquidWire

extension Placement {
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
