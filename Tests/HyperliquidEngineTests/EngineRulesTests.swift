import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Engine rules") struct EngineRulesTests {
    private let trades = TradesFeed.trades("BTC")

    private func live(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> Bench {
        var bench = Bench(change)
        _ = bench.subscribe(trades)
        bench.tell(.started)
        bench.answerAll()
        return bench
    }

    @Test func `an unsubscribe waits for the answer to its subscribe`() {
        var bench = Bench()
        let id = bench.subscribe(trades)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        _ = bench.take()
        bench.tell(.unsubscribed(id))
        #expect(bench.takeSent() == [])
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: trades.request))
        #expect(bench.takeSent() == [.unsubscribe(trades.request)])
    }

    @Test func `an unanswered request is sent three times, then its connection is given up`() {
        var bench = Bench()
        _ = bench.subscribe(trades, timeout: nil)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        #expect(bench.takeSent() == [.subscribe(trades.request)])
        for _ in 0..<2 {
            bench.pass(.seconds(10))
            #expect(bench.takeSent().filter { $0 != .ping } == [.subscribe(trades.request)])
            bench.tell(.frameArrived(ConnectionID(1)))
        }
        bench.pass(.seconds(10))
        #expect(bench.take().contains(.close(ConnectionID(1))))
        // A closing connection is waited for, not woken for.
        #expect(bench.engine.deadline.map { $0 > bench.now } ?? true)
    }

    @Test func `a limit error is believed once an unsubscribe has shown that nothing stands`() {
        var bench = Bench()
        let fills = RawFeed(type: "userFills", fields: [("user", "0x1111111111111111111111111111111111111111")])
        _ = bench.subscribe(fills, timeout: nil)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        _ = bench.take()
        bench.tell(.errorArrived(ConnectionID(1), VenueError(text: "Cannot track more than 10 total users.")))
        #expect(bench.takeSent() == [.unsubscribe(fills.request)])
        #expect(bench.engine.waitReason(of: UpstreamID(1), bench.turn.limiter) == .userLimit)
        bench.tell(.errorArrived(ConnectionID(1), .alreadyUnsubscribed(fills.request)))
        bench.pass(.seconds(16))
        bench.answerAll()
        #expect(bench.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    @Test func `after too many messages everything pauses for a minute, and what has no answer is asked again`() {
        var bench = Bench()
        _ = bench.subscribe(trades, timeout: nil)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        _ = bench.take()
        bench.tell(.errorArrived(ConnectionID(1), VenueError(text: "Cannot send more than 2000 messages per minute.")))
        bench.now = bench.now.advanced(by: .seconds(59))
        bench.tell(.frameArrived(ConnectionID(1)))
        #expect(bench.takeSent() == [])
        bench.pass(.seconds(1))
        #expect(bench.takeSent() == [.subscribe(trades.request)])
    }

    @Test func `a ticking feed that falls silent is asked for again and says so`() {
        let mids = AllMidsFeed.allMids()
        var bench = Bench()
        _ = bench.subscribe(mids)
        bench.tell(.started)
        bench.answerAll()
        for _ in 0..<6 {
            bench.pass(.seconds(5))
            bench.tell(.frameArrived(ConnectionID(1)))
            bench.tell(.upstreamTicked(ConnectionID(1), UpstreamID(1)))
        }
        _ = bench.take()
        for _ in 0..<4 {
            bench.pass(.seconds(10))
            bench.tell(.frameArrived(ConnectionID(1)))
            bench.answerAll()
        }
        #expect(bench.history.contains(.announceGap(UpstreamID(1), .stale)))
        #expect(bench.engine.registry[UpstreamID(1)]?.isLive == true)
    }

    @Test func `nothing more is sent on a connection that is given up`() {
        var bench = Bench()
        _ = bench.subscribe(TradesFeed(coin: "BTC"), timeout: nil)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        bench.pass(.seconds(10))
        // It has been sent less often when the other one has been sent often enough.
        _ = bench.subscribe(TradesFeed(coin: "ETH"), timeout: nil)
        while !bench.take().contains(.close(ConnectionID(1))) {
            bench.pass(.seconds(10))
            bench.tell(.frameArrived(ConnectionID(1)))
            let effects = bench.effects
            if let close = effects.firstIndex(of: .close(ConnectionID(1))) {
                #expect(!effects[close...].contains { if case .send = $0 { true } else { false } })
            }
        }
    }

    @Test func `a feed that may be silent is never judged by its silence`() {
        var bench = live()
        for _ in 0..<5 {
            bench.pass(.seconds(1))
            bench.tell(.upstreamTicked(ConnectionID(1), UpstreamID(1)))
        }
        for _ in 0..<100 {
            bench.pass(.seconds(15))
            bench.tell(.frameArrived(ConnectionID(1)))
            bench.answerAll()
        }
        #expect(!bench.history.contains(.announceGap(UpstreamID(1), .stale)))
    }

    @Test func `a drain fails every subscription, forgets everything and ends with the last connection`() {
        var bench = live()
        _ = bench.take()
        bench.tell(.drained)
        #expect(
            bench.take() == [
                .fail(SubscriptionID(1), .clientEnded), .detach(UpstreamID(1), ConnectionID(1)), .forget(UpstreamID(1)),
                .close(ConnectionID(1)),
            ])
        bench.tell(.connectionClosed(ConnectionID(1), .closedByUs, draw: 0))
        #expect(bench.take().last == .finish)
        _ = bench.subscribe(trades)
        #expect(bench.take() == [.fail(SubscriptionID(2), .clientEnded)])
        #expect(bench.engine.deadline == nil)
    }

    @Test func `two engines that share an rate limiter share its connections`() {
        var first = live { $0.limits.connectionCount = 1 }
        var second = Bench { $0.limits.connectionCount = 1 }
        second.turn.limiter = first.turn.limiter
        _ = second.subscribe(TradesFeed.trades("ETH"), timeout: nil)
        second.tell(.started)
        #expect(second.take() == [])
        #expect(second.engine.waitReason(of: UpstreamID(1), second.turn.limiter) == .connectionLimit)
        first.turn.limiter = second.turn.limiter
        first.tell(.drained)
        first.tell(.connectionClosed(ConnectionID(1), .closedByUs, draw: 0))
        second.turn.limiter = first.turn.limiter
        second.tell(.woke)
        #expect(second.take() == [.dial(ConnectionID(1), .api)])
    }

    @Test(arguments: [true, false]) func `an unanswered end at the explorer counts once the explorer has spoken since`(
        _ speaks: Bool
    ) {
        var bench = Bench()
        let id = bench.subscribe(ExplorerBlockFeed.explorerBlock)
        bench.tell(.started)
        bench.answerAll()
        bench.tell(.unsubscribed(id))
        let end = Engine.Message.unsubscribe(ExplorerBlockFeed.explorerBlock.request)
        #expect(bench.takeSent() == [end])
        bench.pass(.seconds(5))
        if speaks { bench.tell(.frameArrived(ConnectionID(1))) }
        bench.pass(.seconds(5))
        #expect(bench.take().contains(.forget(UpstreamID(1))) == speaks)
        #expect(bench.engine.registry.upstreams.isEmpty == speaks)
    }

    @Test func `a suspect waits while the users of earlier ones linger on the trial's connection`() throws {
        var bench = Bench { $0.limits.usersPerConnection = 1 }
        let first = RawFeed(type: "userFills", fields: [("user", "0x1111111111111111111111111111111111111111")])
        let second = RawFeed(type: "userFills", fields: [("user", "0x2222222222222222222222222222222222222222")])
        _ = bench.subscribe(first, timeout: nil)
        _ = bench.subscribe(second, timeout: nil)
        bench.tell(.started)
        for connection in [ConnectionID(1), ConnectionID(2)] { bench.tell(.connectionOpened(connection)) }
        for connection in [ConnectionID(1), ConnectionID(2)] {
            bench.tell(.connectionClosed(connection, .broken("reset"), draw: 0))
        }
        bench.pass(.seconds(1))
        let trial = try #require(bench.engine.pool.slots.first { $0.kind == .probe }?.connection?.id)
        bench.tell(.connectionOpened(trial))
        bench.tell(.acknowledged(trial, .subscribe, echo: first.request))
        bench.tell(.acknowledged(trial, .unsubscribe, echo: first.request))
        bench.pass(.seconds(1))
        let effects = bench.take()
        #expect(!effects.contains(.send(trial, .subscribe(second.request))))
        for case .dial(let connection, _) in effects { bench.tell(.connectionOpened(connection)) }
        bench.pass(.seconds(20))
        bench.answerAll()
        bench.pass(.seconds(20))
        bench.answerAll()
        #expect(bench.engine.registry.upstreams.values.filter { !$0.isLive }.isEmpty)
    }
}
