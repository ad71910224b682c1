import HyperliquidEngine
import HyperliquidWire
import Testing

/// Two clients of one address, and connections for fewer than both would have.
@Suite("Yielding") struct YieldTests {
    private let books = [L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5)]

    /// A client that has two connections and could do with one, and another that waits for one.
    private func crowded(holding feeds: [any Feed]) -> (Bench, Bench) {
        var first = Bench { $0.limits.connectionCount = 2 }
        var second = Bench { $0.limits.connectionCount = 2 }
        first.now = Instant.start.advanced(by: .seconds(3600))
        second.now = first.now
        let held = books.map { first.subscribe($0) }
        first.tell(.started)
        first.answerAll()
        for feed in feeds { subscribe(feed, on: &first) }
        first.tell(.unsubscribed(held[1]))
        first.answerAll()
        #expect(first.engine.pool.connectionCount == 2)
        lend(from: &first, to: &second)
        subscribe(TradesFeed.trades("ETH"), on: &second)
        second.tell(.started)
        #expect(second.take().isEmpty, "no connection is left")
        #expect(second.turn.limiter.waitingClientCount == 1)
        lend(from: &second, to: &first)
        return (first, second)
    }

    private func subscribe(_ feed: some Feed, on bench: inout Bench) {
        _ = bench.subscribe(feed, timeout: nil)
        bench.answerAll()
    }

    private func lend(from one: inout Bench, to other: inout Bench) {
        swap(&one.turn.limiter, &other.turn.limiter)
    }

    @Test func `who can do with fewer connections gives one to who waits`() {
        // The second connection, which the book variant needed, carries them.
        var (first, second) = crowded(holding: [TradesFeed.trades("BTC"), BestBidOfferFeed.bbo("BTC")])
        first.tell(.woke)
        first.answerAll()
        #expect(first.engine.pool.connectionCount == 1 && first.engine.registry.liveCount == 3)
        #expect(first.engine.checkInvariants() == [])
        let gaps = first.history.filter { if case .announceGap = $0 { true } else { false } }
        #expect(gaps.isEmpty)
        lend(from: &first, to: &second)
        second.tell(.woke)
        second.answerAll()
        #expect(second.engine.registry.liveCount == 1)
        #expect(second.turn.limiter.waitingClientCount == 0)
    }

    @Test func `what is kept for a moment is given at once`() {
        var (first, _) = crowded(holding: [])
        first.tell(.woke)
        first.answerAll()
        #expect(first.engine.pool.connectionCount == 1)
    }

    @Test func `who needs each connection keeps it, and looks again only when something has changed`() {
        var (first, _) = crowded(holding: [L2BookFeed(coin: "BTC", nSigFigs: 4)])
        for _ in 0..<3 { first.tell(.woke) }
        #expect(first.take().isEmpty)
        #expect(first.engine.mover.moves.isEmpty && first.engine.pool.connectionCount == 2)
    }

    @Test func `who ends waits no more`() {
        var (first, second) = crowded(holding: [])
        lend(from: &first, to: &second)
        second.tell(.drained)
        #expect(second.turn.limiter.waitingClientCount == 0)
    }
}
