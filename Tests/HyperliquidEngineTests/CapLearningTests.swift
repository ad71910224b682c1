import HyperliquidEngine
import HyperliquidWire
import Testing

/// What refusals teach must not keep anything waiting once the venue would take it again.
@Suite("Cap learning") struct CapLearningTests {
    @Test func `fewer subscriptions than the venue says it tracks are believed for a moment only`() {
        var bench = Bench()
        for coin: Coin in ["BTC", "ETH"] { _ = bench.claim(TradesFeed.trades(coin), patience: nil) }
        bench.tell(.started)
        bench.answerAll()
        // A connection that we have lost is still counted by the venue.
        _ = bench.claim(TradesFeed.trades("SOL"), patience: nil)
        _ = bench.take()
        bench.tell(.errorArrived(LinkID(1), VenueError(text: "Cannot subscribe to more than 5 channels.")))
        bench.answerAll()
        #expect(bench.engine.ledger.liveCount == 2)
        bench.pass(.seconds(16))
        bench.answerAll()
        #expect(bench.engine.ledger.liveCount == 3)
    }

    @Test func `as many subscriptions as the venue says it tracks are believed for long`() {
        var bench = Bench()
        for coin: Coin in ["BTC", "ETH"] { _ = bench.claim(TradesFeed.trades(coin), patience: nil) }
        bench.tell(.started)
        bench.answerAll()
        _ = bench.claim(TradesFeed.trades("SOL"), patience: nil)
        _ = bench.take()
        bench.tell(.errorArrived(LinkID(1), VenueError(text: "Cannot subscribe to more than 2 channels.")))
        bench.answerAll()
        bench.pass(.seconds(16))
        bench.answerAll()
        #expect(bench.engine.ledger.liveCount == 2)
    }
}
