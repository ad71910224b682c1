import Hyperliquid
import Support

/// Prints the best levels of a live book as they change, and whether the book can be relied upon. Ends after 30 changes.
@main struct BookMirror {
    static func main() async throws {
        try await withExampleClient { client in
            let book = try await client.orderBook("BTC")
            for try await reading in book.prefix(30) {
                guard let bid = reading.book.bestBid, let ask = reading.book.bestAsk else { continue }
                print(
                    "bid \(bid.size) at \(bid.price), ask \(ask.size) at \(ask.price), "
                        + "\(reading.book.bids.count) bid and \(reading.book.asks.count) ask levels, \(reading.state)")
            }
        }
    }
}
