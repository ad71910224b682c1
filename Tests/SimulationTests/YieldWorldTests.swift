import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Two clients that share two connections. Their feeds sometimes need a second connection.
@Suite("Yielding in the world") struct YieldWorldTests {
    private func plan(_ seed: UInt64) -> WorldPlan {
        var plan = WorldPlan(seed: seed, actionCount: 60)
        plan.engine = EngineConfiguration()
        plan.engine.limits.connectionCount = 2
        plan.exchange = ExchangeConfiguration()
        plan.exchange.seed = seed
        plan.exchange.marketSize = .small
        plan.exchange.connectionLimit = 20
        plan.isVenueStricter = false
        plan.faultPerMille = seed.isMultiple(of: 3) ? 60 : 0
        plan.subscriberLimit = 6
        plan.feeds = TestFeeds.market + TestFeeds.books
        return plan
    }

    /// The world checks that all feeds of a client become live if they fit half of the connections.
    @Test(arguments: Seeds.fewChunks) func `a client with a spare connection yields it to a waiting client`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: plan(seed), clientCount: 2) { Issue.record("\(failure)") }
        }
    }
}
