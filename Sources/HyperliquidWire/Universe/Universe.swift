/// What the venue lists: perpetuals by dex, spot pairs and the sides of outcomes.
public struct Universe: Hashable, Sendable {
    /// One market.
    public struct Market: Hashable, Sendable {
        /// The kind of a market.
        public enum Kind: Hashable, Sendable {
            /// A perpetual of a dex; the name of the main dex is empty.
            case perpetual(dex: String)
            /// A spot pair of two tokens.
            case spot(base: String, quote: String)
            /// A side of an outcome, with the outcome's id and the name of the side.
            case outcome(Int64, side: String)
        }

        /// The coin, as the venue's messages spell it.
        public let coin: Coin
        /// The kind of the market.
        public let kind: Kind
        /// The number of decimals of sizes; `nil` for the side of an outcome.
        public let sizeDecimals: Int?
        /// The largest leverage of a perpetual; `nil` for others.
        public let maximumLeverage: Int?
        /// Whether it is no longer traded.
        public let isDelisted: Bool

        /// Creates a market.
        public init(
            coin: Coin, kind: Kind, sizeDecimals: Int? = nil, maximumLeverage: Int? = nil, isDelisted: Bool = false
        ) {
            self.coin = coin
            self.kind = kind
            self.sizeDecimals = sizeDecimals
            self.maximumLeverage = maximumLeverage
            self.isDelisted = isDelisted
        }

        /// The name that people read: `HYPE/USDC` for `@107`, the name of the side for an outcome, and else the coin.
        public var name: String {
            switch kind {
            case .perpetual: coin.name
            case .spot(let base, let quote): "\(base)/\(quote)"
            case .outcome(let outcome, let side): "outcome \(outcome): \(side)"
            }
        }
    }

    /// The markets: perpetuals in the order of their dexes, then spot pairs, then outcomes.
    public let markets: [Market]
    private let positions: [Coin: Int]

    /// Creates a universe of markets. If two have the same coin, the first one counts.
    public init(_ markets: [Market]) {
        self.markets = markets
        var positions: [Coin: Int] = [:]
        for (position, market) in markets.enumerated() where positions[market.coin] == nil {
            positions[market.coin] = position
        }
        // The readable name of a pair is another spelling of it, unless it belongs to something else or to several.
        let names = Dictionary(grouping: markets.indices) { Coin(markets[$0].name) }
        for (name, indices) in names where indices.count == 1 && positions[name] == nil {
            guard case .spot = markets[indices[0]].kind else { continue }
            positions[name] = indices[0]
        }
        self.positions = positions
    }

    /// Creates a universe from the venue's answers.
    /// - Parameters:
    ///   - perpetuals: The perpetuals of each dex, by its name.
    ///   - spot: The spot pairs.
    ///   - outcomes: The outcomes.
    public init(perpetuals: [(dex: String, meta: PerpMeta)], spot: SpotMeta, outcomes: OutcomeMeta) {
        var markets: [Market] = []
        for (dex, meta) in perpetuals {
            markets += meta.assets.map {
                Market(
                    coin: $0.coin, kind: .perpetual(dex: dex), sizeDecimals: $0.sizeDecimals,
                    maximumLeverage: $0.maximumLeverage, isDelisted: $0.isDelisted)
            }
        }
        let tokens = Dictionary(spot.tokens.map { ($0.index, $0) }) { first, _ in first }
        for pair in spot.pairs {
            guard let base = pair.tokens.first, let quote = pair.tokens.dropFirst().first else { continue }
            // A token that the answer does not describe is named by its index: its pair is listed all the same.
            let names = [base, quote].map { tokens[$0]?.name ?? "\($0)" }
            markets.append(
                Market(
                    coin: pair.coin, kind: .spot(base: names[0], quote: names[1]),
                    sizeDecimals: tokens[base]?.sizeDecimals))
        }
        for outcome in outcomes.outcomes {
            for (side, spec) in outcome.sideSpecs.enumerated() {
                markets.append(
                    Market(
                        coin: Coin("#\(outcome.outcome)\(side)"), kind: .outcome(outcome.outcome, side: spec.name)))
            }
        }
        self.init(markets)
    }

