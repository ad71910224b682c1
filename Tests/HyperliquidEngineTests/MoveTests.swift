import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Moves") struct MoveTests {
    /// A live subscription on a link that has grown old, and what rotating did up to the new link's dial.
    private func rotating(_ feed: some Feed) -> Bench {
        var bench = Bench { $0.linkAge = .seconds(60) }
        _ = bench.claim(feed)
        bench.tell(.started)
        bench.answerAll()
        bench.history = []
        for _ in 0..<12 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(LinkID(1)))
        }
        return bench
    }

    @Test func `a link that has grown old is replaced before it is broken`() {
        let trades = TradesFeed.trades("BTC")
        var bench = rotating(trades)
        #expect(bench.take() == [.dial(LinkID(2), .api)])
        bench.tell(.linkOpened(LinkID(2)))
        // The new place shows nothing to anybody until it is acknowledged.
        #expect(bench.take() == [.send(LinkID(2), .subscribe(trades.request))])
        bench.tell(.acknowledged(LinkID(2), .subscribe, echo: trades.request))
        #expect(
            bench.take() == [
                .detach(WireID(1), LinkID(1)), .attach(WireID(1), LinkID(2)), .expectReplay(WireID(1)),
                .send(LinkID(1), .unsubscribe(trades.request)),
            ])
        bench.tell(.acknowledged(LinkID(1), .unsubscribe, echo: trades.request))
        #expect(bench.engine.ledger.wires.count == 1)
        #expect(bench.engine.allowance.subscriptionCount == 1)
        #expect(bench.engine.checkInvariants() == [])
    }

    @Test(arguments: [(2, 1, true), (2, 0, true), (1, 0, false), (1, 1, false)])
    func `a connection kept to spare is what a rotation uses`(connections: Int, spare: Int, isRotated: Bool) {
        var bench = Bench {
            $0.linkAge = .seconds(60)
            $0.limits.connectionCount = connections
            $0.spareConnectionCount = spare
        }
        let books = [L2BookFeed(coin: "A"), L2BookFeed(coin: "A", fast: true)]
        _ = bench.claim(books[0])
        // With one kept to spare there is no place for a second variant, before the rotation, during it and after it.
        if spare > 0 { _ = bench.claim(books[1], patience: nil) }
        bench.tell(.started)
        bench.answerAll()
        for _ in 0..<20 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(bench.engine.lanes[0].link ?? LinkID(0)))
            bench.answerAll()
        }
        let dials = bench.history.filter { if case .dial = $0 { true } else { false } }
        #expect(dials.count == (isRotated ? 2 : 1))
        #expect(bench.engine.ledger.liveCount == 1)
        #expect(bench.engine.checkInvariants() == [])
    }

    @Test func `a rotation whose time comes before the acknowledgement begins with it`() {
        var bench = Bench { $0.linkAge = .seconds(1) }
        let trades = TradesFeed.trades("BTC")
        _ = bench.claim(trades, patience: nil)
        bench.tell(.started)
        bench.tell(.linkOpened(LinkID(1)))
        bench.pass(.seconds(2))
        _ = bench.take()
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: trades.request))
        #expect(bench.take().contains(.dial(LinkID(2), .api)))
    }

    @Test func `a rotation does not pass the connections that the venue was seen to allow`() {
        var bench = Bench {
            $0.linkAge = .seconds(60)
            $0.limits.connectionCount = 3
            $0.spareConnectionCount = 1
        }
        _ = bench.claim(TradesFeed.trades("BTC"))
        bench.tell(.started)
        bench.answerAll()
        bench.engine.allowance.connectionCap.refused(
            beyond: 1, stated: nil, at: bench.now, patience: .seconds(600))
        for _ in 0..<20 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(LinkID(1)))
            bench.answerAll()
        }
        #expect(bench.engine.links.count == 1)
        #expect(bench.history.filter { if case .dial = $0 { true } else { false } }.count == 1)
    }

    private static let orders = OrderUpdatesFeed(user: .example)

    /// Orders on two links: the new one is acknowledged, the old one was asked to end.
    private func handedOver() -> Bench {
        var bench = rotating(Self.orders)
        bench.tell(.linkOpened(LinkID(2)))
        bench.tell(.acknowledged(LinkID(2), .subscribe, echo: Self.orders.request))
        return bench
    }

    private static let switched: [Engine.Effect] = [
        .dial(LinkID(2), .api), .beginHandover(WireID(1), from: LinkID(1)),
        .send(LinkID(2), .subscribe(orders.request)),
        .attach(WireID(1), LinkID(2)), .send(LinkID(1), .unsubscribe(orders.request)),
    ]

    @Test func `what repeats nothing keeps its old link until that has surely ended`() {
        var bench = handedOver()
        #expect(bench.take() == Self.switched)
        bench.tell(.acknowledged(LinkID(1), .unsubscribe, echo: Self.orders.request))
        let rest = bench.take().prefix(2)
        #expect(rest == [.endHandover(WireID(1), isLost: false), .detach(WireID(1), LinkID(1))])
        #expect(bench.engine.checkInvariants() == [])
    }

    @Test func `an old link that is lost before it has ended may have had more`() {
        var bench = handedOver()
        _ = bench.take()
        bench.tell(.linkClosed(LinkID(1), .broken("reset"), draw: 0))
        let effects = bench.take()
        #expect(effects.contains(.endHandover(WireID(1), isLost: true)))
        #expect(effects.contains(.detach(WireID(1), LinkID(1))))
        #expect(bench.engine.ledger[WireID(1)]?.isLive == true)
        #expect(bench.engine.checkInvariants() == [])
    }

    @Test func `a new link that is lost takes what waits with it, and the gap tells`() {
        var bench = handedOver()
        _ = bench.take()
        bench.tell(.linkClosed(LinkID(2), .broken("reset"), draw: 0))
        let effects = bench.take().filter { if case .note = $0 { false } else { true } }
        #expect(
            Array(effects.prefix(3)) == [
                .detach(WireID(1), LinkID(2)), .cancelHandover(WireID(1)), .detach(WireID(1), LinkID(1)),
            ])
        bench.effects = effects
        bench.answerAll()
        for _ in 0..<3 {
            bench.pass(.seconds(10))
            bench.answerAll()
        }
        #expect(bench.history.contains(.announceGap(WireID(1), .reconnected)))
        #expect(bench.engine.checkInvariants() == [])
    }

    @Test func `who leaves while it is handed over leaves neither link a route`() {
        var bench = handedOver()
        _ = bench.take()
        bench.tell(.released(SubscriptionID(1)))
        let left = bench.take()
        #expect(left.contains(.cancelHandover(WireID(1))))
        #expect(left.contains(.detach(WireID(1), LinkID(1))) && left.contains(.detach(WireID(1), LinkID(2))))
        #expect(bench.engine.checkInvariants() == [])
    }

    @Test func `a move that comes to nothing before it is acknowledged leaves no handover`() {
        var bench = rotating(Self.orders)
        bench.tell(.linkOpened(LinkID(2)))
        bench.tell(.linkClosed(LinkID(2), .broken("reset"), draw: 0))
        #expect(bench.take().contains(.cancelHandover(WireID(1))))
        #expect(bench.engine.handovers.isEmpty && bench.engine.ledger[WireID(1)]?.isLive == true)
    }

    @Test func `a move whose new link dies leaves everything as it was`() {
        var bench = rotating(TradesFeed.trades("BTC"))
        bench.tell(.linkOpened(LinkID(2)))
        bench.tell(.linkClosed(LinkID(2), .broken("reset"), draw: 0))
        #expect(bench.engine.ledger.wires.count == 1)
        #expect(bench.engine.ledger[WireID(1)]?.isLive == true)
        #expect(bench.engine.checkInvariants() == [])
        #expect(!bench.take().contains { if case .announceGap = $0 { true } else { false } })
    }

    @Test func `whoever leaves during a move leaves nothing behind`() {
        var bench = rotating(TradesFeed.trades("BTC"))
        bench.tell(.linkOpened(LinkID(2)))
        bench.tell(.released(SubscriptionID(1)))
        bench.answerAll()
        #expect(bench.engine.ledger.wires.isEmpty)
        #expect(bench.engine.allowance.subscriptionCount == 0)
        #expect(bench.engine.checkInvariants() == [])
    }
}
