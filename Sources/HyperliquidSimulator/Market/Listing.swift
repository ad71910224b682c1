internal import HyperliquidWire

/// The instruments of the exchange, in the order in which the venue names them. Coins are listed and delisted while it
/// runs.
struct Listing: Sendable {
    /// A dex of perpetuals.
    struct PerpDex: Hashable, Sendable {
        /// The name of the dex; empty for the main dex.
        let name: String
        /// The indices of its coins, delisted ones included.
        fileprivate(set) var coins: [Int] = []
    }

    /// Everything that is or was listed. An index is never given to another instrument.
    private(set) var instruments: [Instrument] = []
    /// The dexes of perpetuals, the main one first.
    private(set) var dexes = [PerpDex(name: "")]
    /// The indices of the listed spot pairs.
    private(set) var spot: [Int] = []
    /// The indices of the listed sides of outcomes.
    private(set) var outcomes: [Int] = []
    private var indices: [String: Int] = [:]

    private static let full = Listing(.full)
    private static let small = Listing(.small)

    static func of(_ size: MarketSize) -> Listing { size == .full ? full : small }

    private init(_ size: MarketSize) {
        for instrument in Self.mainPerps(size) { add(instrument) }
        for dex in Self.builderDexes(size) {
            let index = dexIndex(named: dex.name)
            for coin in dex.coins { add(Self.builderPerp(coin, dex: index, name: dex.name)) }
        }
        for instrument in Self.spotPairs(size) + Self.outcomeSides(size) { add(instrument) }
    }

    /// The index of a listed coin, by its exact name or by the readable name of a spot pair.
    func index(of name: String) -> Int? { indices[name].flatMap { isListed($0) ? $0 : nil } }

    /// The index of a coin that is or was listed, by the same names.
    func indexOfAny(_ name: String) -> Int? { indices[name] }

    /// Whether an instrument is listed. A delisted perpetual still is, with a mark; others are no longer mentioned.
    func isListed(_ index: Int) -> Bool { instruments[index].isPerp || !instruments[index].isDelisted }

    /// The index of a dex by its name, which is empty for the main dex.
    func dex(named name: String) -> Int? { dexes.firstIndex { $0.name == name } }

    /// The coins in the mid prices of a dex. Those of the main dex include spot pairs and outcomes.
    func coins(withDex dex: Int) -> [Int] { dex == 0 ? dexes[0].coins + spot + outcomes : dexes[dex].coins }

    /// The number of tokens, USDC first. Their indices have no gaps, since clients look tokens up by position.
    var tokenCount: Int {
        1 + (instruments.map { if case .spot(_, let token) = $0.kind { token } else { 0 } }.max() ?? 0)
    }

    func tokenName(_ token: Int) -> String {
        Self.tokenNames[token] ?? "TKN\(token)"
    }

    // MARK: Changes

    /// Lists a coin, or lets a delisted one be traded again. The name says what it is: `NEW`, `xyz:NEW` of a dex that is
    /// made if there is none, the spot pair `@300`, or `#20000`, with the other side of the outcome.
    /// - Returns: The indices of the coins that are traded from now on; none if it was traded already.
    mutating func list(_ name: String, block: Int64) -> [Int] {
        names(besides: name).compactMap { name in
            if let index = indices[name] {
                guard instruments[index].isDelisted else { return nil }
                instruments[index].isDelisted = false
                mention(index)
                return index
            }
            guard var instrument = makeInstrument(name) else { return nil }
            instrument.firstBlock = block
            add(instrument)
            return instruments.count - 1
        }
    }

    /// Delists a coin, with the other side of its outcome if it is one.
    /// - Returns: The indices of the coins that are no longer traded; none if it was not traded.
    mutating func delist(_ name: String) -> [Int] {
        names(besides: name).compactMap { name in
            guard let index = indices[name], !instruments[index].isDelisted else { return nil }
            instruments[index].isDelisted = true
            spot.removeAll { $0 == index }
            outcomes.removeAll { $0 == index }
            return index
        }
    }

    /// Whether a coin of this name can be listed.
    static func canList(_ name: String) -> Bool {
        var listing = small
        return listing.indices[name] != nil || listing.makeInstrument(name) != nil
    }

    /// The names of the coins that are listed and delisted together.
    private func names(besides name: String) -> [String] {
        guard name.hasPrefix("#"), let last = name.last, last == "0" || last == "1" else { return [name] }
        return ["0", "1"].map { name.dropLast() + $0 }
    }

