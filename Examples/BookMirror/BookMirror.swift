import Hyperliquid
import Support

/// Maintains the book of one coin from two feeds, all levels and the best ones, and prints the best levels as they
/// change. Ends after 30 changes.
@main struct BookMirror {
    static func main() async throws {
        try await withExampleClient { client in
            let mirror = Mirror(coin: "BTC")
            let books = try await client.subscribe(to: .l2Book("BTC"))
            let best = try await client.subscribe(to: .bbo("BTC"))
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    for try await event in books { await mirror.apply(event) }
                }
                for try await event in best.prefix(30) {
                    print(await mirror.apply(event))
                }
                // Ends the task that reads the books, and with it that subscription.
                group.cancelAll()
            }
        }
    }
}

/// The book. An actor, because two tasks apply events to it.
actor Mirror {
    private var book: OrderBook

    init(coin: Coin) {
        book = OrderBook(coin: coin)
    }

    func apply(_ event: FeedEvent<L2Book>) {
        book.apply(event, of: .l2Book(book.coin))
    }

    /// Applies the best levels, and returns a line about the book.
    func apply(_ event: FeedEvent<BestBidOffer>) -> String {
        book.apply(event)
        guard let bid = book.bestBid, let ask = book.bestAsk else {
            return "the book of \(book.coin) has an empty side"
        }
        // A book has no clock. This example takes the time of the newest message as the present.
        let state = book.state(at: book.newestTimeMilliseconds ?? 0)
        return "bid \(bid.size) at \(bid.price), ask \(ask.size) at \(ask.price), "
            + "\(book.bids.count) bid and \(book.asks.count) ask levels, \(state)"
    }
}
