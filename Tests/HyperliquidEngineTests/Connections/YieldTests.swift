import HyperliquidEngine
import HyperliquidWire
import Testing

/// Two clients of one address share fewer connections than both would use.
@Suite struct YieldTests {
    private let books = [L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5)]

    /// A client with two connections, one of which it could spare, and another client that waits for one.
    private func crowded(holding feeds: [any Feed]) -> (EngineHarness, EngineHarness) {
        var first = EngineHarness { $0.limits.connections = 2 }
        var second = EngineHarness { $0.limits.connections = 2 }
        first.now = Instant.start.advanced(by: .seconds(3600))
        second.now = first.now
        let held = books.map { first.subscribe($0) }
        first.handle(.started)
        first.answerAll()
        for feed in feeds { subscribe(feed, on: &first) }
        first.handle(.unsubscribed(held[1]))
        first.answerAll()
        #expect(first.engine.pool.connectionCount == 2)
        lend(from: &first, to: &second)
        subscribe(TradesFeed(coin: "ETH"), on: &second)
        second.handle(.started)
        #expect(second.takeEffects().isEmpty, "no connection is left")
        #expect(second.turn.limiter.waitingClientCount == 1)
        lend(from: &second, to: &first)
        return (first, second)
    }

    private func subscribe(_ feed: some Feed, on harness: inout EngineHarness) {
        _ = harness.subscribe(feed, timeout: nil)
        harness.answerAll()
    }

    private func lend(from one: inout EngineHarness, to other: inout EngineHarness) {
        swap(&one.turn.limiter, &other.turn.limiter)
    }

    @Test func `a client with a spare connection yields it to a waiting client`() {
        // The second connection, which the variant of the book needed, carries them.
        var (first, second) = crowded(holding: [TradesFeed(coin: "BTC"), BestBidOfferFeed(coin: "BTC")])
        first.handle(.woke)
        first.answerAll()
        #expect(first.engine.pool.connectionCount == 1 && first.engine.registry.liveCount == 3)
        #expect(first.engine.checkInvariants() == [])
        let gaps = first.history.filter { if case .announceGap = $0 { true } else { false } }
        #expect(gaps.isEmpty)
        lend(from: &first, to: &second)
        second.handle(.woke)
        second.answerAll()
        #expect(second.engine.registry.liveCount == 1)
        #expect(second.turn.limiter.waitingClientCount == 0)
    }

    @Test func `a client yields an empty connection at once`() {
        var (first, _) = crowded(holding: [])
        first.handle(.woke)
        first.answerAll()
        #expect(first.engine.pool.connectionCount == 1)
    }

    @Test func `a client that needs each connection keeps it and plans no moves`() {
        var (first, _) = crowded(holding: [L2BookFeed(coin: "BTC", nSigFigs: 4)])
        for _ in 0..<3 { first.handle(.woke) }
        #expect(first.takeEffects().isEmpty)
        #expect(first.engine.mover.moves.isEmpty && first.engine.pool.connectionCount == 2)
    }

    @Test func `a client that ends waits for no connection any more`() {
        var (first, second) = crowded(holding: [])
        lend(from: &first, to: &second)
        second.handle(.drained)
        #expect(second.turn.limiter.waitingClientCount == 0)
    }
}
