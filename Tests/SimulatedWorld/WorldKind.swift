import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// The worlds that are simulated: each draws the plan of a run from its seed.
package enum WorldKind: String, CaseIterable, Sendable {
    /// One client with random limits, feeds and faults. The engine acts on each fact immediately.
    case ordinary
    /// The same, but the engine takes in all facts of a read before it acts.
    case reads
    /// Two clients with one address.
    case pair
    /// Feeds without snapshot or replay, on connections that reach their maximum age after 0.5 to 4 s.
    case handover
    /// Ambiguous feeds that follow each other on one or two connections. The venue sends some messages of a
    /// subscription after its end.
    case ambiguity
    /// Two clients that share two connections. Their feeds sometimes need a second connection.
    case yielding
    /// One client of the ordinary world or of handovers, with faults of the network too.
    case network
    /// Two to four clients with one address, with faults of the venue and of the network.
    case crowd
    /// Poisonous feeds among others. Nothing else fails, so it is bounded what they cost.
    case poison
    /// One client, and a venue that breaks its habits: each seed draws the kinds of faults.
    case habits
    /// Feeds that are ignored, have too large messages, or are poisonous in one of several ways, among others. Nothing
    /// else fails, so it is bounded what they cost.
    case guilt

    /// The number of clients of one address.
    func clientCount(_ seed: UInt64) -> Int {
        switch self {
        case .pair, .yielding: 2
        case .crowd: 2 + Int(seed % 3)
        case .ordinary, .reads, .handover, .ambiguity, .network, .poison, .habits, .guilt: 1
        }
    }

    /// The number of actions of each client, `nil` if it is drawn from the seed.
    private var actionCount: Int? {
        switch self {
        case .ordinary, .reads, .pair, .network, .crowd, .habits: nil
        case .handover: 30
        case .ambiguity, .yielding, .poison, .guilt: 60
        }
    }

    package func plan(_ seed: UInt64) -> WorldPlan {
        var plan = WorldPlan(seed: seed, actionCount: actionCount)
        switch self {
        case .ordinary, .pair: break
        case .reads: plan.readMilliseconds = seed.isMultiple(of: 2) ? 5 : 50
        case .handover: plan.useHandovers()
        case .ambiguity: plan.useAmbiguousFeeds()
        case .yielding: plan.shareTwoConnections()
        case .network:
            if seed.isMultiple(of: 4) {
                plan.useHandovers()
                // An answer that comes more than ten seconds late is not bounded by a handover: the new connection may
                // then repeat messages behind a gap.
                plan.leftOutFaults = [.stall, .slowMessage]
            }
            plan.addNetworkFaults()
        case .crowd: plan.addNetworkFaults()
        case .poison: plan.usePoisonousFeeds()
        case .habits: plan.breakHabits()
        case .guilt: plan.useGuiltyFeeds()
        }
        return plan
    }
}

extension WorldPlan {
    /// Replaces the limits and the venue by their defaults, with few markets.
    private mutating func resetLimits() {
        engine = EngineConfiguration()
        exchange = ExchangeConfiguration()
        exchange.seed = seed
        exchange.marketSize = .small
        exchange.connectionLimit = 20
        isVenueStricter = false
    }

    fileprivate mutating func useHandovers() {
        resetLimits()
        var random = SeededRandom(seed: seed)
        engine.maximumConnectionAge = random.milliseconds(500...4000)
        engine.spareConnectionCount = 1
        engine.limits.userLinger = .zero
        engine.limits.dialsPerMinute = 500
        exchange.userLinger = .zero
        exchange.activity = 30
        exchange.lateMessageCount = random.pick([0, 3])
        exchange.lateMessageSpan = .milliseconds(400)
        exchange.messagesPerMinuteLimit = 10_000
        exchange.connectionsPerMinuteLimit = 1000
        faultPerMille = random.pick([0, 0, 60])
        latencyMilliseconds = random.pick([1, 80])
        jitterMilliseconds = random.pick([20, 150])
        pauseMilliseconds = 1500
        subscriberLimit = 8
        feeds = TestFeeds.users.prefix(2).flatMap(TestFeeds.userFeeds).filter { $0.traits.snapshot == .none }
    }

