import HyperliquidEngine
import HyperliquidWire
import Testing

/// A learnt limit keeps no subscription waiting once the venue would accept it again.
@Suite struct LearntLimitTests {
    /// Two subscriptions are live when a third one is refused, with a number.
    private func refused(stating count: Int) -> EngineHarness {
        var harness = EngineHarness()
        for coin: Coin in ["BTC", "ETH"] { _ = harness.subscribe(TradesFeed(coin: coin), timeout: nil) }
        harness.handle(.started)
        harness.answerAll()
        _ = harness.subscribe(TradesFeed(coin: "SOL"), timeout: nil)
        _ = harness.takeEffects()
        harness.handle(
            .errorArrived(ConnectionID(1), VenueError(text: "Cannot subscribe to more than \(count) channels.")))
        harness.answerAll()
        return harness
    }

    @Test func `a refusal below the stated count of subscriptions is believed for 15 s`() {
        // The venue may still count a connection that the client has lost.
        var harness = refused(stating: 5)
        #expect(harness.engine.registry.liveCount == 2)
        harness.advance(by: .seconds(16))
        harness.answerAll()
        #expect(harness.engine.registry.liveCount == 3)
    }

    @Test func `a refusal at the stated count of subscriptions is believed for longer`() {
        var harness = refused(stating: 2)
        harness.advance(by: .seconds(16))
        harness.answerAll()
        #expect(harness.engine.registry.liveCount == 2)
    }

    @Test func `a client keeps no spare connection free below the count that the venue allows`() {
        var harness = EngineHarness {
            $0.spareConnectionCount = 1
            $0.policy = .isolated(sharedLimit: 1)
        }
        for coin: Coin in ["BTC", "ETH"] { _ = harness.subscribe(TradesFeed(coin: coin), timeout: nil) }
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        harness.handle(.connectionClosed(ConnectionID(2), .dialFailed("refused", httpStatus: 429), draw: 0))
        harness.stayOpen(for: .seconds(11))
        harness.handle(.connectionClosed(ConnectionID(3), .dialFailed("refused", httpStatus: 429), draw: 0))
        #expect(harness.engine.waitReason(of: UpstreamID(2), harness.turn.limiter) == .connectionLimit)
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: TradesFeed(coin: "BTC").request))
        for _ in 0..<7 {
            harness.advance(by: .seconds(10))
            harness.handle(.frameArrived(ConnectionID(1)))
        }
        harness.answerAll()
        #expect(harness.engine.registry.liveCount == 2)
    }
}
