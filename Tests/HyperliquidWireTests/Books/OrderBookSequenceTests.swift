import HyperliquidWire
import TestPacing
import Testing

/// Random sequences of messages, late ones and ties among them, against the plain twin.
@Suite("Order book: random sequences", .computing) struct OrderBookSequenceTests {
    /// A message of prices around 100, with a time near the sequence's own; one in ten is crossed.
    private func message(_ step: Int, _ random: inout SplitMix64) -> BookMessage {
        let source = BookSource.allCases.randomElement(using: &random) ?? .fullBook
        let time = Int64(step / 2 + Int.random(in: -6...0, using: &random))
        let middle = Int.random(in: 90...110, using: &random)
        let overlap = Int.random(in: 0..<10, using: &random) == 0 ? 3 : 0
        let count = { (random: inout SplitMix64) in
            // Mostly full sides, with some short and empty ones.
            Bool.random(using: &random) ? source.levelLimit : Int.random(in: 0...source.levelLimit, using: &random)
        }
        let bids = prices(count(&random), from: middle + overlap, by: -1, &random)
        let asks = prices(count(&random), from: middle + 1, by: 1, &random)
        return BookMessage(source: source, time: time, bids: bids, asks: asks)
    }

    private func prices(_ count: Int, from start: Int, by step: Int, _ random: inout SplitMix64) -> [Int] {
        var price = start
        return (0..<count).map { _ in
            price += step * Int.random(in: 1...2, using: &random)
            return price
        }
    }

    private func isStrictlyOrdered(_ prices: [ExactDecimal], _ isBetter: (ExactDecimal, ExactDecimal) -> Bool) -> Bool {
        zip(prices, prices.dropFirst()).allSatisfy(isBetter)
    }

    @Test(arguments: 1...UInt64(40)) func `the book agrees with a twin that keeps all messages`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = OrderBook(coin: "BTC")
        var twin = BookTwin()
        for step in 0..<40 {
            let message = message(step, &random)
            message.apply(to: &book)
            twin.apply(message)
            #expect(book.bids == twin.bids && book.asks == twin.asks, "seed \(seed), step \(step): \(message)")
            #expect(isStrictlyOrdered(book.bids.map(\.price), >), "seed \(seed), step \(step)")
            #expect(isStrictlyOrdered(book.asks.map(\.price), <), "seed \(seed), step \(step)")
            guard book.state(at: 0) == .valid, let bid = book.bestBid, let ask = book.bestAsk else { continue }
            #expect(bid.price < ask.price, "seed \(seed), step \(step)")
        }
        #expect(book.refusedCount == 0)
    }

    @Test(arguments: 1...UInt64(100)) func `a book of uncrossed messages is never crossed`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        var book = OrderBook(coin: "BTC")
        for step in 0..<40 {
            let message = message(step, &random)
            if let bid = message.bids.first, let ask = message.asks.first, bid >= ask { continue }
            message.apply(to: &book)
            #expect(book.state(at: 0) != .crossed, "seed \(seed), step \(step): \(message)")
        }
    }
}