    fileprivate mutating func useAmbiguousFeeds() {
        resetLimits()
        engine.limits.connections = seed.isMultiple(of: 3) ? 2 : 1
        engine.limits.userLinger = .zero
        exchange.userLinger = .zero
        exchange.activity = 10
        exchange.lateMessageCount = 3
        exchange.lateMessageSpan = .milliseconds(400)
        exchange.messagesPerMinuteLimit = 10_000
        faultPerMille = seed.isMultiple(of: 4) ? 60 : 0
        jitterMilliseconds = 20
        pauseMilliseconds = 400
        subscriberLimit = 6
        let keyless = ["orderUpdates", "userEvents", "notification"]
        feeds = TestFeeds.users.prefix(4).flatMap(TestFeeds.userFeeds).filter {
            keyless.contains($0.request.type) || $0.request.type == "userFills"
        }
        feeds += TestFeeds.books
    }

    fileprivate mutating func shareTwoConnections() {
        resetLimits()
        engine.limits.connections = 2
        faultPerMille = seed.isMultiple(of: 3) ? 60 : 0
        subscriberLimit = 6
        feeds = TestFeeds.market + TestFeeds.books
    }

    fileprivate mutating func addNetworkFaults() {
        var random = SeededRandom(seed: seed ^ 0x6e65_7477_6f72_6b73)
        networkFaultPerMille = random.pick([30, 100, 250])
        clockErrorMilliseconds = Int64(random.number(-90_000...90_000))
        readMilliseconds = random.pick([0, 0, 5, 50])
        // After a stall, messages arrive together.
        exchange.messagesPerMinuteLimit = max(exchange.messagesPerMinuteLimit, 2 * engine.limits.messagesPerMinute)
        exchange.connectionsPerMinuteLimit = max(
            exchange.connectionsPerMinuteLimit, 2 * engine.limits.dialsPerMinute)
    }

    fileprivate mutating func usePoisonousFeeds() {
        resetLimits()
        var random = SeededRandom(seed: seed ^ 0x706f_6973_6f6e)
        faultPerMille = 0
        pauseMilliseconds = random.pick([100, 400, 1500])
        subscriberLimit = random.pick([10, 25])
        exchange.messagesPerMinuteLimit = 10_000
        exchange.connectionsPerMinuteLimit = 1000
        feeds = TestFeeds.market + TestFeeds.books + TestFeeds.users.prefix(2).flatMap(TestFeeds.userFeeds)
        let start = random.number(0...TestFeeds.poisonous.count - 4)
        poisonousCount = random.number(1...4)
        feeds += TestFeeds.poisonous[start..<start + poisonousCount]
    }

    fileprivate mutating func breakHabits() {
        var random = SeededRandom(seed: seed ^ 0x6861_6269_7473)
        habitFaultPerMille = random.pick([50, 150, 300])
        faultPerMille = random.pick([0, 0, 60])
        clockErrorMilliseconds = random.pick([0, Int64(random.number(-90_000...90_000))])
        messageSizeLimit = 200_000
        pauseMilliseconds = random.pick([100, 400, 1500, 5000])
        // With all kinds at once, few of them would have their effect.
        leftOutFaults.formUnion(FaultKind.habits.filter { _ in random.happens(500) })
        // If the venue's limits change, it may refuse what the client takes for allowed.
        isVenueStricter = isVenueStricter || !leftOutFaults.contains(.setLimit)
        exchange.activity = random.pick([0.5, 5])
        // Withheld, they would come later than any client expects.
        exchange.lateMessageCount = 0
    }

    /// The guilty feeds are among those that others have, because all of them are valid.
    fileprivate mutating func useGuiltyFeeds() {
        usePoisonousFeeds()
        var random = SeededRandom(seed: seed ^ 0x6775_696c_74)
        poisonousCount = 0
        messageSizeLimit = 200_000
        // Sometimes short, so that an ignored subscribe is sent as often as is tried before its callers leave.
        engine.answerTimeout = random.pick([.seconds(2), .seconds(10)])
        pauseMilliseconds = random.pick([100, 1500, 5000])
        feeds.removeAll { TestFeeds.poisonous.contains($0) }
        for _ in 1...random.number(1...2) {
            let request = random.pick(feeds).request
            let guilty: [(FaultKind, FaultAction)] = [
                (.ignore, .ignore(request, true)),
                (
                    .enlarge,
                    .enlargeMessage(request, byteCount: 200_001, paddingFirst: random.happens(300))
                ),
                (.poison, .poison(request, FaultAction.Poison(end: .close(code: 1011, reason: "")))),
                (.poison, .poison(request, FaultAction.Poison(end: .close(code: 1000, reason: "Expired")))),
            ]
            guiltyFeeds[request] = random.pick(guilty)
        }
        leftOutFaults.insert(.setLimit)
    }
}
