import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Handovers of feeds without snapshot or replay, from connections that reach their maximum age after 0.5 to 4 s.
@Suite("Handover in the world") struct HandoverWorldTests {
    static func plan(_ seed: UInt64) -> WorldPlan {
        var plan = WorldPlan(seed: seed, actionCount: 30)
        var random = SeededRandom(seed: seed)
        plan.engine = EngineConfiguration()
        plan.engine.maximumConnectionAge = random.milliseconds(500...4000)
        plan.engine.spareConnectionCount = 1
        plan.engine.limits.userLinger = .zero
        plan.engine.limits.dialsPerMinute = 500
        plan.exchange = ExchangeConfiguration()
        plan.exchange.seed = seed
        plan.exchange.userLinger = .zero
        plan.exchange.marketSize = .small
        plan.exchange.activity = 30
        plan.exchange.lateMessageCount = random.pick([0, 3])
        plan.exchange.lateMessageSpan = .milliseconds(400)
        plan.exchange.messagesPerMinuteLimit = 10_000
        plan.exchange.connectionsPerMinuteLimit = 1000
        plan.exchange.connectionLimit = 20
        plan.isVenueStricter = false
        plan.faultPerMille = random.pick([0, 0, 60])
        plan.latencyMilliseconds = random.pick([1, 80])
        plan.jitterMilliseconds = random.pick([20, 150])
        plan.pauseMilliseconds = 1500
        plan.subscriberLimit = 8
        plan.feeds = TestFeeds.users.prefix(2).flatMap(TestFeeds.userFeeds).filter { $0.traits.snapshot == .none }
        return plan
    }

    /// A gap of a move is a violation only if the plan has no faults.
    @Test(arguments: Seeds.fewChunks)
    func `a feed without replay moves without a loss or a duplicate, and without a gap unless something fails`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: Self.plan(seed)) { Issue.record("\(failure)") }
        }
    }
}
