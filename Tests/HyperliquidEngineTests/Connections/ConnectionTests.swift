import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct ConnectionTests {
    private func connection(isOpen: Bool = true) -> Connection {
        var connection = Connection(id: ConnectionID(1), at: .start)
        if isOpen {
            connection.opened(at: at(1), firstPing: at(21), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        }
        return connection
    }

    private func upstream(_ feed: some Feed, id: UInt64 = 1) -> UpstreamSubscription { .made(id, feed) }

    @Test func `a connection dials, opens and closes once each`() {
        var connection = connection(isOpen: false)
        #expect(!connection.isOpen && connection.openedAt == nil && connection.heartbeatDeadline == nil)
        connection.opened(at: at(1), firstPing: at(21), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        #expect(connection.isOpen && connection.openedAt == at(1) && connection.heartbeatDeadline == at(21))
        connection.opened(at: at(5), firstPing: at(25), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        #expect(connection.openedAt == at(1), "a connection opens once")
        let closes = [
            connection.beginClosing(isFaulty: false, at: at(9)), connection.beginClosing(isFaulty: false, at: at(9)),
        ]
        #expect(closes == [true, false])
        #expect(!connection.isOpen && connection.heartbeatDeadline == nil, "a closing connection is not probed")
        connection.opened(at: at(10), firstPing: at(30), idleTimeout: .seconds(20), pongTimeout: .seconds(10))
        #expect(!connection.isOpen, "an upgrade that comes too late does not open it")
    }

    @Test func `a connection that closes before it opens has no heartbeat`() {
        var connection = connection(isOpen: false)
        _ = connection.beginClosing(isFaulty: false, at: at(1))
        var effects: [Heartbeat.Effect] = []
        connection.beat(.frameArrived, at: at(2), into: &effects)
        connection.beat(.woke, at: at(60), into: &effects)
        #expect(effects == [])
    }

    @Test(
        arguments: [
            // The feed that ended, the feed that is asked for next, and whether it waits.
            (OrderUpdatesFeed(user: Address.numbered(1)), OrderUpdatesFeed(user: Address.numbered(2)), true),
            (OrderUpdatesFeed(user: Address.numbered(1)), OrderUpdatesFeed(user: Address.numbered(1)), false),
            (OrderUpdatesFeed(user: Address.numbered(1)), UserEventsFeed(user: Address.numbered(2)), false),
            (L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5), true),
            (L2BookFeed(coin: "BTC"), L2BookFeed(coin: "ETH", nSigFigs: 5), false),
        ] as [(any Feed, any Feed, Bool)])
    func `a subscribe waits while late messages of an ambiguous subscription may arrive`(
        _ old: any Feed, _ new: any Feed, _ waits: Bool
    ) {
        var connection = connection()
        connection.ended(upstream(old), lateUntil: at(4), at: at(2))
        #expect(
            connection.isClear(for: upstream(new, id: 2), isReplacement: false, at: at(3)) == (waits ? at(4) : at(3)))
        #expect(
            connection.isClear(for: upstream(new, id: 2), isReplacement: false, at: at(5)) == at(5),
            "late messages come for 2 s only")
    }

    @Test func `a subscription with a gap to announce waits for late messages of its own identity too`() {
        var connection = connection()
        let orders = OrderUpdatesFeed(user: Address.numbered(1))
        let upstream = UpstreamSubscription.made(1, orders) { $0.announceLater(.stale, of: $1) }
        connection.ended(upstream, lateUntil: at(4), at: at(2))
        #expect(connection.isClear(for: upstream, isReplacement: false, at: at(3)) == at(4))
    }
}
