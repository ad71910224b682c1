import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Feeds that repeat nothing when they are asked for anew, on connections that are replaced every few seconds.
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
        plan.isVenueHarsh = false
        plan.faultPerMille = random.pick([0, 0, 60])
        plan.latencyMilliseconds = random.pick([1, 80])
        plan.jitterMilliseconds = random.pick([20, 150])
        plan.pauseMilliseconds = 1500
        plan.subscriberLimit = 8
        plan.offers = OfferedFeeds.users.prefix(2).flatMap(OfferedFeeds.personal).filter { $0.traits.snapshot == .none }
        return plan
    }

    /// Whose network loses nothing sees no gap for a move: the world says so of every one.
    @Test(arguments: Seeds.few)
    func `what repeats nothing moves without a gap, a loss or a double`(_ seeds: Range<UInt64>) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: Self.plan(seed)) { Issue.record("\(failure)") }
        }
    }
}
