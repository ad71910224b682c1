import HyperliquidWire
import Testing

@Suite("Candle series") struct CandleSeriesTests {
    static let gap = FeedEvent<Candle>.gap(Gap(reason: .reconnected, fromMilliseconds: 0, toMilliseconds: 1))
    static let minute: Int64 = 60_000

    /// The candle of minute `index` after `tradeCount` trades, which is also its closing price.
    static func candle(
        _ index: Int64, trades: Int = 1, coin: Coin = "BTC", interval: CandleInterval = .oneMinute
    ) -> Candle {
        let price = ExactDecimal(trades)
        return Candle(
            openTimeMilliseconds: index * minute, closeTimeMilliseconds: (index + 1) * minute - 1, coin: coin,
            interval: interval, open: price,
            close: price, high: price, low: price, volume: price, tradeCount: trades)
    }

    static func series(_ events: [FeedEvent<Candle>] = [], closedLimit: Int = 500) -> CandleSeries {
        var series = CandleSeries(coin: "BTC", interval: .oneMinute, closedLimit: closedLimit)
        for event in events { series.apply(event) }
        return series
    }

    static func minutes(_ candles: [SeriesCandle]) -> [Int64] {
        candles.map { $0.candle.openTimeMilliseconds / minute }
    }

    @Test func `a candle closes when a later one opens, with its last state`() {
        var series = Self.series()
        #expect(series.apply(.snapshot(Self.candle(1, trades: 1))) == .updated)
        #expect(series.apply(.update(Self.candle(1, trades: 5))).closed.isEmpty)
        #expect(series.current?.candle == Self.candle(1, trades: 5))
        let closed = series.apply(.update(Self.candle(2))).closed
        #expect(closed.map(\.candle) == [Self.candle(1, trades: 5)])
        #expect(series.closed == closed)
        #expect(series.current?.candle == Self.candle(2))
        #expect(series.missing.isEmpty)
    }

