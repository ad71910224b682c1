import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Feeds that repeat nothing when they are asked for anew, on links that are replaced every few seconds.
@Suite("Handover in the world") struct HandoverWorldTests {
    static func plan(_ seed: UInt64) -> WorldPlan {
        var plan = WorldPlan(seed: seed, actionCount: 30)
        var chance = Chance(seed: seed)
        plan.engine = EngineConfiguration()
        plan.engine.linkAge = chance.milliseconds(500...4000)
        plan.engine.spareConnectionCount = 1
        plan.engine.limits.userLinger = .zero
        plan.engine.limits.dialsPerMinute = 500
        plan.exchange = ExchangeConfiguration()
        plan.exchange.seed = seed
        plan.exchange.userLinger = .zero
        plan.exchange.marketSize = .small
        plan.exchange.activity = 30
        plan.exchange.lateMessageCount = chance.pick([0, 3])
        plan.exchange.lateMessageSpan = .milliseconds(400)
        plan.exchange.messagesPerMinuteLimit = 10_000
        plan.exchange.connectionsPerMinuteLimit = 1000
        plan.exchange.connectionLimit = 20
        plan.isVenueHarsh = false
        plan.faultPerMille = chance.pick([0, 0, 60])
        plan.latencyMilliseconds = chance.pick([1, 80])
        plan.jitterMilliseconds = chance.pick([20, 150])
        plan.pauseMilliseconds = 1500
        plan.claimLimit = 8
        plan.offers = Assortment.users.prefix(2).flatMap(Assortment.personal).filter { $0.traits.snapshot == .none }
        return plan
    }

    /// Whose network loses nothing sees no gap for a move: the world says so of every one.
    @Test(arguments: Seeds.few)
    func `what repeats nothing moves without a gap, a loss or a double`(_ seeds: Range<UInt64>) {
        for seed in seeds {
            if let failure = Voyage.failure(of: Self.plan(seed)) { Issue.record("\(failure)") }
        }
    }
}
