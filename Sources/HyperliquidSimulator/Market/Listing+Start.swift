internal import HyperliquidWire

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
