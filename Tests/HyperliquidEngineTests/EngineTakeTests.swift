import HyperliquidEngine
import HyperliquidWire
import Testing

/// A shell may take in all facts of a read and have the engine act once.
@Suite struct EngineTakeTests {
    let feeds = ["A", "B", "C", "D"].map { TradesFeed(coin: Coin($0)) }

    /// Four subscriptions, of which two may be unanswered at a time; nothing is acknowledged yet.
    private func makeHarness() -> EngineHarness {
        var harness = EngineHarness { $0.unansweredSubscribeLimit = 2 }
        for feed in feeds { _ = harness.subscribe(feed) }
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        #expect(harness.takeSent() == feeds[...1].map { .subscribe($0.request) })
        return harness
    }

    @Test func `an engine acts on all facts of a read in the advance that follows`() {
        var harness = makeHarness()
        for feed in feeds[...1] {
            #expect(harness.takeIn(.acknowledged(ConnectionID(1), .subscribe, echo: feed.request)) == true)
        }
        #expect(harness.takeEffects() == [.confirm(SubscriptionID(1)), .confirm(SubscriptionID(2))])
        harness.engine.advance(&harness.turn)
        #expect(harness.takeSent() == feeds[2...].map { .subscribe($0.request) })
    }

    @Test func `data requires an advance only for an upstream subscription that is asked for`() {
        var harness = makeHarness()
        #expect(harness.takeIn(.dataArrived(ConnectionID(1), UpstreamID(1))) == true)
        #expect(harness.takeEffects() == [.confirm(SubscriptionID(1))])
        #expect(harness.takeIn(.dataArrived(ConnectionID(1), UpstreamID(1))) == false)
        #expect(harness.takeIn(.dataArrived(ConnectionID(1), UpstreamID(3))) == false)
        #expect(harness.takeEffects() == [])
    }

    @Test func `a frame or a tick changes only a deadline`() {
        var harness = EngineHarness()
        let feed = L2BookFeed(coin: "BTC")
        _ = harness.subscribe(feed)
        harness.answerAll()
        harness.handle(.started)
        harness.answerAll()
        harness.now = harness.now.advanced(by: .seconds(5))
        let deadline = harness.engine.deadline
        #expect(harness.takeIn(.frameArrived(ConnectionID(1))) == false)
        #expect(harness.takeIn(.bytesArrived(ConnectionID(1))) == false)
        #expect(harness.takeIn(.upstreamTicked(ConnectionID(1), UpstreamID(1))) == false)
        #expect(harness.takeEffects() == [])
        #expect(harness.engine.deadline == deadline?.advanced(by: .seconds(5)))
    }
}
