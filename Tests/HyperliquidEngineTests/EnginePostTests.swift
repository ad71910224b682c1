import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Engine with posts") struct EnginePostTests {
    let first = PostID(1)
    let second = PostID(2)
    let connection = ConnectionID(1)
    let trades = TradesFeed.trades("BTC")

    /// A running engine with one open connection.
    func openBench(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> Bench {
        var bench = Bench(change)
        _ = bench.subscribe(trades)
        bench.tell(.started)
        bench.tell(.connectionOpened(connection))
        bench.tell(.acknowledged(connection, .subscribe, echo: trades.request))
        _ = bench.take()
        return bench
    }

    @Test func `a request goes out on the open connection`() {
        var bench = openBench()
        bench.tell(.posted(first, .info, timeout: .seconds(15)))
        #expect(bench.take() == [.sendPost(connection, first)])
        bench.tell(.postAnswered(connection, first))
        bench.pass(.seconds(15))
        #expect(bench.take() == [])
    }

    @Test func `a request with no subscription opens a connection and lets it go when it is idle`() {
        var bench = Bench()
        bench.tell(.started)
        bench.pass(.seconds(1))
        bench.tell(.posted(first, .info, timeout: .seconds(15)))
        #expect(bench.take() == [.dial(connection, .api)])
        bench.tell(.connectionOpened(connection))
        #expect(bench.take() == [.sendPost(connection, first)])
        // Longer than an empty slot stays: the answer is still to come.
        bench.pass(.seconds(10))
        #expect(bench.take() == [])
        bench.tell(.postAnswered(connection, first))
        bench.pass(.seconds(4))
        #expect(bench.take() == [])
        bench.pass(.seconds(1))
        #expect(bench.take() == [.close(connection)])
        bench.tell(.connectionClosed(connection, .closedByUs, draw: 0))
        #expect(bench.engine.pool.slots.isEmpty)
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    @Test func `a request goes before subscriptions in the budget of messages`() {
        var bench = openBench { $0.limits.messagesPerSecond = 1 }
        _ = bench.subscribe(.trades("ETH"))
        bench.tell(.posted(first, .info, timeout: .seconds(15)))
        #expect(bench.take() == [])
        bench.pass(.seconds(1))
        #expect(bench.take() == [.sendPost(connection, first)])
        bench.pass(.seconds(1))
        #expect(bench.takeSent() == [.subscribe(TradesFeed.trades("ETH").request)])
    }

    @Test func `a lost connection sends a question again and gives an action up`() {
        var bench = openBench()
        bench.tell(.posted(first, .info, timeout: .seconds(15)))
        bench.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = bench.take()
        bench.tell(.connectionClosed(connection, .broken("reset"), draw: 0))
        #expect(bench.take().contains(.failPost(second, .unknownOutcome(.connectionLost(.broken("reset"))))))
        bench.pass(.seconds(1))
        bench.tell(.connectionOpened(ConnectionID(2)))
        #expect(
            bench.take().filter { if case .sendPost = $0 { true } else { false } } == [
                .sendPost(ConnectionID(2), first)
            ])
    }

    static let waits: [(PostKind, Engine.PostFailure)] = [
        (.info, .timedOut(.answer)), (.action, .unknownOutcome(.timedOut)),
    ]

    @Test(arguments: waits)
    func `an answer that does not come in time`(kind: PostKind, failure: Engine.PostFailure) {
        var bench = openBench()
        bench.tell(.posted(first, kind, timeout: .seconds(15)))
        _ = bench.take()
        bench.tell(.frameArrived(connection))
        bench.pass(.seconds(15))
        #expect(bench.take() == [.failPost(first, failure)])
    }

    @Test func `a request that was never sent says what it waited for`() {
        var bench = Bench()
        bench.tell(.started)
        bench.tell(.posted(first, .action, timeout: .seconds(5)))
        _ = bench.take()
        bench.pass(.seconds(5))
        #expect(bench.take().contains(.failPost(first, .timedOut(.connection))))
    }

    @Test func `the window holds requests back and names itself`() {
        var bench = openBench { $0.limits.postsInFlight = 1 }
        bench.tell(.posted(first, .info, timeout: .seconds(15)))
        bench.tell(.posted(second, .action, timeout: .seconds(5)))
        #expect(bench.take() == [.sendPost(connection, first)])
        bench.pass(.seconds(5))
        #expect(bench.take() == [.failPost(second, .timedOut(.window))])
    }

    @Test func `a cancelled action is harmless before it is sent and unknown after`() {
        var bench = openBench { $0.limits.postsInFlight = 1 }
        bench.tell(.posted(first, .action, timeout: .seconds(15)))
        bench.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = bench.take()
        bench.tell(.postCancelled(second))
        bench.tell(.postCancelled(first))
        #expect(bench.take() == [.failPost(second, .cancelled), .failPost(first, .unknownOutcome(.cancelled))])
    }

    @Test func `the end of the client tells who still waits`() {
        var bench = openBench { $0.limits.postsInFlight = 1 }
        bench.tell(.posted(first, .action, timeout: .seconds(15)))
        bench.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = bench.take()
        bench.tell(.drained)
        let effects = bench.take()
        #expect(effects.contains(.failPost(first, .unknownOutcome(.clientEnded))))
        #expect(effects.contains(.failPost(second, .clientEnded)))
        bench.tell(.posted(PostID(3), .info, timeout: .seconds(15)))
        #expect(bench.take() == [.failPost(PostID(3), .clientEnded)])
    }

    @Test func `an error text ends the request it quotes, and only that one`() {
        var bench = openBench()
        bench.tell(.posted(first, .info, timeout: .seconds(15)))
        bench.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = bench.take()
        let text = #"Error parsing JSON into valid websocket request: {"method":"post","id":2,"request":{"type":"x"}}"#
        bench.tell(.errorArrived(connection, VenueError(text: text)))
        #expect(bench.take() == [.failPost(second, .refused(text))])
    }

    @Test func `too many pending requests put the one they name off`() {
        var bench = openBench()
        bench.tell(.posted(first, .action, timeout: .seconds(15)))
        _ = bench.take()
        let text = "too many pending post requests id=1"
        bench.tell(.errorArrived(connection, VenueError(text: text)))
        #expect(bench.take() == [.note(.limitRefusal(connection, text))])
        bench.pass(.seconds(1))
        #expect(bench.take() == [.sendPost(connection, first)])
    }

    @Test func `a lost base is asked for again on its connection, behind its unsubscribe, and told as a gap`() {
        var bench = openBench()
        let upstream = UpstreamID(1)
        bench.tell(.baseLost(connection, upstream))
        #expect(bench.take() == [.detach(upstream, connection), .send(connection, .unsubscribe(trades.request))])
        bench.tell(.baseLost(connection, upstream))
        #expect(bench.take() == [])
        bench.tell(.acknowledged(connection, .unsubscribe, echo: trades.request))
        // Messages of the time before may still come, and must not come after the gap.
        #expect(bench.take() == [])
        bench.pass(.seconds(2))
        #expect(
            bench.take() == [
                .attach(upstream, connection), .expectReplay(upstream), .send(connection, .subscribe(trades.request)),
            ])
        bench.tell(.acknowledged(connection, .subscribe, echo: trades.request))
        #expect(bench.take() == [.announceGap(upstream, .baseLost)])
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }
}
