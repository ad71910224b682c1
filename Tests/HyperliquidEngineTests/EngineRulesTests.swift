import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct EngineRulesTests {
    private let trades = TradesFeed(coin: "BTC")

    private func live(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineHarness {
        var harness = EngineHarness(change)
        _ = harness.subscribe(trades)
        harness.handle(.started)
        harness.answerAll()
        return harness
    }

    @Test func `a caller's timeout begins with its call, also before the start`() {
        var harness = EngineHarness()
        let early = harness.subscribe(trades, timeout: .seconds(10))
        harness.handle(.posted(PostID(1), .action, timeout: .seconds(10)))
        harness.advance(by: .seconds(4))
        let late = harness.subscribe(trades, timeout: .seconds(10))
        #expect(harness.engine.deadline == harness.now.advanced(by: .seconds(6)))
        harness.advance(by: .seconds(6))
        #expect(
            harness.takeEffects() == [.fail(early, .timedOut(.start)), .failPost(PostID(1), .timedOut(.start))])
        harness.handle(.started)
        harness.advance(by: .seconds(4))
        #expect(harness.takeEffects().contains(.fail(late, .timedOut(.connection))))
    }

    @Test func `an unsubscribe waits for the answer to its subscribe`() {
        var harness = EngineHarness()
        let id = harness.subscribe(trades)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        _ = harness.takeEffects()
        harness.handle(.unsubscribed(id))
        #expect(harness.takeSent() == [])
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: trades.request))
        #expect(harness.takeSent() == [.unsubscribe(trades.request)])
    }

    @Test func `a subscribe without an answer is sent three times, then unsubscribed and tried apart`() {
        var harness = EngineHarness()
        _ = harness.subscribe(trades, timeout: nil)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        #expect(harness.takeSent() == [.subscribe(trades.request)])
        for _ in 0..<2 {
            harness.handle(.frameArrived(ConnectionID(1)))
            harness.advance(by: .seconds(10))
            #expect(harness.takeSent().filter { $0 != .ping } == [.subscribe(trades.request)])
        }
        harness.advance(by: .seconds(10))
        #expect(harness.takeSent().contains(.unsubscribe(trades.request)))
        harness.handle(.frameArrived(ConnectionID(1)))
        harness.advance(by: .seconds(10))
        #expect(harness.takeEffects().contains(.dial(ConnectionID(2), .api)))
        #expect(harness.engine.pool.kind(of: UpstreamID(1)) == .trial && harness.engine.pool.isOpen(ConnectionID(1)))
    }

    @Test func `an unsubscribe without an answer is sent three times before its connection is closed`() {
        var harness = EngineHarness()
        let id = harness.subscribe(trades, timeout: nil)
        harness.handle(.started)
        harness.answerAll()
        harness.handle(.unsubscribed(id))
        #expect(harness.takeSent() == [.unsubscribe(trades.request)])
        for _ in 0..<2 {
            harness.handle(.frameArrived(ConnectionID(1)))
            harness.advance(by: .seconds(10))
            #expect(harness.takeSent() == [.unsubscribe(trades.request)])
        }
        harness.handle(.frameArrived(ConnectionID(1)))
        harness.advance(by: .seconds(10))
        #expect(harness.takeEffects().contains(.close(ConnectionID(1))))
        // The end of a closing connection is a fact that is awaited, not a deadline.
        #expect(harness.engine.deadline.map { $0 > harness.now } ?? true)
    }

    @Test func `a subscription that a limit refused is unsubscribed before it is asked for again`() {
        var harness = EngineHarness()
        let fills = RawFeed(type: "userFills", fields: [("user", "0x1111111111111111111111111111111111111111")])
        _ = harness.subscribe(fills, timeout: nil)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        _ = harness.takeEffects()
        harness.handle(.errorArrived(ConnectionID(1), VenueError(text: "Cannot track more than 10 total users.")))
        #expect(harness.takeSent() == [.unsubscribe(fills.request)])
        #expect(harness.engine.waitReason(of: UpstreamID(1), harness.turn.limiter) == .userLimit)
        harness.handle(.errorArrived(ConnectionID(1), .alreadyUnsubscribed(fills.request)))
        harness.advance(by: .seconds(16))
        harness.answerAll()
        #expect(harness.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    @Test func `a refusal of too many messages pauses sending for a minute before unanswered requests are sent again`()
    {
        var harness = EngineHarness()
        _ = harness.subscribe(trades, timeout: nil)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        _ = harness.takeEffects()
        harness.handle(
            .errorArrived(ConnectionID(1), VenueError(text: "Cannot send more than 2000 messages per minute.")))
        harness.now = harness.now.advanced(by: .seconds(59))
        harness.handle(.frameArrived(ConnectionID(1)))
        #expect(harness.takeSent() == [])
        harness.advance(by: .seconds(1))
        #expect(harness.takeSent() == [.subscribe(trades.request)])
    }

    @Test func `a ticking feed that falls silent is asked for again and has a gap announced`() {
        let mids = AllMidsFeed()
        var harness = EngineHarness()
        _ = harness.subscribe(mids)
        harness.handle(.started)
        harness.answerAll()
        harness.tick(UpstreamID(1))
        _ = harness.takeEffects()
        for _ in 0..<4 {
            harness.advance(by: .seconds(10))
            harness.handle(.frameArrived(ConnectionID(1)))
            harness.answerAll()
        }
        #expect(harness.history.contains(.announceGap(UpstreamID(1), .stale)))
        #expect(harness.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    @Test func `a feed whose base is lost is unsubscribed, asked for again and has a gap announced`() {
        var harness = live()
        let connection = ConnectionID(1)
        _ = harness.takeEffects()
        let upstream = UpstreamID(1)
        harness.handle(.baseLost(connection, upstream))
        #expect(
            harness.takeEffects() == [.detach(upstream, connection), .send(connection, .unsubscribe(trades.request))])
        harness.handle(.baseLost(connection, upstream))
        #expect(harness.takeEffects() == [])
        harness.handle(.acknowledged(connection, .unsubscribe, echo: trades.request))
        // Messages from before the unsubscribe may still arrive, and must not come after the gap.
        #expect(harness.takeEffects() == [])
        harness.advance(by: .seconds(2))
        #expect(
            harness.takeEffects() == [
                .attach(upstream, connection), .expectReplay(upstream), .send(connection, .subscribe(trades.request)),
            ])
        harness.handle(.acknowledged(connection, .subscribe, echo: trades.request))
        #expect(harness.takeEffects() == [.announceGap(upstream, .baseLost)])
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a connection that is being closed is sent no further message`() {
        var harness = EngineHarness()
        _ = harness.subscribe(TradesFeed(coin: "BTC"), timeout: nil)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        harness.advance(by: .seconds(10))
        // The second request has been sent less often when the connection is given up.
        _ = harness.subscribe(TradesFeed(coin: "ETH"), timeout: nil)
        while !harness.takeEffects().contains(.close(ConnectionID(1))) {
            harness.advance(by: .seconds(10))
            harness.handle(.frameArrived(ConnectionID(1)))
            let effects = harness.effects
            if let close = effects.firstIndex(of: .close(ConnectionID(1))) {
                #expect(!effects[close...].contains { if case .send = $0 { true } else { false } })
            }
        }
    }

    @Test func `a best offer that is quiet after a burst is never stale`() {
        var harness = EngineHarness()
        _ = harness.subscribe(BestBidOfferFeed(coin: "THIN"))
        harness.handle(.started)
        harness.answerAll()
        for _ in 0..<16 {
            harness.advance(by: .seconds(1))
            harness.handle(.upstreamTicked(ConnectionID(1), UpstreamID(1)))
        }
        harness.stayOpen(for: .seconds(3600))
        harness.answerAll()
        #expect(!harness.history.contains(.announceGap(UpstreamID(1), .stale)))
    }

    @Test func `a feed that does not tick is never stale`() {
        var harness = live()
        for _ in 0..<5 {
            harness.advance(by: .seconds(1))
            harness.handle(.upstreamTicked(ConnectionID(1), UpstreamID(1)))
        }
        for _ in 0..<100 {
            harness.advance(by: .seconds(15))
            harness.handle(.frameArrived(ConnectionID(1)))
            harness.answerAll()
        }
        #expect(!harness.history.contains(.announceGap(UpstreamID(1), .stale)))
    }

    @Test func `a drain fails every subscription and finishes with the last connection`() {
        var harness = live()
        _ = harness.takeEffects()
        harness.handle(.drained)
        #expect(
            harness.takeEffects() == [
                .fail(SubscriptionID(1), .clientEnded), .detach(UpstreamID(1), ConnectionID(1)), .forget(UpstreamID(1)),
                .close(ConnectionID(1)),
            ])
        harness.handle(.connectionClosed(ConnectionID(1), .closedByUs, draw: 0))
        #expect(harness.takeEffects().last == .finish)
        _ = harness.subscribe(trades)
        #expect(harness.takeEffects() == [.fail(SubscriptionID(2), .clientEnded)])
        #expect(harness.engine.deadline == nil)
    }

    @Test func `two engines that share a rate limiter share its connections`() {
        var first = live { $0.limits.connections = 1 }
        var second = EngineHarness { $0.limits.connections = 1 }
        second.turn.limiter = first.turn.limiter
        _ = second.subscribe(TradesFeed(coin: "ETH"), timeout: nil)
        second.handle(.started)
        #expect(second.takeEffects() == [])
        #expect(second.engine.waitReason(of: UpstreamID(1), second.turn.limiter) == .connectionLimit)
        first.turn.limiter = second.turn.limiter
        first.handle(.drained)
        first.handle(.connectionClosed(ConnectionID(1), .closedByUs, draw: 0))
        second.turn.limiter = first.turn.limiter
        second.handle(.woke)
        #expect(second.takeEffects() == [.dial(ConnectionID(1), .api)])
    }

    /// Bytes may belong to a message that was begun long before.
    @Test(arguments: [
        (Engine.Input.frameArrived(ConnectionID(1)), true), (.bytesArrived(ConnectionID(1)), false), (.woke, false),
    ])
    func `an unanswered unsubscribe at the explorer counts as answered once the explorer has sent something later`(
        _ input: Engine.Input, _ speaks: Bool
    ) {
        var harness = EngineHarness()
        let id = harness.subscribe(ExplorerBlockFeed())
        harness.handle(.started)
        harness.answerAll()
        harness.handle(.unsubscribed(id))
        let end = Engine.Message.unsubscribe(ExplorerBlockFeed().request)
        #expect(harness.takeSent() == [end])
        harness.advance(by: .seconds(5))
        harness.handle(input)
        harness.advance(by: .seconds(5))
        #expect(harness.takeEffects().contains(.forget(UpstreamID(1))) == speaks)
        #expect(harness.engine.registry.upstreams.isEmpty == speaks)
    }
}
