import HyperliquidWire
import Testing

/// Compares random sequences of candles and gaps with a search of the whole log.
@Suite("Candle series: random sequences") struct CandleSequenceTests {
    typealias Of = CandleSeriesTests

    /// `nil` stands for a gap.
    private func log(_ random: inout SplitMix64, lateness: ClosedRange<Int64>) -> [Candle?] {
        var minute: Int64 = 0
        var trades = 1
        return (0..<80).map { _ in
            switch Int.random(in: 0..<10, using: &random) {
            case 0: return nil
            case 1, 2:
                minute += Int64.random(in: 1...3, using: &random)
                trades = 1
            default: trades += Int.random(in: 0...2, using: &random)
            }
            let late = Int64.random(in: lateness, using: &random)
            let isLate = late > 0
            return Of.candle(minute - late, trades: isLate ? Int.random(in: 1...12, using: &random) : trades)
        }
    }

    private func event(_ candle: Candle?) -> FeedEvent<Candle> { candle.map { .update($0) } ?? Of.gap }

    @Test(arguments: 1...UInt64(200)) func `each candle, late ones too, has the state with the most trades`(
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        let limit = Int.random(in: 1...8, using: &random)
        var series = Of.series(closedLimit: limit)
        var best: [Int64: Candle] = [:]
        var handedOut: [Int64] = []
        for candle in log(&random, lateness: -2...4) {
            handedOut += series.apply(event(candle)).closed.map(\.candle.openTimeMilliseconds)
            guard let candle else { continue }
            let known = best[candle.openTimeMilliseconds]
            if known.map({ $0.tradeCount <= candle.tradeCount }) ?? true { best[candle.openTimeMilliseconds] = candle }
            let expected = best.values.sorted { $0.openTimeMilliseconds < $1.openTimeMilliseconds }
            #expect(series.current?.candle == expected.last, "seed \(seed)")
            #expect(series.closed.map(\.candle) == expected.dropLast().suffix(limit), "seed \(seed)")
        }
        #expect(
            zip(handedOut, handedOut.dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed): each closes once, in order")
    }

    @Test(arguments: 1...UInt64(200)) func `a series marks exactly the candles and intervals that a gap may affect`(
        seed: UInt64
    ) {
        var random = SplitMix64(seed: seed)
        let log = log(&random, lateness: 0...0)
        let series = Of.series(log.map(event))
        let candles = series.closed + (series.current.map { [$0] } ?? [])
        for (index, known) in candles.enumerated() {
            let isOfThis = { (candle: Candle?) in candle?.openTimeMilliseconds == known.candle.openTimeMilliseconds }
            let first = log.firstIndex(where: isOfThis) ?? 0
            let last = log.lastIndex(where: isOfThis) ?? 0
            let next = log.indices.first { $0 > last && log[$0] != nil } ?? log.endIndex
            let previous = log.indices.last { $0 < first && log[$0] != nil }
            #expect(known.mayBeIncomplete == (next - last > 1), "seed \(seed), candle \(index)")
            #expect(known.followsGap == (previous.map { first - $0 > 1 } ?? false), "seed \(seed), candle \(index)")
        }
    }
}
