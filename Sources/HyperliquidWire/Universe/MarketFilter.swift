/// Picks markets from what the venue lists: by kind, dex or quote, by a pattern of their names, or by a closure.
///
/// ```swift
/// let gold = MarketFilter.perpetuals(dex: "xyz") && .matching("*GOLD*")
/// let leveraged = MarketFilter { $0.maximumLeverage ?? 1 >= 20 }
/// ```
///
/// Delisted markets are never picked.
public struct MarketFilter: Sendable {
    private let picks: @Sendable (Universe.Market) -> Bool

    /// Picks the markets for which a closure returns `true`.
    public init(_ picks: @escaping @Sendable (Universe.Market) -> Bool) { self.picks = picks }

    /// Every market.
    public static let all = MarketFilter { _ in true }

    /// The perpetuals of all dexes.
    public static let perpetuals = MarketFilter { if case .perpetual = $0.kind { true } else { false } }

    /// The perpetuals of one dex; the name of the main dex is empty.
    public static func perpetuals(dex: String) -> MarketFilter { MarketFilter { $0.kind == .perpetual(dex: dex) } }

    /// All spot pairs.
    public static let spot = MarketFilter { if case .spot = $0.kind { true } else { false } }

    /// The spot pairs with a quote token, for example `USDC`.
    public static func spot(quote: String) -> MarketFilter {
        MarketFilter { if case .spot(_, quote) = $0.kind { true } else { false } }
    }

    /// The sides of all outcomes.
    public static let outcomes = MarketFilter { if case .outcome = $0.kind { true } else { false } }

    /// The markets whose coin or readable name has a pattern, in which `*` stands for any letters: `xyz:*`, `*/USDC`.
    /// Case counts.
    public static func matching(_ pattern: String) -> MarketFilter {
        MarketFilter { NamePattern.matches($0.coin.name, pattern) || NamePattern.matches($0.name, pattern) }
    }

    /// The markets that both filters pick.
    public static func && (lhs: MarketFilter, rhs: MarketFilter) -> MarketFilter {
        MarketFilter { lhs.contains($0) && rhs.contains($0) }
    }

    /// The markets that at least one of the filters picks.
    public static func || (lhs: MarketFilter, rhs: MarketFilter) -> MarketFilter {
        MarketFilter { lhs.contains($0) || rhs.contains($0) }
    }

    /// The markets that the filter does not pick, delisted ones excepted.
    public static prefix func ! (filter: MarketFilter) -> MarketFilter { MarketFilter { !filter.picks($0) } }

    /// Whether the filter picks a market. It picks none that is delisted.
    public func contains(_ market: Universe.Market) -> Bool { !market.isDelisted && picks(market) }
}

extension Universe {
    /// The markets that a filter picks, in the order of ``markets``.
    public func markets(_ filter: MarketFilter) -> [Market] { markets.filter(filter.contains) }
}

/// A name in which `*` stands for any letters, or for none.
package enum NamePattern {
    package static func matches(_ name: some StringProtocol, _ pattern: some StringProtocol) -> Bool {
        var parts = pattern.split(separator: "*", omittingEmptySubsequences: false)[...]
        guard let first = parts.popFirst(), name.hasPrefix(first) else { return false }
        var rest = name.dropFirst(first.count)
        guard let last = parts.popLast() else { return rest.isEmpty }
        for part in parts where !part.isEmpty {
            guard let range = rest.firstRange(of: part) else { return false }
            rest = rest[range.upperBound...]
        }
        return rest.count >= last.count && rest.hasSuffix(last)
    }
}
