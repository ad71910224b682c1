import Hyperliquid
import Support

/// Keeps one coin's book from two feeds, the deep one and the best level, and prints its top as it changes.
/// Ends after 30 changes.
@main struct BookMirror {
    static func main() async throws {
        try await withExampleClient { client in
            let mirror = Mirror(coin: "BTC")
            let deep = try await client.subscribe(to: .l2Book("BTC"))
            let best = try await client.subscribe(to: .bbo("BTC"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await event in deep { await mirror.apply(event) }
                }
                for try await event in best.prefix(30) {
                    print(await mirror.apply(event))
                }
                // Ends the reading of the deep book, and with it that subscription.
                group.cancelAll()
            }
        }
    }
}

/// Both feeds are read at once; the actor keeps their events apart.
actor Mirror {
    private var book: OrderBook

    init(coin: Coin) {
        book = OrderBook(coin: coin)
    }

    func apply(_ event: FeedEvent<L2Book>) {
        book.apply(event, of: .l2Book(book.coin))
    }

    /// Takes a best level and gives a line about the top of the book.
    func apply(_ event: FeedEvent<BestBidOffer>) -> String {
        book.apply(event)
        guard let bid = book.bestBid, let ask = book.bestAsk else { return "the book of \(book.coin) has no two sides" }
        // There is no clock in a book: here the newest message tells the venue's time.
        let state = book.state(at: book.newestTimeMilliseconds ?? 0)
        return "\(bid.size) at \(bid.price) | \(ask.price) for \(ask.size), "
            + "\(book.bids.count) bids and \(book.asks.count) asks, \(state)"
    }
}
