internal import HyperliquidWire

/// What is traded at the exchange, and in which order the venue names it.
struct Listing: Sendable {
    /// A dex of perpetuals; the main one has an empty name and comes first.
    struct PerpDex: Hashable, Sendable {
        let name: String
        let coins: Range<Int>
    }

    let instruments: [Instrument]
    let dexes: [PerpDex]
    let spot: Range<Int>
    let outcomes: Range<Int>
    private let positions: [String: Int]

    static let full = Listing(.full)
    static let small = Listing(.small)

    static func of(_ size: MarketSize) -> Listing { size == .full ? full : small }

    private init(_ size: MarketSize) {
        var all = Self.mainPerps(size)
        var dexes = [PerpDex(name: "", coins: 0..<all.count)]
        for (index, dex) in Self.builderDexes(size).enumerated() {
            let start = all.count
            all += dex.coins.map { Self.builderPerp($0, dex: index + 1, name: dex.name) }
            dexes.append(PerpDex(name: dex.name, coins: start..<all.count))
        }
        let spotStart = all.count
        all += Self.spotPairs(size)
        let outcomeStart = all.count
        all += Self.outcomeSides(size)
        instruments = all
        self.dexes = dexes
        spot = spotStart..<outcomeStart
        outcomes = outcomeStart..<all.count
        // Every name is there once; were one there twice, the first would be the one.
        positions = Dictionary(all.enumerated().map { ($1.coin.name, $0) }) { first, _ in first }
    }

    /// The place of a coin by its exact spelling.
    func position(of name: String) -> Int? { positions[name] }

    /// The place of a dex by its name; the main one's is empty.
    func dex(named name: String) -> Int? { dexes.firstIndex { $0.name == name } }

    /// The coins whose mids come with those of a dex: the main one carries spot pairs and outcomes too.
    func coins(withDex dex: Int) -> [Int] {
        dex == 0 ? Array(dexes[0].coins) + Array(spot) + Array(outcomes) : Array(dexes[dex].coins)
    }

    /// Tokens by index, USDC first; there is one for every pair, without holes (clients look them up by place).
    var tokenCount: Int {
        1 + (instruments[spot].map { if case .spot(_, let token) = $0.kind { token } else { 0 } }.max() ?? 0)
    }

    func tokenName(_ token: Int) -> String {
        Self.tokenNames[token] ?? "TKN\(token)"
    }
}