    /// The market of a coin, by the venue's spelling or by the readable name of a spot pair; `nil` if there is none.
    public subscript(coin: Coin) -> Market? { positions[coin].map { markets[$0] } }

    /// The coin that was most likely meant: one that differs only by case, or else the one with the fewest edits; `nil`
    /// if every coin needs more than two edits, or as many as the name has letters.
    public func nearest(to coin: Coin) -> Coin? { NearestName.find(for: coin.name, in: positions.keys) }
}

/// Finds the name that was most likely meant by a misspelt one.
package enum NearestName {
    /// The nearest of some coins; `nil` if every one needs more than two edits, or as many as the name has letters.
    package static func find(for name: String, in coins: some Collection<Coin>) -> Coin? {
        guard let (coin, edits) = nearest(to: name, in: coins, text: \.name) else { return nil }
        return edits <= min(2, name.utf8.count - 1) ? coin : nil
    }

    /// The nearest of some words; `nil` if every one needs more than a third of its letters as edits.
    package static func find(for word: String, among words: some Collection<String>) -> String? {
        guard let (nearest, edits) = nearest(to: word, in: words, text: \.self) else { return nil }
        return edits * 3 <= nearest.utf8.count ? nearest : nil
    }

    /// The candidate with the fewest edits, whatever the case, and of several the first one in their order.
    private static func nearest<Candidate: Comparable>(
        to name: String, in candidates: some Collection<Candidate>, text: (Candidate) -> String
    ) -> (candidate: Candidate, edits: Int)? {
        let folded = name.lowercased()
        return candidates.sorted().map { ($0, editCount(folded, text($0).lowercased())) }.min { $0.1 < $1.1 }
    }

    /// The number of letters to replace, remove or insert to turn one name into the other (Levenshtein distance).
    private static func editCount(_ one: String, _ other: String) -> Int {
        let (one, other) = (Array(one.utf8), Array(other.utf8))
        var row = Array(0...other.count)
        for (index, letter) in one.enumerated() {
            var diagonal = row[0]
            row[0] = index + 1
            for (column, counterpart) in other.enumerated() {
                let replaced = diagonal + (letter == counterpart ? 0 : 1)
                diagonal = row[column + 1]
                row[column + 1] = min(replaced, row[column] + 1, diagonal + 1)
            }
        }
        return row[other.count]
    }
}

/// A trace of the listings in a message about something else.
package enum ListingEvidence: Hashable, Sendable {
    /// A coin is named.
    case coin(Coin)
    /// A dex has this number of perpetuals, delisted ones included.
    case perpetualCount(dex: String, Int)
}

/// An event with traces of the listings.
package protocol ShowsListings {
    var listingEvidence: [ListingEvidence] { get }
}

extension AllMids: ShowsListings {
    package var listingEvidence: [ListingEvidence] { map { .coin($0.coin) } }
}

extension FastContexts: ShowsListings {
    package var listingEvidence: [ListingEvidence] { map { .coin($0.coin) } }
}

extension Array: ShowsListings where Element == SpotContext {
    package var listingEvidence: [ListingEvidence] { map { .coin($0.coin) } }
}

extension DexContexts: ShowsListings {
    package var listingEvidence: [ListingEvidence] { [.perpetualCount(dex: dex, contexts.count)] }
}

extension AllDexsContexts: ShowsListings {
    package var listingEvidence: [ListingEvidence] { dexes.flatMap(\.listingEvidence) }
}

extension Universe {
    /// The part of the evidence that this universe does not explain: the venue may list something new.
    package func unexplained(_ evidence: [ListingEvidence]) -> [ListingEvidence] {
        lazy var counts = perpetualCounts
        return evidence.filter { evidence in
            switch evidence {
            case .coin(let coin): return self[coin] == nil
            case .perpetualCount(let dex, let count): return counts[dex, default: 0] != count
            }
        }
    }

    private var perpetualCounts: [String: Int] {
        var counts: [String: Int] = [:]
        for market in markets {
            if case .perpetual(let dex) = market.kind { counts[dex, default: 0] += 1 }
        }
        return counts
    }
}
