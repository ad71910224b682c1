import Hyperliquid
import Testing

/// What a group does, and what the client asks, as the listings change: decisions without a network or a clock.
@Suite("Listings") struct FollowedMarketsTests {
    private static func universe(_ coins: Coin..., delisted: Coin? = nil) -> Universe {
        let markets = coins.map { Universe.Market(coin: $0, kind: .perpetual(dex: "")) }
        return Universe(
            markets + [delisted].compactMap { $0 }.map { .init(coin: $0, kind: .perpetual(dex: ""), isDelisted: true) })
    }

    @Test func `new coins are added in the order of the listings, and marked ones ended`() {
        var markets = FollowedMarkets(.all)
        #expect(markets.update(Self.universe("B", "A")) { _ in false } == .init(added: ["B", "A"]))
        #expect(markets.update(Self.universe("B", "A")) { _ in false } == .init())
        #expect(
            markets.update(Self.universe("C", "B", delisted: "A")) { _ in true }
                == .init(added: ["C"], ended: ["A": .delisted]))
        #expect(markets.update(Self.universe("A", "B", "C")) { _ in false } == .init(added: ["A"]), "listed once more")
    }

    @Test func `a coin that is left out is ended by the second answer in a row that leaves it out`() {
        var markets = FollowedMarkets(.all)
        _ = markets.update(Self.universe("A", "B")) { _ in false }
        #expect(markets.update(Self.universe("A")) { _ in false } == .init(needsConfirmation: true))
        #expect(markets.update(Self.universe("A", "B")) { _ in false } == .init(), "the answer was wrong")
        #expect(markets.update(Self.universe("A")) { _ in false } == .init(needsConfirmation: true))
        #expect(markets.update(Self.universe("A")) { _ in true } == .init(), "it brings data")
        #expect(markets.update(Self.universe("A")) { _ in false } == .init(ended: ["B": .unlisted]))
        #expect(markets.update(Self.universe("A")) { _ in false } == .init())
    }

    @Test(arguments: UInt64(1)...50)
    func `what is followed is what the last answer picks, and what it alone leaves out or what brings data`(
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        var markets = FollowedMarkets(MarketFilter { $0.maximumLeverage == 1 })
        var followed: Set<Coin> = []
        var before: Set<Coin> = []
        for _ in 0..<200 {
            let pool = (0..<6).map { Coin("C\($0)") }.shuffled(using: &random)
            let answer = pool.prefix(Int.random(in: 2...6, using: &random)).map {
                Universe.Market(
                    coin: $0, kind: .perpetual(dex: ""), maximumLeverage: Int.random(in: 1...2, using: &random),
                    isDelisted: Bool.random(using: &random))
            }
            let alive = Set(pool.filter { _ in Bool.random(using: &random) })
            let universe = Universe(answer)
            let named = Set(answer.map(\.coin))
            let picked = Set(universe.markets(MarketFilter { $0.maximumLeverage == 1 }).map(\.coin))
            let changes = markets.update(universe, isAlive: alive.contains)
            let added = Set(changes.added)
            #expect(followed.isDisjoint(with: added) && followed.isSuperset(of: changes.ended.keys), "seed \(seed)")
            let spared = followed.subtracting(named).filter { before.contains($0) || alive.contains($0) }
            followed = followed.union(added).subtracting(changes.ended.keys)
            #expect(followed == picked.union(spared), "seed \(seed)")
            before = named
        }
    }

    @Test func `a coin that the filter does not pick any more is ended`() {
        var markets = FollowedMarkets(MarketFilter { $0.maximumLeverage != nil })
        let market = Universe.Market(coin: "A", kind: .perpetual(dex: ""), maximumLeverage: 3)
        #expect(markets.update(Universe([market])) { _ in false } == .init(added: ["A"]))
        #expect(markets.update(Self.universe("A")) { _ in true } == .init(ended: ["A": .notPicked]))
    }

    @Test func `a pair is known by its coin, not by its other name`() {
        var markets = FollowedMarkets(.all)
        let pair = Universe.Market(coin: "HYPE/USDC", kind: .spot(base: "HYPE", quote: "USDC"))
        let renamed = Universe.Market(coin: "@107", kind: .spot(base: "HYPE", quote: "USDC"))
        #expect(markets.update(Universe([pair])) { _ in false } == .init(added: ["HYPE/USDC"]))
        let changes = markets.update(Universe([renamed])) { _ in false }
        #expect(changes == .init(added: ["@107"], needsConfirmation: true))
    }

    // MARK: What is asked

    /// Knowledge of one listed coin, `BTC`, on a time line in seconds.
    private struct Knowledge {
        var state = ListingState()

        mutating func ask(
            _ seconds: Int64, age: Duration = .seconds(300), _ shown: [ListingEvidence] = [], outcomes: Int = 0
        ) -> ListingState.Question? {
            let evidence = ListingState.Evidence(shown: shown, outcomeMessageCount: outcomes)
            let now = Instant.start.advanced(by: .seconds(seconds))
            let question: ListingState.Question
            switch state.answer(maximumAge: age, evidence, at: now) {
            case .known: return nil
            case .ask: question = .everything
            case .renew(_, let needed): question = needed
            }
            state.willAsk(evidence, at: now)
            return question
        }

        mutating func answer(_ seconds: Int64, _ question: ListingState.Question = .everything) throws {
            let meta = try PerpMeta(json: #"{"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":40}]}"#)
            let parts = ListingState.Parts(
                perpetuals: [("", meta)], spot: try SpotMeta(json: #"{"tokens":[],"universe":[]}"#),
                outcomes: try OutcomeMeta(json: #"{"outcomes":[]}"#))
            state.answered(question, parts, parts.universe, at: .start.advanced(by: .seconds(seconds)))
        }
    }

    @Test func `everything is asked first, and again when the answer is too old`() throws {
        var knowledge = Knowledge()
        #expect(knowledge.ask(0) == .everything)
        try knowledge.answer(0)
        #expect(knowledge.ask(300) == nil && knowledge.ask(301) == .everything)
        #expect(knowledge.ask(1, age: .zero) == .everything, "on demand")
    }

    @Test func `a coin that is not known is asked about, not too often, and not for ever`() throws {
        var knowledge = Knowledge()
        _ = knowledge.ask(0)
        try knowledge.answer(0)
        #expect(knowledge.ask(31, [.coin("BTC"), .perpetualCount(dex: "", 1)]) == nil, "nothing new")
        #expect(knowledge.ask(29, [.coin("NEW")]) == nil, "too early")
        #expect(knowledge.ask(30, [.coin("NEW")]) == .everything)
        #expect(knowledge.ask(31, [.coin("NEW")]) == nil, "asked already, or there was no answer")
        try knowledge.answer(32)
        #expect(knowledge.ask(100, [.coin("NEW")]) == nil, "the venue does not explain it")
        #expect(knowledge.ask(100, [.coin("NEW"), .perpetualCount(dex: "", 2)]) == .everything)
    }

    @Test func `what shows itself while the venue is asked is asked about afterwards`() throws {
        var knowledge = Knowledge()
        _ = knowledge.ask(0, [.coin("OLD")])
        try knowledge.answer(1)
        #expect(knowledge.ask(31, [.coin("OLD")]) == nil)
        #expect(knowledge.ask(31, [.coin("OLD"), .coin("NEW")]) == .everything)
    }

    @Test func `after an event about outcomes only the outcomes are asked for`() throws {
        var knowledge = Knowledge()
        _ = knowledge.ask(0, outcomes: 4)
        try knowledge.answer(0)
        #expect(knowledge.ask(60, outcomes: 4) == nil)
        #expect(knowledge.ask(60, outcomes: 5) == .outcomes)
        try knowledge.answer(60, .outcomes)
        #expect(knowledge.ask(100, outcomes: 5) == nil)
        #expect(knowledge.ask(301, outcomes: 5) == .everything, "an answer about outcomes does not renew the rest")
    }
}
