import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// What a seed decides before anything happens.
struct WorldPlan {
    let seed: UInt64
    /// How many things the people and the faults do.
    var actionCount: Int
    /// Longest wait between two of them.
    var pauseMilliseconds: Int
    /// How many of 1000 actions are faults.
    var faultPerMille: Int
    var latencyMilliseconds: Int
    var jitterMilliseconds: Int
    var engine: EngineConfiguration
    var exchange: ExchangeConfiguration
    var offers: [Offer]
    /// The most subscriptions at once.
    var subscriberLimit: Int
    /// Whether the venue allows less than the engine was told.
    var isVenueHarsh: Bool
    /// How long the shell gathers what frames bring before it has the engine do what may be done then, as the real one
    /// does with the frames of a read; not at all, if zero.
    var readMilliseconds = 0

    init(seed: UInt64, actionCount: Int? = nil) {
        var random = SeededRandom(seed: seed ^ 0x5eed_0f57_0e1d)
        self.seed = seed
        self.actionCount = actionCount ?? random.number(40...120)
        pauseMilliseconds = random.pick([20, 100, 400, 1500])
        faultPerMille = random.pick([0, 60, 150, 300])
        latencyMilliseconds = random.pick([1, 20, 80])
        jitterMilliseconds = random.pick([0, 20, 150])
        isVenueHarsh = random.happens(200)
        engine = EngineConfiguration()
        exchange = ExchangeConfiguration()
        exchange.seed = seed
        exchange.marketSize = .small
        exchange.activity = 0.5
        engine.policy = random.pick([.packed, .packed, .isolated(sharedLimit: 3), .isolated(sharedLimit: 200)])
        let users = Array(OfferedFeeds.users.prefix(random.number(1...4)))
        offers = OfferedFeeds.market + OfferedFeeds.books + users.flatMap(OfferedFeeds.personal)
        if random.happens(400) { offers += OfferedFeeds.poison }
        // Short, so that what was refused is asked for again and tried once more.
        engine.quarantine = .seconds(3)
        subscriberLimit = random.pick([5, 15, 40])
        limit(&random)
        if random.happens(500) { offers += OfferedFeeds.explorer }
        if random.happens(200) {
            engine.maximumConnectionAge = random.milliseconds(10_000...60_000)
            engine.spareConnectionCount = 1
        }
    }

    private mutating func limit(_ random: inout SeededRandom) {
        engine.limits.connectionCount = random.pick([10, 10, 4])
        engine.limits.dialsPerMinute = random.pick([25, 25, 10])
        engine.limits.subscriptionCount = random.pick([950, 950, 12])
        engine.limits.userCount = random.pick([10, 10, 2])
        // Where connections are scarce, caps on each would ask for moves.
        let isScarce = engine.limits.connectionCount < 10
        engine.limits.usersPerConnection = isScarce ? nil : random.pick([nil, 2])
        engine.limits.subscriptionsPerConnection = isScarce ? nil : random.pick([nil, 6])
        engine.limits.messagesPerMinute = random.pick([1800, 1800, 60])
        engine.limits.messagesPerSecond = random.pick([50, 50, 5])
        engine.limits.postsInFlight = random.pick([90, 90, 2])
        // A venue that is not harsh has space to spare, because ends of connections are known to us first.
        exchange.connectionLimit = engine.limits.connectionCount + 10
        exchange.connectionsPerMinuteLimit = engine.limits.dialsPerMinute + 5
        exchange.subscriptionLimit = engine.limits.subscriptionCount + 50
        exchange.userLimit = engine.limits.userCount
        exchange.messagesPerMinuteLimit = engine.limits.messagesPerMinute + 200
        exchange.postLimit = engine.limits.postsInFlight + 100
        exchange.lateMessageCount = random.pick([0, 0, 3])
        // With the longest way to the client they come within the time that the engine waits for them.
        exchange.lateMessageSpan = .milliseconds(300)
        exchange.acknowledgesExplorer = random.happens(500)
        guard isVenueHarsh else { return }
        exchange.userLimit = random.number(1...3)
        exchange.userScope = random.pick([.address, .connection])
        exchange.subscriptionLimit = random.number(5...15)
        exchange.connectionLimit = random.number(3...10)
        exchange.postLimit = random.pick([1, 3, 100])
        exchange.connectionsPerMinuteLimit = random.number(5...30)
        exchange.messagesPerMinuteLimit = random.pick([40, 2000])
    }
}

extension WorldPlan: CustomStringConvertible {
    var description: String {
        "seed \(seed), \(actionCount) actions, pauses to \(pauseMilliseconds) ms, faults \(faultPerMille) of 1000, "
            + "latency \(latencyMilliseconds)+\(jitterMilliseconds) ms, \(engine.policy), subscriptions to \(subscriberLimit), "
            + (isVenueHarsh ? "harsh venue" : "fair venue") + ", \(engine.limits)"
    }
}
