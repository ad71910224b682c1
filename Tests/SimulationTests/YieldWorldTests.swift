import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Two clients with two connections between them, and feeds that need a second one for a while.
@Suite("Yielding in the world") struct YieldWorldTests {
    private func plan(_ seed: UInt64) -> WorldPlan {
        var plan = WorldPlan(seed: seed, actionCount: 60)
        plan.engine = EngineConfiguration()
        plan.engine.limits.connectionCount = 2
        plan.exchange = ExchangeConfiguration()
        plan.exchange.seed = seed
        plan.exchange.marketSize = .small
        plan.exchange.connectionLimit = 20
        plan.isVenueHarsh = false
        plan.faultPerMille = seed.isMultiple(of: 3) ? 60 : 0
        plan.subscriberLimit = 6
        plan.offers = OfferedFeeds.market + OfferedFeeds.books
        return plan
    }

    /// The world demands that whoever's feeds fit half of the connections has them in the end.
    @Test(arguments: Seeds.few) func `nobody starves beside a client that could do with fewer connections`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: plan(seed), clientCount: 2) { Issue.record("\(failure)") }
        }
    }
}