    private mutating func makeInstrument(_ name: String) -> Instrument? {
        guard !name.isEmpty, !name.contains(where: { $0 == "/" || $0 == "+" || $0.isWhitespace }) else { return nil }
        if name.hasPrefix("#") {
            guard let side = Int(name.dropFirst()), side >= 10, side % 10 < 2 else { return nil }
            return Self.outcomeSides(side / 10)[side % 10]
        }
        if name.hasPrefix("@") {
            guard let pair = Int(name.dropFirst()), pair >= 0 else { return nil }
            return Self.minor(name, .spot(pair: pair, token: tokenCount), leverage: 1)
        }
        let parts = name.split(separator: ":", omittingEmptySubsequences: false)
        guard parts.count <= 2, parts.allSatisfy({ !$0.isEmpty }) else { return nil }
        let dex = parts.count == 2 ? dexIndex(named: String(parts[0])) : 0
        return Self.minor(name, .perp(dex: dex), leverage: 5)
    }

    /// The index of a dex, which is made if there is none.
    private mutating func dexIndex(named name: String) -> Int {
        if let index = dex(named: name) { return index }
        dexes.append(PerpDex(name: name))
        return dexes.count - 1
    }

    private mutating func add(_ instrument: Instrument) {
        let index = instruments.count
        instruments.append(instrument)
        indices[instrument.coin.name] = index
        if case .spot(_, let token) = instrument.kind { indices["\(tokenName(token))/USDC"] = index }
        if case .perp(let dex) = instrument.kind { dexes[dex].coins.append(index) }
        mention(index)
    }

    /// Shows a spot pair or a side of an outcome among the others of its kind.
    private mutating func mention(_ index: Int) {
        switch instruments[index].kind {
        case .perp: break
        case .spot: spot.append(index)
        case .outcome: outcomes.append(index)
        }
    }
}

/// What is listed when the exchange starts.
extension Listing {
    /// A coin: its name, the five digits of its price, the decimals of its price, the decimals of its size, its leverage
    /// and the mean number of blocks between events, which is 0 for a delisted coin.
    private typealias Row = (name: String, price: Int64, scale: Int, sizeScale: Int, leverage: Int, gap: Int64)

    /// Prices are far enough from powers of ten to keep five digits as they move.
    private static let majors: [Row] = [
        ("BTC", 64_000, 0, 5, 40, 2), ("ETH", 31_000, 1, 4, 25, 2), ("SOL", 15_500, 2, 2, 20, 3),
        ("HYPE", 38_420, 3, 2, 10, 3), ("XRP", 21_500, 4, 0, 20, 5), ("DOGE", 18_200, 5, 0, 10, 6),
        ("kPEPE", 16_345, 6, 0, 10, 6), ("SUI", 34_500, 4, 1, 10, 8), ("AVAX", 28_500, 3, 2, 10, 10),
        ("LINK", 17_500, 3, 1, 10, 10), ("ADA", 65_000, 5, 0, 10, 12), ("BNB", 61_000, 2, 3, 10, 10),
        ("LTC", 62_000, 3, 2, 10, 15), ("BCH", 45_000, 2, 3, 10, 20), ("AAVE", 25_500, 2, 2, 10, 15),
        ("NEAR", 25_000, 4, 1, 10, 20), ("APT", 48_000, 4, 2, 10, 20), ("ARB", 41_000, 5, 1, 10, 15),
        ("OP", 68_000, 5, 1, 10, 20), ("UNI", 65_000, 4, 1, 10, 20), ("WLD", 17_900, 4, 1, 10, 20),
        ("TIA", 18_000, 4, 1, 10, 25), ("INJ", 15_900, 3, 1, 10, 25), ("ATOM", 45_000, 4, 2, 5, 30),
        ("kBONK", 16_700, 6, 0, 10, 20), ("XAI", 22_000, 5, 1, 3, 60_000), ("MATIC", 38_000, 5, 1, 20, 0),
    ]

    private static let minors = """
        TRX DOT FIL CRV LDO MKR SEI SNX COMP GMX DYDX APE CFX STX RNDR FTT BLUR SUSHI kSHIB WIF JUP PYTH ORDI ENA \
        ONDO PENDLE FET TAO TON NOT RUNE IMX GALA SAND AXS ALGO HBAR ICP ETC XLM EOS ZRO ZK STRK MANTA ALT PIXEL \
        DYM JTO MEME BIGTIME GAS NEO MINA TURBO BRETT POPCAT MEW BOME W AEVO ETHFI TNSR SAGA MAV REZ IO LISTA BLAST \
        OMNI UMA BANANA HMSTR CATI EIGEN SCR GOAT MOODENG GRASS PNUT XMR CHILLGUY MOVE ME PENGU USUAL VIRTUAL FARTCOIN \
        AIXBT ANIME VINE S TRUMP MELANIA VVV BERA KAITO IP LAYER REZO PAXG NIL BABY WCT HYPER INIT DOOD LAUNCHCOIN \
        SOPH RESOLV SPX PUMP PROVE YZY WLFI LINEA SKY ASTER AVNT STBL ZEC MON MEGA CC ICX BADGER ARK TRB ZEN BNT OX \
        FRIEND SHIA CYBER CANTO FTM MYRO BSV GMT SUPER USTC ZETA POLYX NTRN ACE
        """