    @Test func `an interval without messages is listed as missing`() {
        let series = Self.series([.update(Self.candle(1)), .update(Self.candle(4))])
        #expect(Self.minutes(series.closed) == [1])
        #expect(
            series.missing == [
                MissingCandles(
                    openTimeMilliseconds: 2 * Self.minute, closeTimeMilliseconds: 4 * Self.minute - 1,
                    mayHideTrades: false)
            ])
    }

    @Test func `candles of unequal length follow each other by the venue's times`() {
        let month = { (open: Int64, close: Int64) in
            Candle(
                openTimeMilliseconds: open, closeTimeMilliseconds: close, coin: "BTC", interval: .oneMonth, open: .zero,
                close: .zero,
                high: .zero, low: .zero, volume: .zero, tradeCount: 1)
        }
        var series = CandleSeries(coin: "BTC", interval: .oneMonth)
        // January, February and March 2026, then May.
        series.apply(.update(month(1_767_225_600_000, 1_769_903_999_999)))
        series.apply(.update(month(1_769_904_000_000, 1_772_323_199_999)))
        series.apply(.update(month(1_772_323_200_000, 1_775_001_599_999)))
        #expect(series.missing.isEmpty)
        series.apply(.update(month(1_777_593_600_000, 1_780_271_999_999)))
        #expect(series.missing.map(\.openTimeMilliseconds) == [1_775_001_600_000])
        #expect(series.missing.map(\.closeTimeMilliseconds) == [1_777_593_599_999])
    }

    @Test func `the next message of a candle ends a gap within it`() {
        var series = Self.series([.update(Self.candle(1, trades: 2))])
        #expect(series.apply(Self.gap) == .interrupted)
        #expect(series.current?.mayBeIncomplete == true)
        series.apply(.snapshot(Self.candle(1, trades: 7)))
        #expect(series.current?.mayBeIncomplete == false)
        #expect(series.apply(.update(Self.candle(2))).closed.map(\.mayBeIncomplete) == [false])
        #expect(series.current?.followsGap == false)
    }

    @Test func `a candle that closed in a gap may be incomplete`() {
        var series = Self.series([.update(Self.candle(1, trades: 2)), Self.gap])
        let closed = series.apply(.snapshot(Self.candle(2))).closed
        #expect(closed.map(\.mayBeIncomplete) == [true])
        #expect(series.current?.mayBeIncomplete == false)
        #expect(series.missing.isEmpty)
    }

    @Test func `a series distinguishes candles lost in a gap from intervals without trades`() {
        let series = Self.series([
            .update(Self.candle(1)), Self.gap, .snapshot(Self.candle(3)), .update(Self.candle(5)),
        ])
        #expect(series.missing.map(\.mayHideTrades) == [true, false])
    }

    @Test func `a fault counts as a gap`() {
        var series = Self.series([.update(Self.candle(1))])
        #expect(series.apply(.undecodable(DecodingFault(.missingField, at: 0))) == .interrupted)
        #expect(series.current?.mayBeIncomplete == true)
    }

    @Test func `an earlier state of the open candle changes nothing`() {
        var series = Self.series([.update(Self.candle(1, trades: 5)), Self.gap])
        #expect(series.apply(.snapshot(Self.candle(1, trades: 4))) == .outdated)
        #expect(series.current?.candle.tradeCount == 5)
        #expect(series.current?.mayBeIncomplete == true)
        #expect(series.outdatedCount == 1)
    }

    @Test func `a late message corrects a closed candle only with more trades`() {
        var series = Self.series([.update(Self.candle(1, trades: 5)), .update(Self.candle(2))])
        let corrected = series.apply(.update(Self.candle(1, trades: 6)))
        #expect(corrected == .corrected(series.closed[0]))
        #expect(corrected.closed.isEmpty)
        #expect(series.apply(.update(Self.candle(1, trades: 4))) == .outdated)
        #expect(series.apply(.update(Self.candle(1, trades: 6))) == .outdated)
        #expect(series.closed.map(\.candle) == [Self.candle(1, trades: 6)])
        #expect(series.current?.candle == Self.candle(2))
        #expect((series.lateCount, series.outdatedCount) == (1, 2))
    }

    @Test func `a late message fills in a missing candle`() {
        var series = Self.series([.update(Self.candle(1)), Self.gap, .snapshot(Self.candle(5))])
        #expect(series.apply(.update(Self.candle(3))) == .filledIn(series.closed[1]))
        #expect(Self.minutes(series.closed) == [1, 3])
        #expect(series.closed[1].mayBeIncomplete)
        #expect(series.missing.map(\.openTimeMilliseconds) == [2 * Self.minute, 4 * Self.minute])
        #expect(series.missing.map(\.mayHideTrades) == [true, true])
    }

    @Test func `the oldest closed candles are dropped and do not come back`() {
        var series = Self.series((1...10).map { .update(Self.candle($0)) }, closedLimit: 3)
        #expect(Self.minutes(series.closed) == [7, 8, 9])
        #expect(series.apply(.update(Self.candle(5, trades: 9))) == .outdated)
        #expect(Self.minutes(series.closed) == [7, 8, 9])
    }

    @Test func `a series that keeps no closed candle still returns them`() {
        var series = Self.series([.update(Self.candle(1))], closedLimit: 0)
        #expect(Self.minutes(series.apply(.update(Self.candle(2))).closed) == [1])
        #expect(series.closed.isEmpty)
        #expect(series.apply(.update(Self.candle(1, trades: 9))) == .outdated)
    }

    @Test(arguments: [
        candle(3, coin: "ETH"), candle(3, interval: .oneHour),
        Candle(
            openTimeMilliseconds: 2, closeTimeMilliseconds: 1, coin: "BTC", interval: .oneMinute, open: .zero,
            close: .zero, high: .zero,
            low: .zero, volume: .zero, tradeCount: 1),
    ])
    func `a series refuses and counts candles of another series or with impossible times`(candle: Candle) {
        var series = Self.series([.update(Self.candle(1))])
        #expect(series.apply(.update(candle)) == .refused)
        #expect(series.current?.candle == Self.candle(1))
        #expect(series.refusedCount == 1)
    }

    @Test func `the greatest and the least times do not trap`() {
        let extreme = { (open: Int64, close: Int64) in
            FeedEvent.update(
                Candle(
                    openTimeMilliseconds: open, closeTimeMilliseconds: close, coin: "BTC", interval: .oneMinute,
                    open: .zero, close: .zero,
                    high: .zero, low: .zero, volume: .zero, tradeCount: 1))
        }
        #expect(Self.series([extreme(.min, .max), extreme(.max, .max)]).missing.isEmpty)
    }
}
