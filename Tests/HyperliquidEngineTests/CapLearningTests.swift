import HyperliquidEngine
import HyperliquidWire
import Testing

/// What refusals teach must not keep anything waiting once the venue would take it again.
@Suite("Cap learning") struct CapLearningTests {
    /// Two subscriptions are live when a third one is refused, with a number.
    private func refused(stating count: Int) -> Bench {
        var bench = Bench()
        for coin: Coin in ["BTC", "ETH"] { _ = bench.subscribe(TradesFeed.trades(coin), timeout: nil) }
        bench.tell(.started)
        bench.answerAll()
        _ = bench.subscribe(TradesFeed.trades("SOL"), timeout: nil)
        _ = bench.take()
        bench.tell(.errorArrived(ConnectionID(1), VenueError(text: "Cannot subscribe to more than \(count) channels.")))
        bench.answerAll()
        return bench
    }

    @Test func `fewer subscriptions than the venue says it tracks are believed for a moment only`() {
        // A connection that we have lost is still counted by the venue.
        var bench = refused(stating: 5)
        #expect(bench.engine.registry.liveCount == 2)
        bench.pass(.seconds(16))
        bench.answerAll()
        #expect(bench.engine.registry.liveCount == 3)
    }

    @Test func `as many subscriptions as the venue says it tracks are believed for long`() {
        var bench = refused(stating: 2)
        bench.pass(.seconds(16))
        bench.answerAll()
        #expect(bench.engine.registry.liveCount == 2)
    }

    @Test func `a spare connection is not kept free of the connections that the venue was seen to allow`() {
        var bench = Bench {
            $0.spareConnectionCount = 1
            $0.policy = .isolated(sharedLimit: 1)
        }
        for coin: Coin in ["BTC", "ETH"] { _ = bench.subscribe(TradesFeed.trades(coin), timeout: nil) }
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        bench.tell(.connectionClosed(ConnectionID(2), .dialFailed("refused", httpStatus: 429), draw: 0))
        bench.pass(.seconds(11))
        bench.tell(.connectionClosed(ConnectionID(3), .dialFailed("refused", httpStatus: 429), draw: 0))
        #expect(bench.engine.waitReason(of: UpstreamID(2), bench.turn.limiter) == .connectionLimit)
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: TradesFeed.trades("BTC").request))
        for _ in 0..<7 {
            bench.pass(.seconds(10))
            bench.tell(.frameArrived(ConnectionID(1)))
        }
        bench.answerAll()
        #expect(bench.engine.registry.liveCount == 2)
    }
}
