import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Connection") struct ConnectionTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func connection(isOpen: Bool = true) -> Connection {
        var connection = Connection(id: ConnectionID(1), at: .start)
        if isOpen { connection.opened(at: at(1), idleTimeout: .seconds(20), pongTimeout: .seconds(10)) }
        return connection
    }

    private func upstream(_ feed: some Feed, id: UInt64 = 1) -> UpstreamSubscription { .made(id, feed) }

    @Test func `it dials, opens and closes, each once`() {
        var connection = connection(isOpen: false)
        #expect(!connection.isOpen && connection.openedAt == nil && connection.heartbeatDeadline == nil)
        connection.opened(at: at(1), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        #expect(connection.isOpen && connection.openedAt == at(1) && connection.heartbeatDeadline == at(21))
        connection.opened(at: at(5), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        #expect(connection.openedAt == at(1), "it opens once")
        let closes = [connection.beginClosing(at: at(9)), connection.beginClosing(at: at(9))]
        #expect(closes == [true, false])
        #expect(!connection.isOpen && connection.heartbeatDeadline == nil, "what is closing is not probed")
        connection.opened(at: at(10), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        #expect(!connection.isOpen, "an upgrade that comes too late opens nothing")
    }

    @Test func `a connection that is given up before it opens never beats`() {
        var connection = connection(isOpen: false)
        _ = connection.beginClosing(at: at(1))
        var effects: [Heartbeat.Effect] = []
        connection.beat(.frameArrived, at: at(2), into: &effects)
        connection.beat(.woke, at: at(60), into: &effects)
        #expect(effects == [])
    }

    @Test(
        arguments: [
            // What ended, what is asked for next, and whether it waits.
            (OrderUpdatesFeed(user: PlacementFeeds.user(1)), OrderUpdatesFeed(user: PlacementFeeds.user(2)), true),
            (OrderUpdatesFeed(user: PlacementFeeds.user(1)), OrderUpdatesFeed(user: PlacementFeeds.user(1)), false),
            (OrderUpdatesFeed(user: PlacementFeeds.user(1)), UserEventsFeed(user: PlacementFeeds.user(2)), false),
            (L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5), true),
            (L2BookFeed(coin: "BTC"), L2BookFeed(coin: "ETH", nSigFigs: 5), false),
        ] as [(any Feed, any Feed, Bool)])
    func `late messages of what ended keep its doubles waiting`(_ old: any Feed, _ new: any Feed, _ waits: Bool) {
        var connection = connection()
        connection.ended(upstream(old), lateUntil: at(4), at: at(2))
        #expect(
            connection.isClear(for: upstream(new, id: 2), isReplacement: false, at: at(3)) == (waits ? at(4) : at(3)))
        #expect(
            connection.isClear(for: upstream(new, id: 2), isReplacement: false, at: at(5)) == at(5),
            "they do not come for ever")
    }

    @Test func `whoever was promised a gap first waits for late messages of his own feed too`() {
        var connection = connection()
        let orders = OrderUpdatesFeed(user: PlacementFeeds.user(1))
        let upstream = UpstreamSubscription.made(1, orders) { $0.announceLater(.stale, of: $1) }
        connection.ended(upstream, lateUntil: at(4), at: at(2))
        #expect(connection.isClear(for: upstream, isReplacement: false, at: at(3)) == at(4))
    }
}