    static func mainPerps(_ size: MarketSize) -> [Instrument] {
        let first = majors.map {
            Instrument(
                $0.name, .perp(dex: 0), price: $0.price, scale: $0.scale, sizeScale: $0.sizeScale,
                leverage: $0.leverage, gap: $0.gap == 0 ? 20 : $0.gap, isDelisted: $0.gap == 0)
        }
        guard size == .full else { return first }
        let names = minors.split { $0 == " " || $0 == "\n" }.map(String.init)
        return first + names.map { minor($0, .perp(dex: 0), leverage: 5) }
    }

    /// A coin whose price and activity are derived from its name.
    static func minor(_ name: String, _ kind: Instrument.Kind, leverage: Int) -> Instrument {
        var generator = SplitMix64(seed: SplitMix64.hash(name))
        let scale = Int(generator.within(2...5))
        return Instrument(
            name, kind, price: generator.within(16_000...65_000), scale: scale, sizeScale: scale > 3 ? 0 : 2,
            leverage: leverage, gap: generator.within(20...120))
    }

    static func builderDexes(_ size: MarketSize) -> [(name: String, coins: [String])] {
        let small = [(name: "xyz", coins: ["SP500", "TSLA", "GOLD", "XYZ100"])]
        guard size == .full else { return small }
        return [
            (
                "xyz",
                small[0].coins + ["NVDA", "AAPL", "MSFT", "AMZN", "META", "GOOGL", "COIN", "SILVER", "EUR", "JPY"]
            ),
            ("flx", ["OIL", "GAS", "COPPER", "BTC"]),
        ]
    }

    static func builderPerp(_ name: String, dex: Int, name dexName: String) -> Instrument {
        let full = "\(dexName):\(name)"
        let prices: [String: Int64] = ["SP500": 65_000, "TSLA": 41_000, "GOLD": 39_500, "XYZ100": 25_100]
        guard let price = prices[name] else { return minor(full, .perp(dex: dex), leverage: 20) }
        return Instrument(
            full, .perp(dex: dex), price: price, scale: name == "TSLA" ? 2 : 1, sizeScale: name == "TSLA" ? 3 : 4,
            leverage: 20, gap: 10)
    }

    static let tokenNames: [Int: String] = [
        0: "USDC", 1: "PURR", 2: "HFUN", 150: "HYPE", 197: "UBTC", 221: "UETH", 254: "USOL", 268: "UFART",
    ]

    /// Pairs whose tokens have the same indices as at the venue. The token of every other pair is derived from the
    /// pair's index.
    private static let knownPairs: [Int: (token: Int, price: Int64, scale: Int, sizeScale: Int, gap: Int64)] = [
        0: (1, 16_005, 5, 0, 15), 1: (2, 41_000, 3, 2, 60), 107: (150, 38_410, 3, 2, 4), 142: (197, 63_990, 0, 5, 8),
        151: (221, 30_990, 1, 4, 10), 156: (254, 15_490, 2, 3, 12), 166: (268, 49_990, 5, 2, 40),
    ]

    static func spotPairs(_ size: MarketSize) -> [Instrument] {
        let pairs = size == .full ? Array(0..<249) : knownPairs.keys.sorted()
        let taken = Set(knownPairs.values.map(\.token))
        return pairs.map { pair in
            let name = pair == 0 ? "PURR/USDC" : "@\(pair)"
            if let known = knownPairs[pair] {
                return Instrument(
                    name, .spot(pair: pair, token: known.token), price: known.price, scale: known.scale,
                    sizeScale: known.sizeScale, gap: known.gap)
            }
            // If a known pair has this token, an index beyond all others is used instead.
            let token = taken.contains(pair + 1) ? pair + 201 : pair + 1
            return minor(name, .spot(pair: pair, token: token), leverage: 1)
        }
    }

    static func outcomeSides(_ size: MarketSize) -> [Instrument] {
        (0..<(size == .full ? 30 : 2)).flatMap { outcomeSides(1472 + $0) }
    }

    /// Both sides of an outcome.
    static func outcomeSides(_ outcome: Int) -> [Instrument] {
        let price = 30_000 + Int64(SplitMix64.mix(UInt64(outcome), 1) % 20_000)
        return [price, 100_000 - price].enumerated().map { side, price in
            Instrument("#\(outcome)\(side)", .outcome(outcome), price: price, scale: 5, sizeScale: 0, gap: 40)
        }
    }
}
