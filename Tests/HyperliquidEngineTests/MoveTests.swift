import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Moves") struct MoveTests {
    /// A live subscription on a connection that has grown old, and what rotating did up to the new connection's dial.
    private func rotating(_ feed: some Feed) -> Bench {
        var bench = Bench { $0.maximumConnectionAge = .seconds(60) }
        _ = bench.subscribe(feed)
        bench.tell(.started)
        bench.answerAll()
        bench.history = []
        for _ in 0..<12 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(ConnectionID(1)))
        }
        return bench
    }

    @Test func `a connection that has grown old is replaced before it is broken`() {
        let trades = TradesFeed.trades("BTC")
        var bench = rotating(trades)
        #expect(bench.take() == [.dial(ConnectionID(2), .api)])
        bench.tell(.connectionOpened(ConnectionID(2)))
        // The new place shows nothing to anybody until it is acknowledged.
        #expect(bench.take() == [.send(ConnectionID(2), .subscribe(trades.request))])
        bench.tell(.acknowledged(ConnectionID(2), .subscribe, echo: trades.request))
        #expect(
            bench.take() == [
                .detach(UpstreamID(1), ConnectionID(1)), .attach(UpstreamID(1), ConnectionID(2)),
                .expectReplay(UpstreamID(1)),
                .send(ConnectionID(1), .unsubscribe(trades.request)),
            ])
        bench.tell(.acknowledged(ConnectionID(1), .unsubscribe, echo: trades.request))
        #expect(bench.engine.registry.upstreams.count == 1)
        #expect(bench.turn.limiter.subscriptionCount == 1)
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test(arguments: [(2, 1, true), (2, 0, true), (1, 0, false), (1, 1, false)])
    func `a connection kept to spare is what a rotation uses`(connections: Int, spare: Int, isRotated: Bool) {
        var bench = Bench {
            $0.maximumConnectionAge = .seconds(60)
            $0.limits.connectionCount = connections
            $0.spareConnectionCount = spare
        }
        let books = [L2BookFeed(coin: "A"), L2BookFeed(coin: "A", fast: true)]
        _ = bench.subscribe(books[0])
        // With one kept to spare there is no place for a second variant, before the rotation, during it and after it.
        if spare > 0 { _ = bench.subscribe(books[1], timeout: nil) }
        bench.tell(.started)
        bench.answerAll()
        for _ in 0..<20 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(bench.engine.pool.slots[0].connection?.id ?? ConnectionID(0)))
            bench.answerAll()
        }
        let dials = bench.history.filter { if case .dial = $0 { true } else { false } }
        #expect(dials.count == (isRotated ? 2 : 1))
        #expect(bench.engine.registry.liveCount == 1)
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test func `a rotation whose time comes before the acknowledgement begins with it`() {
        var bench = Bench { $0.maximumConnectionAge = .seconds(1) }
        let trades = TradesFeed.trades("BTC")
        _ = bench.subscribe(trades, timeout: nil)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        bench.pass(.seconds(2))
        _ = bench.take()
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: trades.request))
        #expect(bench.take().contains(.dial(ConnectionID(2), .api)))
    }

    @Test func `a rotation does not pass the connections that the venue was seen to allow`() {
        var bench = Bench {
            $0.maximumConnectionAge = .seconds(60)
            $0.limits.connectionCount = 3
            $0.spareConnectionCount = 1
        }
        _ = bench.subscribe(TradesFeed.trades("BTC"))
        bench.tell(.started)
        bench.answerAll()
        bench.turn.limiter.connectionCap.refused(
            beyond: 1, stated: nil, at: bench.now, retryAfter: .seconds(600))
        for _ in 0..<20 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(ConnectionID(1)))
            bench.answerAll()
        }
        #expect(bench.engine.pool.connectionCount == 1)
        #expect(bench.history.filter { if case .dial = $0 { true } else { false } }.count == 1)
    }

    private static let orders = OrderUpdatesFeed(user: .example)

    /// Orders on two connections: the new one is acknowledged, the old one was asked to end.
    private func handedOver() -> Bench {
        var bench = rotating(Self.orders)
        bench.tell(.connectionOpened(ConnectionID(2)))
        bench.tell(.acknowledged(ConnectionID(2), .subscribe, echo: Self.orders.request))
        return bench
    }

    private static let switched: [Engine.Effect] = [
        .dial(ConnectionID(2), .api), .beginHandover(UpstreamID(1), from: ConnectionID(1)),
        .send(ConnectionID(2), .subscribe(orders.request)),
        .attach(UpstreamID(1), ConnectionID(2)), .send(ConnectionID(1), .unsubscribe(orders.request)),
    ]

    @Test func `what repeats nothing keeps its old connection until that has surely ended`() {
        var bench = handedOver()
        #expect(bench.take() == Self.switched)
        bench.tell(.acknowledged(ConnectionID(1), .unsubscribe, echo: Self.orders.request))
        let rest = bench.take().prefix(2)
        #expect(rest == [.endHandover(UpstreamID(1), isLost: false), .detach(UpstreamID(1), ConnectionID(1))])
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test func `an old connection that is lost before it has ended may have had more`() {
        var bench = handedOver()
        _ = bench.take()
        bench.tell(.connectionClosed(ConnectionID(1), .broken("reset"), draw: 0))
        let effects = bench.take()
        #expect(effects.contains(.endHandover(UpstreamID(1), isLost: true)))
        #expect(effects.contains(.detach(UpstreamID(1), ConnectionID(1))))
        #expect(bench.engine.registry[UpstreamID(1)]?.isLive == true)
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test func `a new connection that is lost takes what waits with it, and the gap tells`() {
        var bench = handedOver()
        _ = bench.take()
        bench.tell(.connectionClosed(ConnectionID(2), .broken("reset"), draw: 0))
        let effects = bench.take().filter { if case .note = $0 { false } else { true } }
        #expect(
            Array(effects.prefix(3)) == [
                .detach(UpstreamID(1), ConnectionID(2)), .cancelHandover(UpstreamID(1)),
                .detach(UpstreamID(1), ConnectionID(1)),
            ])
        bench.effects = effects
        bench.answerAll()
        for _ in 0..<3 {
            bench.pass(.seconds(10))
            bench.answerAll()
        }
        #expect(bench.history.contains(.announceGap(UpstreamID(1), .reconnected)))
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test func `who leaves while it is handed over leaves neither connection a route`() {
        var bench = handedOver()
        _ = bench.take()
        bench.tell(.unsubscribed(SubscriptionID(1)))
        let left = bench.take()
        #expect(left.contains(.cancelHandover(UpstreamID(1))))
        #expect(
            left.contains(.detach(UpstreamID(1), ConnectionID(1)))
                && left.contains(.detach(UpstreamID(1), ConnectionID(2))))
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test func `a move that comes to nothing before it is acknowledged leaves no handover`() {
        var bench = rotating(Self.orders)
        bench.tell(.connectionOpened(ConnectionID(2)))
        bench.tell(.connectionClosed(ConnectionID(2), .broken("reset"), draw: 0))
        #expect(bench.take().contains(.cancelHandover(UpstreamID(1))))
        #expect(bench.engine.mover.switchedHandoverCount == 0 && bench.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    @Test func `a move whose new connection dies leaves everything as it was`() {
        var bench = rotating(TradesFeed.trades("BTC"))
        bench.tell(.connectionOpened(ConnectionID(2)))
        bench.tell(.connectionClosed(ConnectionID(2), .broken("reset"), draw: 0))
        #expect(bench.engine.registry.upstreams.count == 1)
        #expect(bench.engine.registry[UpstreamID(1)]?.isLive == true)
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
        #expect(!bench.take().contains { if case .announceGap = $0 { true } else { false } })
    }

    @Test func `whoever leaves during a move leaves nothing behind`() {
        var bench = rotating(TradesFeed.trades("BTC"))
        bench.tell(.connectionOpened(ConnectionID(2)))
        bench.tell(.unsubscribed(SubscriptionID(1)))
        bench.answerAll()
        #expect(bench.engine.registry.upstreams.isEmpty)
        #expect(bench.turn.limiter.subscriptionCount == 0)
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }
}
