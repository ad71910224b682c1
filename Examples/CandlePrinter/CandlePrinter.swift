import Hyperliquid
import Support

/// Prints one-minute candles when they have closed, and ends after three.
///
/// The simulated exchange lives a minute in a second here; the venue itself takes its time.
@main struct CandlePrinter {
    static func main() async throws {
        try await withExampleClient(simulatorSpeed: 60) { client in
            var series = CandleSeries(coin: "BTC", interval: .oneMinute)
            let candles = try await client.subscribe(to: .candle("BTC", .oneMinute))
            for try await event in candles {
                for closed in series.apply(event).closed {
                    let candle = closed.candle
                    print(
                        candle.openTimeMilliseconds, "open", candle.open, "high", candle.high, "low", candle.low,
                        "close",
                        candle.close, "volume", candle.volume, closed.mayBeIncomplete ? "(its end was missed)" : "")
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
