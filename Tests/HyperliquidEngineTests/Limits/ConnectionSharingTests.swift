import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct ConnectionSharingTests {
    /// A client and the limiter that it shares with other clients; three connections are allowed in all.
    private struct Client {
        var sharing = ConnectionSharing()
        var registry = SubscriptionRegistry.holding([])
        var placements = PlacementQueue(configuration: EngineConfiguration())
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var turn: Turn

        /// A client with that many connections, each with a feed of its own, beside those of other clients.
        init(connections: Int, others: Int) {
            var limits = VenueLimits()
            limits.connections = 3
            turn = Turn(limits: limits)
            for number in 0..<connections {
                _ = pool.addSlot(carrying: [.made(UInt64(number) + 1, TradesFeed(coin: Coin("C\(number)")))])
            }
            pool.connectAll(&turn)
            for _ in 0..<others { turn.limiter.openConnection(at: turn.now) }
        }

        /// Adds a slot whose feed has no connection.
        mutating func addWaitingSlot(_ kind: ConnectionSlot.Kind = .packed) -> SlotID {
            pool.addSlot(kind, carrying: [.made(100, TradesFeed(coin: "BTC"))])
        }

        /// Adds a subscription that waits for a slot, because of a limit on connections.
        mutating func addWaitingSubscription() {
            registry = .holding([TradesFeed(coin: "BTC")])
            registry.wait(UpstreamID(1), for: .connectionLimit)
            placements.add(UpstreamID(1))
        }

        mutating func reportWait(isRunning: Bool = true) {
            sharing.reportWait(
                isRunning: isRunning, for: .empty, placements, in: registry, on: pool, &turn.limiter)
        }
    }

    // MARK: Waiting

    @Test func `a client whose slot has no connection waits while other clients have all of them`() {
        var client = Client(connections: 1, others: 2)
        _ = client.addWaitingSlot()
        client.reportWait()
        client.reportWait()
        #expect(client.turn.limiter.waitingClientCount == 1, "a client counts once")
    }

    @Test func `a client whose subscription waits for a slot waits while other clients have all connections`() {
        var client = Client(connections: 1, others: 2)
        client.addWaitingSubscription()
        client.reportWait()
        #expect(client.turn.limiter.waitingClientCount == 1)
    }

    /// Own connections, those of other clients, whether a slot has none, and whether the client is running.
    private static let notWaiting: [(own: Int, others: Int, lacks: Bool, isRunning: Bool)] = [
        (1, 2, false, true),  // It has all that it needs.
        (1, 1, true, true),  // One is free.
        (3, 0, true, true),  // No other client has one.
        (1, 2, true, false),  // It ends.
    ]

    @Test(arguments: notWaiting) func `a client that lacks nothing, or can dial, or ends, waits for no connection`(
        own: Int, others: Int, lacks: Bool, isRunning: Bool
    ) {
        var client = Client(connections: own, others: others)
        if lacks { _ = client.addWaitingSlot() }
        client.reportWait(isRunning: isRunning)
        #expect(client.turn.limiter.waitingClientCount == 0)
    }

    @Test func `a client that gets a connection stops waiting`() {
        var client = Client(connections: 1, others: 2)
        _ = client.addWaitingSlot()
        client.reportWait()
        client.turn.limiter.closeConnection()
        client.reportWait()
        #expect(client.turn.limiter.waitingClientCount == 0)
    }

    // MARK: Yielding

    @Test func `a client with two connections yields to another client that waits, and not to itself`() {
        var client = Client(connections: 2, others: 1)
        #expect(!client.sharing.shouldYield(on: client.pool, client.turn.limiter), "nobody waits")
        _ = client.addWaitingSlot()
        client.reportWait()
        #expect(!client.sharing.shouldYield(on: client.pool, client.turn.limiter), "only this client waits")
        client.turn.limiter.beginWaitingForConnection()
        #expect(client.sharing.shouldYield(on: client.pool, client.turn.limiter))
    }

    @Test func `a client yields neither its only connection nor while one is free`() {
        for (own, others) in [(1, 2), (2, 0)] {
            var client = Client(connections: own, others: others)
            client.turn.limiter.beginWaitingForConnection()
            #expect(!client.sharing.shouldYield(on: client.pool, client.turn.limiter))
        }
    }

    // MARK: Lost slots

    @Test func `slots whose connections other clients have taken are lost once they may dial, trials too`() {
        var client = Client(connections: 1, others: 2)
        let slot = client.addWaitingSlot()
        let trial = client.addWaitingSlot(.trial)
        #expect(client.sharing.lostSlots(on: client.pool, slotLimit: 1, client.turn)?.map(\.id) == [slot, trial])
        #expect(client.sharing.lostSlots(on: client.pool, slotLimit: 3, client.turn) == nil, "all may be used")
        client.turn.limiter.closeConnection()
        #expect(client.sharing.lostSlots(on: client.pool, slotLimit: 1, client.turn) == nil, "one is free")
    }

    @Test func `a slot that still backs off is not lost yet`() {
        var client = Client(connections: 2, others: 1)
        _ = client.pool.closed(ConnectionID(1), .broken("reset"), draw: 1 << 63, &client.turn)
        client.turn.limiter.openConnection(at: client.turn.now)
        #expect(client.sharing.lostSlots(on: client.pool, slotLimit: 1, client.turn)?.isEmpty == true)
    }
}
