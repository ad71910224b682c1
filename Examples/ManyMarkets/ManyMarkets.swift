import Hyperliquid
import Support

/// Reads the best bids and offers of a hundred coins in one task. After 200 batches, prints the narrowest spreads.
@main struct ManyMarkets {
    static func main() async throws {
        try await withExampleClient { client in
            let mids = try await client.subscribe(to: .allMids())
            var coins: [Coin] = []
            for try await case .snapshot(let mids) in mids {
                coins = mids.prefix(100).map(\.coin)
                break
            }
            let markets = SubscriptionGroup<BestBidOfferFeed>()
            for coin in coins { markets.add(try await client.subscribe(to: .bbo(coin), until: .registered)) }
            var best: [Coin: BestBidOffer] = [:]
            for await batch in markets.prefix(200) {
                for event in batch.events { best[batch.feed.coin] = event.data ?? best[batch.feed.coin] }
                if let failure = batch.failure { print("\(batch.feed.coin) has ended: \(failure)") }
            }
            let spreads = best.values.compactMap { market -> (Coin, Double)? in
                guard let bid = market.bid?.price, let ask = market.ask?.price else { return nil }
                let (low, high) = (bid.doubleValue, ask.doubleValue)
                return (market.coin, (high - low) / low * 10_000)
            }
            print("\(best.count) of \(coins.count) markets have sent events")
            for (coin, points) in spreads.sorted(by: { $0.1 < $1.1 }).prefix(5) {
                print(coin, "has a spread of \((points * 100).rounded() / 100) basis points")
            }
        }
    }
}
