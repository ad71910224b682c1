import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Ambiguous feeds that follow each other on one or two connections. The venue sends some messages of a subscription
/// after its end.
@Suite("Ambiguity") struct AmbiguityWorldTests {
    private func plan(_ seed: UInt64) -> WorldPlan {
        var plan = WorldPlan(seed: seed, actionCount: 60)
        plan.engine = EngineConfiguration()
        plan.engine.limits.connectionCount = seed.isMultiple(of: 3) ? 2 : 1
        plan.engine.limits.userLinger = .zero
        plan.exchange = ExchangeConfiguration()
        plan.exchange.seed = seed
        plan.exchange.userLinger = .zero
        plan.exchange.marketSize = .small
        plan.exchange.activity = 10
        plan.exchange.lateMessageCount = 3
        plan.exchange.lateMessageSpan = .milliseconds(400)
        plan.exchange.messagesPerMinuteLimit = 10_000
        plan.exchange.connectionLimit = 20
        plan.isVenueStricter = false
        plan.faultPerMille = seed.isMultiple(of: 4) ? 60 : 0
        plan.jitterMilliseconds = 20
        plan.pauseMilliseconds = 400
        plan.subscriberLimit = 6
        let keyless = ["orderUpdates", "userEvents", "notification"]
        plan.feeds = TestFeeds.users.prefix(4).flatMap(TestFeeds.userFeeds).filter {
            keyless.contains($0.request.type) || $0.request.type == "userFills"
        }
        plan.feeds += TestFeeds.books
        return plan
    }

    @Test(arguments: Seeds.fewChunks)
    func `a feed never receives a late message of an ambiguous feed`(_ seeds: Range<UInt64>) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: plan(seed)) { Issue.record("\(failure)") }
        }
    }
}
