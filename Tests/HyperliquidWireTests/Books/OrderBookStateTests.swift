import HyperliquidWire
import Testing

@Suite("Order book: state") struct OrderBookStateTests {
    static let gap = Gap(reason: .reconnected, fromMilliseconds: 0, toMilliseconds: 1)

    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let messages: [BookMessage]
        let now: Int64
        let state: OrderBook.State

        init(_ rule: String, _ messages: [BookMessage], at now: Int64 = 1000, _ state: OrderBook.State) {
            testDescription = rule
            self.messages = messages
            self.now = now
            self.state = state
        }
    }

    static let cases = [
        Case("nothing has come", [], .empty),
        Case("nothing has come for long", [], at: .max, .empty),
        Case("both sides are empty", [.full(1000, [], [])], .empty),
        Case("one side is empty", [.full(1000, [100], [])], .valid),
        Case("the other side is empty", [.full(1000, [], [100])], .valid),
        Case("both sides", [.full(1000, [100], [101])], .valid),
        Case("a locked message", [.full(1000, [100], [100])], .crossed),
        Case("a crossed message", [.bbo(1000, 101, 100)], .crossed),
        Case("a crossed message is over", [.bbo(1000, 105, 100), .bbo(1001, 100, 101)], .valid),
        Case("as old as the bound", [.full(1000, [100], [101])], at: 16_000, .valid),
        Case("older than the bound", [.full(1000, [100], [101])], at: 16_001, .stale(sinceMilliseconds: 1000)),
        Case("the newest message counts", [.full(1000, [100], [101]), .bbo(9000, 100, 101)], at: 16_001, .valid),
        Case("from the future", [.full(.max, [100], [101])], at: .min, .valid),
        Case("from the deep past", [.full(.min, [100], [101])], at: .max, .stale(sinceMilliseconds: .min)),
    ]

    @Test(arguments: cases) func `the state of a book shows whether it is reliable`(expected: Case) {
        #expect(OrderBook(expected.messages).state(at: expected.now) == expected.state)
    }

    @Test func `the caller decides the age at which a book is stale`() {
        let book = OrderBook([.full(1000, [100], [101])])
        #expect(book.state(at: 1501, staleAfter: .milliseconds(500)) == .stale(sinceMilliseconds: 1000))
        #expect(book.state(at: 1500, staleAfter: .milliseconds(500)) == .valid)
    }

    /// A gap of one feed, the feeds whose messages end it, and those whose messages do not.
    static let gaps: [(gap: BookSource, ended: [BookSource], notEnded: [BookSource])] = [
        (.bestBidOffer, [.bestBidOffer, .fastBook, .fullBook], []),
        (.fastBook, [.fastBook, .fullBook], [.bestBidOffer]),
        (.fullBook, [.fullBook], [.bestBidOffer, .fastBook]),
    ]

    private func interrupted(_ source: BookSource) -> OrderBook {
        var book = OrderBook([.full(1, [100], [101]), .fast(2, [100], [101]), .bbo(3, 100, 101)])
        let outcome =
            switch source {
            case .bestBidOffer: book.apply(FeedEvent<BestBidOffer>.gap(Self.gap))
            case .fastBook: book.apply(FeedEvent<L2Book>.gap(Self.gap), of: L2BookFeed(coin: "BTC", fast: true))
            case .fullBook: book.apply(FeedEvent<L2Book>.gap(Self.gap), of: L2BookFeed(coin: "BTC"))
            }
        #expect(outcome == .interrupted)
        return book
    }

    private func message(_ source: BookSource, _ time: Int64) -> BookMessage {
        BookMessage(source: source, time: time, bids: [100], asks: [101])
    }

    @Test(arguments: gaps)
    func `a gap makes the book stale until a message of its feed or a deeper one`(
        gap: BookSource, ended: [BookSource], notEnded: [BookSource]
    ) {
        #expect(interrupted(gap).state(at: 3) == .stale(sinceMilliseconds: 3))
        for source in ended {
            var book = interrupted(gap)
            message(source, 4).apply(to: &book)
            #expect(book.state(at: 4) == .valid, "\(source)")
        }
        for source in notEnded {
            var book = interrupted(gap)
            message(source, 4).apply(to: &book)
            #expect(book.state(at: 4) == .stale(sinceMilliseconds: 4), "\(source)")
        }
    }

    @Test func `a deeper feed ends a gap only with the newest message`() {
        var book = interrupted(.bestBidOffer)
        message(.fullBook, 2).apply(to: &book)
        #expect(book.state(at: 3) == .stale(sinceMilliseconds: 3))
        message(.fullBook, 3).apply(to: &book)
        #expect(book.state(at: 3) == .valid)
    }

    @Test func `a gap of an unnamed book feed counts for each variant received so far`() {
        var fastOnly = OrderBook([.fast(1, [100], [101])])
        fastOnly.apply(FeedEvent<L2Book>.gap(Self.gap))
        message(.fastBook, 2).apply(to: &fastOnly)
        #expect(fastOnly.state(at: 2) == .valid)

        var both = OrderBook([.full(1, [100], [101]), .fast(1, [100], [101])])
        both.apply(FeedEvent<L2Book>.gap(Self.gap))
        message(.fastBook, 2).apply(to: &both)
        #expect(both.state(at: 2) == .stale(sinceMilliseconds: 2))
        message(.fullBook, 3).apply(to: &both)
        #expect(both.state(at: 3) == .valid)
    }

    @Test func `a fault counts as a gap`() {
        var book = OrderBook([.bbo(1, 100, 101)])
        #expect(book.apply(FeedEvent<BestBidOffer>.undecodable(DecodingFault(.missingField, at: 0))) == .interrupted)
        #expect(book.state(at: 1) == .stale(sinceMilliseconds: 1))
    }
}
