package import HyperliquidEngine
package import HyperliquidSimulator
import HyperliquidWire

/// The parameters of a run, drawn from its seed.
package struct WorldPlan {
    package let seed: UInt64
    /// The number of actions: of callers and of faults together.
    package var actionCount: Int
    /// The clients go on acting until the world has done this number of steps.
    package var stepCount = 0
    /// The longest pause between two actions.
    package var pauseMilliseconds: Int
    /// The number of faults per 1000 actions.
    package var faultPerMille: Int
    /// The kinds of faults that are left out.
    package var leftOutFaults: Set<FaultKind> = []
    /// The number of faults of the network and of the client's machine per 1000 actions.
    package var networkFaultPerMille = 0
    /// The number of faults by which the venue breaks its habits per 1000 actions.
    package var habitFaultPerMille = 0
    /// The largest message that the client accepts, in bytes; `nil` if no message is too large.
    package var messageSizeLimit: Int?
    /// The time of day of the client's machine minus the venue's, at the start.
    package var clockErrorMilliseconds: Int64 = 0
    package var latencyMilliseconds: Int
    package var jitterMilliseconds: Int
    package var engine: EngineConfiguration
    package var exchange: ExchangeConfiguration
    package var feeds: [TestFeed]
    /// The feeds that callers may subscribe to, `nil` for all in `feeds`. A subscribe to another one does nothing.
    package var keptFeeds: Set<TestFeed>?
    /// The maximum number of subscriptions at one time.
    package var subscriberLimit: Int
    /// Whether the venue's limits are lower than those in the engine's configuration.
    package var isVenueStricter: Bool
    /// The feeds that cost others their connection from the start, each with its kind of fault and its fault.
    var guiltyFeeds: [FeedRequest: (kind: FaultKind, fault: FaultAction)] = [:]
    /// The number of poisonous feeds if nothing else costs a connection, so that their cost is checked; otherwise 0.
    package var poisonousCount = 0
    /// How long a read lasts. The engine takes in the facts of its messages and acts on them at the end of the read. If
    /// zero, the engine acts on each fact immediately.
    package var readMilliseconds = 0

    /// Whether anything may fail but the answers to invalid requests.
    var hasFaults: Bool { faultPerMille > 0 || networkFaultPerMille > 0 || breaksHabits }

    /// Whether nothing but the guilty feeds costs a connection.
    var checksCost: Bool { poisonousCount > 0 || !guiltyFeeds.isEmpty }

    var breaksHabits: Bool { habitFaultPerMille > 0 || !guiltyFeeds.isEmpty }

    /// Whether the time of day of the client's machine may differ from the venue's.
    var hasWrongClock: Bool { networkFaultPerMille > 0 || clockErrorMilliseconds != 0 }

    package init(seed: UInt64, actionCount: Int? = nil) {
        var random = SeededRandom(seed: seed ^ 0x5eed_0f57_0e1d)
        self.seed = seed
        self.actionCount = actionCount ?? random.number(40...120)
        pauseMilliseconds = random.pick([20, 100, 400, 1500])
        faultPerMille = random.pick([0, 60, 150, 300])
        latencyMilliseconds = random.pick([1, 20, 80])
        jitterMilliseconds = random.pick([0, 20, 150])
        isVenueStricter = random.happens(200)
        engine = EngineConfiguration()
        exchange = ExchangeConfiguration()
        exchange.seed = seed
        exchange.marketSize = .small
        exchange.activity = 0.5
        engine.policy = random.pick([.packed, .packed, .isolated(sharedLimit: 3), .isolated(sharedLimit: 200)])
        let users = Array(TestFeeds.users.prefix(random.number(1...4)))
        feeds = TestFeeds.market + TestFeeds.books + users.flatMap(TestFeeds.userFeeds)
        if random.happens(400) { feeds += TestFeeds.invalid }
        // Short, so that a quarantined identity is subscribed to again during the run.
        engine.quarantine = .seconds(3)
        subscriberLimit = random.pick([5, 15, 40])
        limit(&random)
        if random.happens(500) { feeds += TestFeeds.explorer }
        if random.happens(200) {
            engine.maximumConnectionAge = random.milliseconds(10_000...60_000)
            engine.spareConnectionCount = 1
        }
    }

    private mutating func limit(_ random: inout SeededRandom) {
        engine.limits.connections = random.pick([10, 10, 4])
        engine.limits.dialsPerMinute = random.pick([25, 25, 10])
        engine.limits.subscriptions = random.pick([950, 950, 12])
        engine.limits.users = random.pick([10, 10, 2])
        // With few connections, caps per connection would require moves.
        let isScarce = engine.limits.connections < 10
        engine.limits.usersPerConnection = isScarce ? nil : random.pick([nil, 2])
        engine.limits.subscriptionsPerConnection = isScarce ? nil : random.pick([nil, 6])
        engine.limits.messagesPerMinute = random.pick([1800, 1800, 60])
        engine.limits.messagesPerSecond = random.pick([50, 50, 5])
        engine.limits.postsInFlight = random.pick([90, 90, 2])
        // Drawn apart, so that the runs of the seeds stay what they were.
        var weights = SeededRandom(seed: seed ^ 0x7765_6967_6874)
        engine.limits.requestWeightPerMinute = weights.pick([1080, 1080, 60])
        exchange.requestWeightPerMinuteLimit = engine.limits.requestWeightPerMinute + 200
        // The venue's limits are higher than the engine's, because the client's end of a connection may close first.
        exchange.connectionLimit = engine.limits.connections + 10
        exchange.connectionsPerMinuteLimit = engine.limits.dialsPerMinute + 5
        exchange.subscriptionLimit = engine.limits.subscriptions + 50
        exchange.userLimit = engine.limits.users
        exchange.messagesPerMinuteLimit = engine.limits.messagesPerMinute + 200
        exchange.postLimit = engine.limits.postsInFlight + 100
        exchange.lateMessageCount = random.pick([0, 0, 3])
        // Short enough that late messages arrive, at the highest latency, while the engine still expects them.
        exchange.lateMessageSpan = .milliseconds(300)
        exchange.acknowledgesExplorer = random.happens(500)
        guard isVenueStricter else { return }
        exchange.userLimit = random.number(1...3)
        exchange.userScope = random.pick([.address, .connection])
        exchange.subscriptionLimit = random.number(5...15)
        exchange.connectionLimit = random.number(3...10)
        exchange.postLimit = random.pick([1, 3, 100])
        exchange.connectionsPerMinuteLimit = random.number(5...30)
        exchange.messagesPerMinuteLimit = random.pick([40, 2000])
        exchange.requestWeightPerMinuteLimit = weights.pick([10, 50, 1200])
    }
}

extension WorldPlan: CustomStringConvertible {
    package var description: String {
        "seed \(seed), \(actionCount) actions, pauses up to \(pauseMilliseconds) ms, \(faultPerMille) faults per 1000, "
            + "\(networkFaultPerMille) of the network, \(habitFaultPerMille) of habits, clock off by \(clockErrorMilliseconds) ms, "
            + "latency \(latencyMilliseconds)+\(jitterMilliseconds) ms, \(engine.policy), "
            + "at most \(subscriberLimit) subscriptions, "
            + (isVenueStricter ? "lower limits at the venue" : "higher limits at the venue") + ", \(engine.limits)"
    }
}
