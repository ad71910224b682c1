import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct LimitLearningTests {
    /// A client's subscriptions and connections, and the limiter that it shares with other clients.
    private struct Client {
        var registry: SubscriptionRegistry
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits())

        /// A client with a slot for each list of feeds, all connected; nothing is live.
        init(_ slots: [[any Feed]]) {
            registry = .holding(slots.flatMap { $0 })
            var last: UInt64 = 0
            for feeds in slots {
                let slot = pool.addSlot()
                for feed in feeds {
                    last += 1
                    let item = PlacementItem.made(last, feed)
                    pool.place(item, on: slot)
                    turn.limiter.take(item)
                }
            }
            pool.connectAll(&turn)
        }

        /// Has other clients take what they hold.
        mutating func addOthers(connections: Int = 0, subscriptions: Int = 0, users: Int = 0) {
            for _ in 0..<connections { turn.limiter.openConnection(at: turn.now) }
            for _ in 0..<subscriptions { turn.limiter.takeSubscription() }
            for number in 0..<users { turn.limiter.takeUser("other \(number)") }
        }
    }

    private static func trades(_ count: Int) -> [any Feed] { (0..<count).map { TradesFeed(coin: Coin("C\($0)")) } }

    private static func fills(_ users: ClosedRange<Int>) -> [any Feed] {
        users.map { UserFillsFeed(user: .numbered($0)) }
    }

    // MARK: Acceptance

    @Test func `an open connection counts beside those of other clients`() {
        var client = Client([Self.trades(1), Self.trades(1)])
        client.addOthers(connections: 3)
        LimitLearning.connectionAccepted(client.pool, &client.turn.limiter)
        #expect(client.turn.limiter.connectionCap.acceptedCount == 5)
        #expect(LimitLearning.othersConnectionCount(client.pool, client.turn.limiter) == 3)
    }

    @Test func `an accepted subscription counts beside live ones and those of other clients`() {
        var client = Client([Self.trades(4)])
        client.registry.makeLive(1, 2)
        client.addOthers(subscriptions: 5)
        LimitLearning.subscriptionAccepted(in: client.registry, on: client.pool, &client.turn.limiter)
        #expect(client.turn.limiter.subscriptionCap.acceptedCount == 8)
    }

    @Test func `an accepted user counts beside live users and those of other clients`() {
        var client = Client([Self.fills(1...3)])
        client.registry.makeLive(1)
        client.addOthers(users: 2)
        LimitLearning.userAccepted(on: ConnectionID(1), in: client.registry, on: client.pool, &client.turn)
        #expect(client.turn.limiter.userCap.acceptedCount == 4, "one live, two of others, and the new one")
        #expect(client.turn.limiter.connectionUserCap.acceptedCount == 2)
    }

    @Test func `a user that lingers counts on a connection and not among all users`() {
        var client = Client([Self.fills(1...3)])
        client.registry.makeLive(1)
        _ = client.pool.remove(UpstreamID(3), lingersUntil: at(15), at: .start)
        client.turn.limiter.giveBack(.made(3, UserFillsFeed(user: .numbered(3))), lingersUntil: at(15), at: .start)
        LimitLearning.userAccepted(on: ConnectionID(1), in: client.registry, on: client.pool, &client.turn)
        #expect(client.turn.limiter.userCap.acceptedCount == 2)
        #expect(client.turn.limiter.connectionUserCap.acceptedCount == 3)
    }

    // MARK: Refusal

    /// How many subscriptions of a client are live, how many other clients hold, the venue's words, and what is
    /// believed: how many are accepted, the stated number, and for how many seconds.
    private static let subscriptionRefusals: [(live: Int, others: Int, String, accepted: Int, stated: Int?, Int64)] = [
        (2, 0, "Cannot subscribe to more than 2 channels.", 2, 2, 600),
        // Fewer than stated: others that are not known of have some too.
        (2, 0, "Cannot subscribe to more than 5 channels.", 2, 5, 15), (2, 2, "more than 5", 4, 5, 15),
        // More than stated can be no more than stated.
        (2, 4, "more than 5", 5, 5, 600), (2, 0, "too many", 2, nil, 600), (0, 0, "too many", 1, nil, 600),
        // The venue has lowered its limit. Below the live ones, one more would never be tried.
        (3, 0, "more than 1", 3, 1, 600),
    ]

    @Test(arguments: subscriptionRefusals)
    func `a refused subscription lowers the cap to the accepted count, briefly if that is below the stated one`(
        live: Int, others: Int, text: String, accepted: Int, stated: Int?, seconds: Int64
    ) {
        var client = Client([Self.trades(4)])
        for number in 0..<live { client.registry.makeLive(UInt64(number) + 1) }
        client.addOthers(subscriptions: others)
        LimitLearning.subscriptionRefused(
            text, in: client.registry, on: client.pool, retry: .seconds(15), &client.turn)
        let refusal = client.turn.limiter.subscriptionCap.refusal
        #expect(refusal?.acceptedCount == accepted && refusal?.statedCount == stated)
        #expect(refusal?.retryAt == at(seconds))
    }

    @Test func `a subscription that is leaving still counts as accepted`() {
        var client = Client([Self.trades(3)])
        client.registry.makeLive(1, 2)
        client.registry.isLeaving(UpstreamID(2), ConnectionID(1), at: .start)
        LimitLearning.subscriptionRefused(
            "more than 2", in: client.registry, on: client.pool, retry: .seconds(15), &client.turn)
        #expect(client.turn.limiter.subscriptionCap.refusal?.acceptedCount == 2)
    }

    /// Which cap a refused user lowers, to how many, and for how many seconds.
    struct Belief: Hashable, Sendable {
        var everywhere: Int?
        var onConnection: Int?
        var seconds: Int64?
    }

    /// How many users are live on the connection that asked and on another one, the venue's words, and the belief.
    private static let userRefusals: [(here: Int, elsewhere: Int, String, Belief)] = [
        // As many as stated are on this connection alone.
        (2, 1, "Cannot track more than 2 total users.", Belief(onConnection: 2, seconds: 600)),
        (3, 0, "more than 2", Belief(onConnection: 3, seconds: 600)),
        // As many as stated are on all connections together.
        (1, 2, "more than 3", Belief(everywhere: 3, seconds: 600)),
        // Fewer: others of the address have users too, or the venue still counts some that have left.
        (1, 1, "more than 5", Belief(everywhere: 2, seconds: 15)),
        (1, 1, "too many users", Belief(everywhere: 2, seconds: 15)),
        // More on all connections, and fewer on this one: neither cap explains it.
        (1, 3, "more than 2", Belief()),
    ]

    @Test(arguments: userRefusals)
    func `a refused user lowers the cap that the accepted users explain`(
        here: Int, elsewhere: Int, text: String, belief: Belief
    ) {
        // The last user of each connection is asked for and not accepted.
        var client = Client([Self.fills(1...(here + 1)), Self.fills(11...(11 + elsewhere))])
        for number in 0..<here { client.registry.makeLive(UInt64(number) + 1) }
        for number in 0..<elsewhere { client.registry.makeLive(UInt64(here + number) + 2, on: ConnectionID(2)) }
        LimitLearning.userRefused(
            text, on: ConnectionID(1), in: client.registry, on: client.pool, retry: .seconds(15), &client.turn)
        let refusals = [client.turn.limiter.userCap.refusal, client.turn.limiter.connectionUserCap.refusal]
        #expect(refusals.map { $0?.acceptedCount } == [belief.everywhere, belief.onConnection])
        #expect(refusals.compactMap { $0?.retryAt } == [belief.seconds].compactMap { $0 }.map { at($0) })
    }

    @Test func `refused upgrades are believed the second time, while another connection is open`() {
        var client = Client([Self.trades(1)])
        let slot = client.pool.addSlot(carrying: [.made(9, TradesFeed(coin: "BTC"))])
        var isHopeless: [Bool] = []
        for _ in 0..<2 {
            isHopeless.append(
                LimitLearning.connectionRefused(slot, on: &client.pool, refusalLimit: 2, &client.turn))
        }
        #expect(isHopeless == [false, true])
        let refusal = client.turn.limiter.connectionCap.refusal
        #expect(refusal?.acceptedCount == 1 && refusal?.statedCount == nil && refusal?.retryAt == at(60))
    }

    @Test func `refused upgrades prove nothing while no connection is open`() {
        var client = Client([])
        let slot = client.pool.addSlot(carrying: [.made(9, TradesFeed(coin: "BTC"))])
        for _ in 0..<3 {
            let isHopeless = LimitLearning.connectionRefused(slot, on: &client.pool, refusalLimit: 2, &client.turn)
            #expect(!isHopeless)
        }
        #expect(client.turn.limiter.connectionCap.refusal == nil)
    }

    // MARK: Use

    /// A refusal of connections, how many are spare, how many other clients have, and how many placement may use.
    private static let placementLimits: [(refusedBeyond: Int?, spare: Int, others: Int, connectionCount: Int)] = [
        (nil, 0, 0, 10), (nil, 1, 0, 10), (nil, 0, 2, 8), (3, 0, 0, 3), (3, 0, 2, 1), (3, 0, 5, 1),
        // No connection is kept to spare below the learnt count: placement subtracts the spare one again.
        (3, 1, 0, 4),
    ]

    @Test(arguments: placementLimits)
    func `placement uses the connections that are learnt and not other clients'`(
        refusedBeyond: Int?, spare: Int, others: Int, connectionCount: Int
    ) {
        var client = Client([])
        client.addOthers(connections: others)
        if let refusedBeyond {
            client.turn.limiter.connectionCap.refused(beyond: refusedBeyond, stated: nil, at: .start)
        }
        let limits = LimitLearning.placementLimits(
            VenueLimits(), spareConnectionCount: spare, on: client.pool, &client.turn)
        var expected = VenueLimits()
        expected.connections = connectionCount
        #expect(limits == expected)
        #expect(client.turn.wakeTime == (refusedBeyond == nil ? nil : at(60)), "when one more is tried")
    }

    @Test func `placement uses the learnt count of users on a connection`() {
        var client = Client([])
        client.turn.limiter.connectionUserCap.refused(beyond: 4, stated: nil, at: .start)
        let limits = LimitLearning.placementLimits(
            VenueLimits(), spareConnectionCount: 0, on: client.pool, &client.turn)
        #expect(limits.usersPerConnection == 4 && client.turn.wakeTime == at(600))
    }
}
