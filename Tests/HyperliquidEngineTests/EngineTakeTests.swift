import HyperliquidEngine
import HyperliquidWire
import Testing

/// A shell may take in all that a read brings and have the engine act once.
@Suite("Facts of a read") struct EngineTakeTests {
    let feeds = ["A", "B", "C", "D"].map { TradesFeed.trades(Coin($0)) }

    /// Four subscriptions, of which two may be unanswered at a time; nothing is acknowledged yet.
    private func makeBench() -> Bench {
        var bench = Bench { $0.unansweredSubscribeLimit = 2 }
        for feed in feeds { _ = bench.subscribe(feed) }
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        #expect(bench.takeSent() == feeds[...1].map { .subscribe($0.request) })
        return bench
    }

    @Test func `what they allow is done when they have all been taken in, and then at once`() {
        var bench = makeBench()
        for feed in feeds[...1] {
            #expect(bench.take(.acknowledged(ConnectionID(1), .subscribe, echo: feed.request)) == true)
        }
        #expect(bench.take() == [.confirm(SubscriptionID(1)), .confirm(SubscriptionID(2))])
        bench.engine.advance(&bench.turn)
        #expect(bench.takeSent() == feeds[2...].map { .subscribe($0.request) })
    }

    @Test func `data are news of what is asked for and of nothing else`() {
        var bench = makeBench()
        #expect(bench.take(.dataArrived(ConnectionID(1), UpstreamID(1))) == true)
        #expect(bench.take() == [.confirm(SubscriptionID(1))])
        #expect(bench.take(.dataArrived(ConnectionID(1), UpstreamID(1))) == false)
        #expect(bench.take(.dataArrived(ConnectionID(1), UpstreamID(3))) == false)
        #expect(bench.take() == [])
    }

    @Test func `that a connection or a feed still speaks only moves a date`() {
        var bench = Bench()
        let feed = L2BookFeed(coin: "BTC")
        _ = bench.subscribe(feed)
        bench.answerAll()
        bench.tell(.started)
        bench.answerAll()
        bench.now = bench.now.advanced(by: .seconds(5))
        let deadline = bench.engine.deadline
        #expect(bench.take(.frameArrived(ConnectionID(1))) == false)
        #expect(bench.take(.upstreamTicked(ConnectionID(1), UpstreamID(1))) == false)
        #expect(bench.take() == [])
        #expect(bench.engine.deadline == deadline?.advanced(by: .seconds(5)))
    }
}
