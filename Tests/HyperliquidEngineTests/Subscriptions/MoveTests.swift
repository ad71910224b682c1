import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct MoveTests {
    /// A live subscription on an old connection, up to the dial of the new connection.
    private func rotating(_ feed: some Feed) -> EngineHarness {
        var harness = EngineHarness { $0.maximumConnectionAge = .seconds(60) }
        _ = harness.subscribe(feed)
        harness.handle(.started)
        harness.answerAll()
        harness.history = []
        for _ in 0..<12 {
            harness.advance(by: .seconds(5))
            harness.handle(.frameArrived(ConnectionID(1)))
        }
        return harness
    }

    @Test func `an old connection is replaced before it is closed`() {
        let trades = TradesFeed(coin: "BTC")
        var harness = rotating(trades)
        #expect(harness.takeEffects() == [.dial(ConnectionID(2), .api)])
        harness.handle(.connectionOpened(ConnectionID(2)))
        // The new connection brings no subscriber a message before it is acknowledged.
        #expect(harness.takeEffects() == [.send(ConnectionID(2), .subscribe(trades.request))])
        harness.handle(.acknowledged(ConnectionID(2), .subscribe, echo: trades.request))
        #expect(
            harness.takeEffects() == [
                .detach(UpstreamID(1), ConnectionID(1)), .attach(UpstreamID(1), ConnectionID(2)),
                .expectReplay(UpstreamID(1)),
                .send(ConnectionID(1), .unsubscribe(trades.request)),
            ])
        harness.handle(.acknowledged(ConnectionID(1), .unsubscribe, echo: trades.request))
        #expect(harness.engine.registry.upstreams.count == 1)
        #expect(harness.turn.limiter.subscriptionCount == 1)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test(arguments: [(2, 1, true), (2, 0, true), (1, 0, false), (1, 1, false)])
    func `a rotation uses the connection that is kept to spare`(connections: Int, spare: Int, isRotated: Bool) {
        var harness = EngineHarness {
            $0.maximumConnectionAge = .seconds(60)
            $0.limits.connections = connections
            $0.spareConnectionCount = spare
        }
        let books = [L2BookFeed(coin: "A"), L2BookFeed(coin: "A", fast: true)]
        _ = harness.subscribe(books[0])
        // With one connection to spare a second variant has no slot before, during and after the rotation.
        if spare > 0 { _ = harness.subscribe(books[1], timeout: nil) }
        harness.handle(.started)
        harness.answerAll()
        for _ in 0..<20 {
            harness.advance(by: .seconds(5))
            if let connection = harness.engine.registry[UpstreamID(1)]?.connection {
                harness.handle(.frameArrived(connection))
                harness.handle(.upstreamTicked(connection, UpstreamID(1)))
            }
            harness.answerAll()
        }
        let dials = harness.history.filter { if case .dial = $0 { true } else { false } }
        #expect(dials.count == (isRotated ? 2 : 1))
        #expect(harness.engine.registry.liveCount == 1)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `ten connections of one age are replaced one after the other, inside all limits and without a gap`() {
        var harness = EngineHarness {
            $0.maximumConnectionAge = .seconds(60)
            $0.spareConnectionCount = 1
            $0.policy = .isolated(sharedLimit: 200)
        }
        let coins = (1...9).map { "C\($0)" }
        for coin in coins { _ = harness.subscribe(L2BookFeed(coin: Coin(coin))) }
        harness.handle(.started)
        harness.answerAll()
        let openedAt = harness.now
        var most = 0
        for _ in 0..<115 {
            harness.now = harness.now.advanced(by: .seconds(1))
            for connection in harness.engine.pool.connections { harness.handle(.frameArrived(connection.id)) }
            for upstream in harness.engine.registry.upstreams.values {
                if let connection = upstream.connection { harness.handle(.upstreamTicked(connection, upstream.id)) }
            }
            harness.handle(.woke)
            most = max(most, harness.engine.pool.connectionCount)
            harness.answerAll()
        }
        #expect(most == 10)
        let dials = harness.history.count { if case .dial = $0 { true } else { false } }
        #expect(dials == 18, "nine at first, nine for the rotation")
        #expect(harness.engine.pool.connections.allSatisfy { $0.openedAt.map { $0 > openedAt } ?? false })
        #expect(harness.engine.registry.liveCount == 9)
        #expect(!harness.history.contains { if case .announceGap = $0 { true } else { false } })
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a feed that kills its new connection is tried there alone, ever more rarely, and others pay once`() {
        let poison = TradesFeed(coin: "BTC")
        let innocent = TradesFeed(coin: "ETH")
        var harness = EngineHarness { $0.maximumConnectionAge = .seconds(60) }
        _ = harness.subscribe(innocent)
        _ = harness.subscribe(poison)
        harness.handle(.started)
        harness.answerAll()
        harness.history = []
        var kills: [Int64] = []
        for _ in 0..<1200 {
            harness.now = harness.now.advanced(by: .seconds(1))
            for connection in harness.engine.pool.connections { harness.handle(.frameArrived(connection.id)) }
            harness.handle(.woke)
            for effect in harness.takeEffects() {
                harness.history.append(effect)
                switch effect {
                case .dial(let connection, _): harness.handle(.connectionOpened(connection))
                case .send(let connection, .subscribe(poison.request)):
                    kills.append(Instant.start.duration(to: harness.now).components.seconds)
                    harness.handle(.connectionClosed(connection, .broken("reset"), draw: 0))
                case .send(let connection, .subscribe(let request)):
                    harness.handle(.acknowledged(connection, .subscribe, echo: request))
                case .send(let connection, .unsubscribe(let request)):
                    harness.handle(.acknowledged(connection, .unsubscribe, echo: request))
                default: break
                }
            }
        }
        #expect(kills.count == 7, "\(kills)")
        let gaps = harness.history.count { if case .announceGap = $0 { true } else { false } }
        #expect(gaps <= 1, "the innocent feed is lost with the new connection once, before anybody knew")
        #expect(harness.engine.registry.liveCount == 2)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a rotation that is due before the acknowledgement begins with it`() {
        var harness = EngineHarness { $0.maximumConnectionAge = .seconds(1) }
        let trades = TradesFeed(coin: "BTC")
        _ = harness.subscribe(trades, timeout: nil)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        harness.advance(by: .seconds(2))
        _ = harness.takeEffects()
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: trades.request))
        #expect(harness.takeEffects().contains(.dial(ConnectionID(2), .api)))
    }

    @Test func `a rotation does not exceed the connections that the venue allows`() {
        var harness = EngineHarness {
            $0.maximumConnectionAge = .seconds(60)
            $0.limits.connections = 3
            $0.spareConnectionCount = 1
        }
        _ = harness.subscribe(TradesFeed(coin: "BTC"))
        harness.handle(.started)
        harness.answerAll()
        harness.turn.limiter.connectionCap.refused(
            beyond: 1, stated: nil, at: harness.now, retryAfter: .seconds(600))
        for _ in 0..<20 {
            harness.advance(by: .seconds(5))
            harness.handle(.frameArrived(ConnectionID(1)))
            harness.answerAll()
        }
        #expect(harness.engine.pool.connectionCount == 1)
        #expect(harness.history.filter { if case .dial = $0 { true } else { false } }.count == 1)
    }

    @Test func `a replacement ends if the venue refuses its connection`() {
        var harness = rotating(TradesFeed(coin: "BTC"))
        var dialCount = 0
        for _ in 0..<20 where harness.engine.registry.upstreams.count == 2 {
            if case .dial(let connection, _)? = harness.takeEffects().last {
                dialCount += 1
                let reason = CloseReason.dialFailed("refused", httpStatus: 429)
                harness.handle(.connectionClosed(connection, reason, draw: 0))
            }
            harness.advance(by: .seconds(1))
            harness.handle(.frameArrived(ConnectionID(1)))
        }
        // After two refusals, the venue is believed.
        #expect(dialCount == 2)
        #expect(harness.engine.registry.upstreams.keys.sorted() == [UpstreamID(1)])
        #expect(harness.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    private static let orders = OrderUpdatesFeed(user: .example)

    /// Orders on two connections: the new one is acknowledged, and the old one is being unsubscribed.
    private func handedOver() -> EngineHarness {
        var harness = rotating(Self.orders)
        harness.handle(.connectionOpened(ConnectionID(2)))
        harness.handle(.acknowledged(ConnectionID(2), .subscribe, echo: Self.orders.request))
        return harness
    }

    private static let switched: [Engine.Effect] = [
        .dial(ConnectionID(2), .api), .beginHandover(UpstreamID(1), from: ConnectionID(1)),
        .send(ConnectionID(2), .subscribe(orders.request)),
        .attach(UpstreamID(1), ConnectionID(2)), .send(ConnectionID(1), .unsubscribe(orders.request)),
    ]

    @Test func `a feed that repeats nothing keeps its old connection until its end is confirmed`() {
        var harness = handedOver()
        #expect(harness.takeEffects() == Self.switched)
        harness.handle(.acknowledged(ConnectionID(1), .unsubscribe, echo: Self.orders.request))
        let rest = harness.takeEffects().prefix(2)
        #expect(rest == [.endHandover(UpstreamID(1), isLost: false), .detach(UpstreamID(1), ConnectionID(1))])
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a handover ends as lost when its old connection breaks`() {
        var harness = handedOver()
        _ = harness.takeEffects()
        harness.handle(.connectionClosed(ConnectionID(1), .broken("reset"), draw: 0))
        let effects = harness.takeEffects()
        #expect(effects.contains(.endHandover(UpstreamID(1), isLost: true)))
        #expect(effects.contains(.detach(UpstreamID(1), ConnectionID(1))))
        #expect(harness.engine.registry[UpstreamID(1)]?.isLive == true)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a broken new connection cancels the handover and leaves a gap`() {
        var harness = handedOver()
        _ = harness.takeEffects()
        harness.handle(.connectionClosed(ConnectionID(2), .broken("reset"), draw: 0))
        let effects = harness.takeEffects().filter { if case .note = $0 { false } else { true } }
        #expect(
            Array(effects.prefix(3)) == [
                .detach(UpstreamID(1), ConnectionID(2)), .cancelHandover(UpstreamID(1)),
                .detach(UpstreamID(1), ConnectionID(1)),
            ])
        harness.effects = effects
        harness.answerAll()
        for _ in 0..<3 {
            harness.advance(by: .seconds(10))
            harness.answerAll()
        }
        #expect(harness.history.contains(.announceGap(UpstreamID(1), .reconnected)))
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `an unsubscribe during a handover detaches both connections`() {
        var harness = handedOver()
        _ = harness.takeEffects()
        harness.handle(.unsubscribed(SubscriptionID(1)))
        let left = harness.takeEffects()
        #expect(left.contains(.cancelHandover(UpstreamID(1))))
        #expect(
            left.contains(.detach(UpstreamID(1), ConnectionID(1)))
                && left.contains(.detach(UpstreamID(1), ConnectionID(2))))
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a move that fails before its acknowledgement leaves no handover`() {
        var harness = rotating(Self.orders)
        harness.handle(.connectionOpened(ConnectionID(2)))
        harness.handle(.connectionClosed(ConnectionID(2), .broken("reset"), draw: 0))
        #expect(harness.takeEffects().contains(.cancelHandover(UpstreamID(1))))
        #expect(
            harness.engine.mover.switchedHandoverCount == 0 && harness.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    @Test func `a move whose new connection breaks changes nothing`() {
        var harness = rotating(TradesFeed(coin: "BTC"))
        harness.handle(.connectionOpened(ConnectionID(2)))
        harness.handle(.connectionClosed(ConnectionID(2), .broken("reset"), draw: 0))
        #expect(harness.engine.registry.upstreams.count == 1)
        #expect(harness.engine.registry[UpstreamID(1)]?.isLive == true)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
        #expect(!harness.takeEffects().contains { if case .announceGap = $0 { true } else { false } })
    }

    @Test func `an unsubscribe during a move leaves nothing behind`() {
        var harness = rotating(TradesFeed(coin: "BTC"))
        harness.handle(.connectionOpened(ConnectionID(2)))
        harness.handle(.unsubscribed(SubscriptionID(1)))
        harness.answerAll()
        #expect(harness.engine.registry.upstreams.isEmpty)
        #expect(harness.turn.limiter.subscriptionCount == 0)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }
}
