import HyperliquidWire
import Testing

@Suite("Market filters") struct MarketFilterTests {
    static let universe = Universe([
        .init(coin: "BTC", kind: .perpetual(dex: ""), maximumLeverage: 40),
        .init(coin: "kPEPE", kind: .perpetual(dex: ""), maximumLeverage: 10),
        .init(coin: "OLD", kind: .perpetual(dex: ""), isDelisted: true),
        .init(coin: "xyz:GOLD", kind: .perpetual(dex: "xyz"), maximumLeverage: 20),
        .init(coin: "PURR/USDC", kind: .spot(base: "PURR", quote: "USDC")),
        .init(coin: "@107", kind: .spot(base: "HYPE", quote: "USDC")),
        .init(coin: "@9", kind: .spot(base: "HYPE", quote: "USDH")),
        .init(coin: "#14720", kind: .outcome(1472, side: "Yes")),
    ])

    struct Case: CustomTestStringConvertible {
        let testDescription: String
        let filter: MarketFilter
        let coins: [Coin]
    }

    static let cases = [
        Case(
            testDescription: "all", filter: .all,
            coins: ["BTC", "kPEPE", "xyz:GOLD", "PURR/USDC", "@107", "@9", "#14720"]),
        Case(testDescription: "perpetuals", filter: .perpetuals, coins: ["BTC", "kPEPE", "xyz:GOLD"]),
        Case(testDescription: "main dex", filter: .perpetuals(dex: ""), coins: ["BTC", "kPEPE"]),
        Case(testDescription: "a dex", filter: .perpetuals(dex: "xyz"), coins: ["xyz:GOLD"]),
        Case(testDescription: "spot", filter: .spot, coins: ["PURR/USDC", "@107", "@9"]),
        Case(testDescription: "quote", filter: .spot(quote: "USDC"), coins: ["PURR/USDC", "@107"]),
        Case(testDescription: "outcomes", filter: .outcomes, coins: ["#14720"]),
        Case(
            testDescription: "closure", filter: MarketFilter { $0.maximumLeverage ?? 0 >= 20 },
            coins: ["BTC", "xyz:GOLD"]),
        Case(testDescription: "and", filter: .spot && .matching("HYPE/*"), coins: ["@107", "@9"]),
        Case(testDescription: "or", filter: .outcomes || .perpetuals(dex: "xyz"), coins: ["xyz:GOLD", "#14720"]),
        Case(testDescription: "not", filter: !.spot && !.outcomes, coins: ["BTC", "kPEPE", "xyz:GOLD"]),
        Case(testDescription: "delisted", filter: .matching("OLD"), coins: []),
        Case(testDescription: "by coin", filter: .matching("@*"), coins: ["@107", "@9"]),
        Case(testDescription: "by name", filter: .matching("*/USDC"), coins: ["PURR/USDC", "@107"]),
        Case(testDescription: "case", filter: .matching("k*"), coins: ["kPEPE"]),
    ]

    @Test(arguments: cases) func `a filter picks markets in their order`(_ filter: Case) {
        #expect(Self.universe.markets(filter.filter).map(\.coin) == filter.coins)
    }

    @Test(
        arguments: [
            ("BTC", "BTC", true), ("BTC", "BT", false), ("BTC", "*", true), ("", "*", true), ("", "", true),
            ("BTC", "", false), ("BTC", "B*C", true), ("BTC", "B*B*C", false), ("BC", "B*C", true), ("B", "B*B", false),
            ("abcabc", "a*c", true), ("abcabc", "*ca*", true), ("abcabc", "*cc*", false), ("xyz:GOLD", "xyz:*", true),
            ("BTC", "**", true), ("BTC", "*TC*", true), ("btc", "B*", false),
        ])
    func `a star stands for any letters`(name: String, pattern: String, matches: Bool) {
        #expect(NamePattern.matches(name, pattern) == matches)
    }

    // MARK: Evidence of new listings

    @Test func `a coin that is not listed, and another number of perpetuals, are not explained`() {
        let known: [ListingEvidence] = [.coin("BTC"), .coin("@107"), .coin("HYPE/USDC"), .perpetualCount(dex: "", 3)]
        let news: [ListingEvidence] = [.coin("NEW"), .perpetualCount(dex: "xyz", 2), .perpetualCount(dex: "abc", 1)]
        #expect(Self.universe.unexplained(known + news) == news)
    }

    @Test func `events of whole markets show what is listed`() {
        let price = ExactDecimal(1)
        #expect(
            AllMids([("BTC" as Coin, price), ("NEW" as Coin, price)]).listingEvidence == [.coin("BTC"), .coin("NEW")])
        #expect(
            FastContexts([("NEW" as Coin, FastContexts.Context(markPrice: price, midPrice: nil))]).listingEvidence
                == [.coin("NEW")])
        let dex = DexContexts(dex: "xyz", contexts: [])
        #expect(dex.listingEvidence == [.perpetualCount(dex: "xyz", 0)])
        #expect(AllDexsContexts(dexes: [dex]).listingEvidence == [.perpetualCount(dex: "xyz", 0)])
        let spot = SpotContext(
            prevDayPrice: price, dayNotionalVolume: price, markPrice: price, midPrice: nil, circulatingSupply: price,
            coin: "@300", totalSupply: price, dayBaseVolume: price)
        #expect(([spot] as Any as? any ShowsListings)?.listingEvidence == [.coin("@300")])
        #expect(([1] as Any as? any ShowsListings) == nil)
    }
}
