import AsyncAlgorithms
import Hyperliquid
import Support

/// The events of three feeds, as one type.
enum Input: Sendable {
    case trades(FeedEvent<[Trade]>)
    case best(FeedEvent<BestBidOffer>)
    case closed(SeriesCandle)
}

/// Reads trades, best prices and closed candles in one loop, until each has come.
@main struct OneLoop {
    static func main() async throws {
        try await withExampleClient(simulatorSpeed: 30) { client in
            let trades = try await client.subscribe(to: .trades("BTC"))
            let best = try await client.subscribe(to: .bbo("BTC"))
            let candles = try await client.candles("BTC", interval: .oneMinute)
            let inputs = merge(
                trades.map { Input.trades($0) }, best.map { Input.best($0) }, candles.map { Input.closed($0) })
            var seen = (trades: 0, best: 0, closed: 0)
            for try await input in inputs {
                switch input {
                case .trades(let event): seen.trades += event.data?.count ?? 0
                case .best: seen.best += 1
                case .closed(let closed):
                    seen.closed += 1
                    print("closed at \(closed.candle.close), after \(seen.trades) trades and \(seen.best) best prices")
                }
                if seen.trades > 0, seen.best > 0, seen.closed > 0 { break }
            }
        }
    }
}
