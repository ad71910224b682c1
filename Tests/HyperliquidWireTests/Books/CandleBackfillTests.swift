import HyperliquidWire
import Testing

@Suite("Candle series: back-fill") struct CandleBackfillTests {
    typealias Of = CandleSeriesTests

    /// Minute 1, a gap, minute 6.
    private let events: [FeedEvent<Candle>] = [
        .update(Of.candle(1, trades: 2)), Of.gap, .snapshot(Of.candle(6)),
    ]

    @Test func `a back-filled interval is complete and has no gap any more`() {
        var series = Of.series(events)
        let rows = [Of.candle(1, trades: 3), Of.candle(3), Of.candle(6, trades: 2)]
        let changed = series.backfill(rows, from: Of.minute, through: 6 * Of.minute)
        #expect(changed.map(\.candle) == [Of.candle(1, trades: 3), Of.candle(3)])
        #expect(series.closed.map(\.candle) == changed.map(\.candle))
        #expect(series.closed.allSatisfy { !$0.mayBeIncomplete })
        #expect(series.missing.map(\.mayHideTrades) == [false, false])
        // Only the feed changes the open candle.
        #expect(series.current?.candle == Of.candle(6))
    }

    @Test func `a back-filled state that was known completes its candle`() {
        var series = Of.series(events)
        #expect(series.closed.map(\.mayBeIncomplete) == [true])
        #expect(series.backfill([Of.candle(1, trades: 2)], from: 0, through: 6 * Of.minute).count == 1)
        #expect(series.closed.map(\.mayBeIncomplete) == [false])
    }

    @Test(arguments: [(3 * Of.minute, 6 * Of.minute), (2 * Of.minute, 6 * Of.minute - 2)])
    func `a partly requested interval may still have missed trades`(start: Int64, end: Int64) {
        var series = Of.series(events)
        series.backfill([], from: start, through: end)
        #expect(series.missing.map(\.mayHideTrades) == [true])
        series.backfill([], from: 2 * Of.minute, through: 6 * Of.minute - 1)
        #expect(series.missing.map(\.mayHideTrades) == [false])
    }

    @Test func `a back-fill refuses rows of another series and all rows before the feed's first message`() {
        var series = Of.series()
        #expect(series.backfill([Of.candle(1)], from: 0, through: .max).isEmpty)
        #expect(series == Of.series())
        series.apply(.update(Of.candle(9)))
        #expect(series.backfill([Of.candle(1, coin: "ETH")], from: 0, through: .max).isEmpty)
        #expect(series.refusedCount == 1)
    }
}
