import HyperliquidWire
import Testing

@Suite("Order book") struct OrderBookTests {
    @Test func `a book refuses and counts events that do not belong to it`() {
        var book = OrderBook([.full(1, [100], [101])])
        let before = book.shorthand
        let later = BookMessage.full(2, [99], [102])
        #expect(book.apply(.update(later.l2Book(coin: "ETH"))) == .otherCoin)
        #expect(book.apply(.update(BestBidOffer(coin: "ETH", timeMilliseconds: 2, bid: nil, ask: nil))) == .otherCoin)
        #expect(book.apply(.update(later.l2Book(spread: ExactDecimal(1)))) == .grouped)
        #expect(book.apply(.update(later.l2Book()), of: L2BookFeed(coin: "BTC", nSigFigs: 5)) == .grouped)
        #expect(book.apply(.update(later.l2Book()), of: L2BookFeed(coin: "ETH")) == .otherCoin)
        #expect(book.shorthand == before)
        #expect(book.refusedCount == 5)
        #expect(book.newestTimeMilliseconds == 1)
    }

    @Test(arguments: [
        BookMessage.full(2, [99, 100], [102]), .full(2, [99], [102, 101]), .full(2, [99, 99], [102]),
        .fast(2, [], [102, 102]),
    ])
    func `a book refuses a message whose levels are out of order`(message: BookMessage) {
        var book = OrderBook([.full(1, [100], [101])])
        #expect(message.apply(to: &book) == .disordered)
        #expect(book.shorthand == "100d1 | 101d1")
        #expect(book.refusedCount == 1)
    }

    @Test func `a message that newer ones cover is outdated and counted`() {
        var book = OrderBook([.full(5, [100], [101])])
        #expect(BookMessage.bbo(4, 99, 102).apply(to: &book) == .outdated)
        #expect(BookMessage.full(6, [100], [101]).apply(to: &book) == .applied)
        #expect(book.outdatedCount == 1)
        #expect(book.newestTimeMilliseconds == 6)
    }

    @Test func `a named feed decides the variant that its message does not show`() {
        var book = OrderBook([.full(1, [100, 99, 98, 97, 96, 95, 94], [101])])
        let unmarked = BookMessage.full(2, [100, 99, 98, 97, 96], [101]).l2Book()
        book.apply(.update(unmarked), of: L2BookFeed(coin: "BTC", fast: true))
        #expect(book.bids.map(\.source) == Array(repeating: .fastBook, count: 5) + [.fullBook, .fullBook])
    }

    @Test func `the depth through a price is the exact sum of its levels`() throws {
        let book = OrderBook([.full(7, [100, 99, 97], [101, 103])])
        let depths = try [101, 100, 98, 97, 1].map { try book.depth(of: .buy, through: ExactDecimal($0)) }
        #expect(depths == [0, 7, 14, 21, 21].map { ExactDecimal($0) })
        #expect(try book.depth(of: .sell, through: ExactDecimal(102)) == ExactDecimal(7))
        #expect(try book.depth(of: .sell, through: ExactDecimal(103)) == ExactDecimal(14))
        #expect(try book.depth(of: Side(rawValue: "?"), through: ExactDecimal(103)) == .zero)
    }

    @Test func `middle, spread and values are exact, and absent where a side is`() throws {
        let book = OrderBook([.full(7, [100, 99, 97], [103, 104])])
        #expect(book.mid == 101.5 && book.spread == 3)
        // Each level of a full book has the size 7 of its message.
        #expect(try book.notional(of: .buy, through: 99) == 7 * 100 + 7 * 99)
        #expect(try book.price(of: .buy, forNotional: 700) == 100)
        #expect(try book.price(of: .buy, forNotional: 700.01) == 99)
        #expect(try book.price(of: .sell, forNotional: 10_000) == nil)
        let oneSided = OrderBook([.full(1, [100], [])])
        #expect(oneSided.mid == nil && oneSided.spread == nil)
    }

    @Test func `a depth with too many digits throws an overflow`() throws {
        let huge = try #require(ExactDecimal(mantissa: Int128("99999999999999999999999999999999999") ?? 0, scale: 0))
        var book = OrderBook(coin: "BTC")
        let bids = [100, 99].map { Level(price: ExactDecimal($0), size: huge, orderCount: 1) }
        book.apply(.snapshot(L2Book(coin: "BTC", timeMilliseconds: 1, bids: bids, asks: [])))
        #expect(throws: ExactDecimalOverflow.self) { try book.depth(of: .buy, through: ExactDecimal(99)) }
        #expect(try book.depth(of: .buy, through: ExactDecimal(100)) == huge)
    }

    @Test func `a side that keeps growing keeps its best levels`() {
        var book = OrderBook(coin: "BTC")
        for step in 1...1000 { BookMessage.bbo(Int64(step), step, 2000).apply(to: &book) }
        #expect(book.bids.map(\.price) == (901...1000).reversed().map { ExactDecimal($0) })
        #expect(book.asks.count == 1)
        BookMessage.full(1001, Array((1...200).reversed()), []).apply(to: &book)
        #expect(book.bids.count == OrderBook.maximumLevelCount)
    }

    @Test func `a book starts again after all levels were removed`() {
        var book = OrderBook([.full(9, [100], [101])])
        book.removeAll()
        #expect(book == OrderBook(coin: "BTC"))
        #expect(BookMessage.full(1, [100], [101]).apply(to: &book) == .applied)
    }
}
