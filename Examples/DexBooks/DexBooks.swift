import Hyperliquid
import HyperliquidSimulator
import Support

/// Keeps the books of all perpetuals of the dex `xyz`, also of those that are listed while it runs. Ends after 100
/// batches.
@main struct DexBooks {
    /// The changes of the simulated exchange's listings.
    static let changes = FaultPlan([
        .init(at: .seconds(15), .list("xyz:NEW")), .init(at: .seconds(15), .delist("xyz:GOLD")),
    ])

    static func main() async throws {
        try await withExampleClient(simulatorSpeed: 10, faults: changes) { client in
            let dex = MarketFilter.perpetuals(dex: "xyz")
            print("plan:", try await client.plan(toEach: dex, of: { .l2Book($0) }))
            var books: [Coin: L2Book] = [:]
            var batchCount = 0
            for await batch in try await client.subscribe(toEach: dex, of: { .l2Book($0) }) {
                let coin = batch.feed.coin
                if books[coin] == nil, !batch.isLast { print(coin, "is followed") }
                if let book = batch.events.last?.data { books[coin] = book }
                if let failure = batch.failure {
                    print(failure.message)
                    books[coin] = nil
                }
                batchCount += 1
                // The client asks every minute by itself, and soon if other feeds show something new.
                if batchCount == 60 { _ = try await client.universe(maximumAge: .zero) }
                if batchCount == 100 { break }
            }
            for (coin, book) in books.sorted(by: { $0.key < $1.key }) {
                guard let bid = book.bids.first, let ask = book.asks.first else { continue }
                print(coin, "bid", bid.price, "ask", ask.price)
            }
        }
    }
}
