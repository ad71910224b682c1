import Hyperliquid
import Support

/// Prints one-minute candles as soon as they have closed. Ends after three.
///
/// With the simulated exchange, whose time runs 60 times as fast, that takes a few seconds.
@main struct CandlePrinter {
    static func main() async throws {
        try await withExampleClient(simulatorSpeed: 60) { client in
            var series = CandleSeries(coin: "BTC", interval: .oneMinute)
            let candles = try await client.subscribe(to: .candle("BTC", interval: .oneMinute))
            for try await event in candles {
                for closed in series.apply(event).closed {
                    let candle = closed.candle
                    print(
                        candle.openTimeMilliseconds, "open", candle.open, "high", candle.high, "low", candle.low,
                        "close",
                        candle.close, "volume", candle.volume,
                        closed.mayBeIncomplete ? "(events at its end may be missing)" : "")
                }
                if series.closed.count == 3 { break }
            }
            for span in series.missing {
                print(
                    "no candle from \(span.openTimeMilliseconds) to \(span.closeTimeMilliseconds)",
                    span.mayHideTrades ? "after a gap" : "")
            }
        }
    }
}
