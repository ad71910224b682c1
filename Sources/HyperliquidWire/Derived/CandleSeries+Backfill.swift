extension CandleSeries {
    /// The spans without candles between those that are kept, the oldest first.
    public var missing: [MissingCandles] {
        let candles = closed + (current.map { [$0] } ?? [])
        return zip(candles, candles.dropFirst()).compactMap { before, after in
            guard let hole = Self.hole(between: before, and: after) else { return nil }
            return MissingCandles(
                openTimeMilliseconds: hole.lowerBound, closeTimeMilliseconds: hole.upperBound,
                mayHideTrades: after.followsGap)
        }
    }

    /// Takes the answer of `/info` `candleSnapshot` for a span of time: the last states of the candles that closed in it.
    ///
    /// They correct and fill in by the rule of late messages and are whole from then on; of what is missing within the
    /// span it is known then that there were no trades. A row of the open candle or of a later one is passed over: only
    /// the feed opens and closes candles. Before the feed's first message nothing is taken.
    /// - Parameters:
    ///   - rows: The answer's candles, in any order. Those of another series are refused and counted.
    ///   - startTime: The request's `startTime`, in milliseconds since 1970.
    ///   - endTime: Its `endTime`, or the time of the request.
    /// - Returns: The closed candles that were missing or have a later state now.
    @discardableResult
    public mutating func backfill(
        _ rows: some Sequence<Candle>, from startTime: Int64, through endTime: Int64
    ) -> [SeriesCandle] {
        guard let opened = current?.candle.openTimeMilliseconds else { return [] }
        var changed: [SeriesCandle] = []
        for row in rows {
            guard belongs(row) else {
                _ = refuse()
                continue
            }
            guard row.openTimeMilliseconds < opened else { continue }
            switch correct(row, isFinal: true) {
            case .corrected(let candle), .filledIn(let candle): changed.append(candle)
            case .updated, .opened, .outdated, .interrupted, .refused: break
            }
        }
        settle(from: startTime, through: endTime)
        return changed
    }

    /// Nothing is hidden any more between two candles when the span between them was asked for.
    private mutating func settle(from startTime: Int64, through endTime: Int64) {
        for index in closed.indices.dropFirst() where isWithin(startTime, endTime, closed[index - 1], closed[index]) {
            closed[index].followsGap = false
        }
        guard let before = closed.last, let after = current, isWithin(startTime, endTime, before, after) else { return }
        current?.followsGap = false
    }

    private func isWithin(
        _ startTime: Int64, _ endTime: Int64, _ before: SeriesCandle, _ after: SeriesCandle
    ) -> Bool {
        guard let hole = Self.hole(between: before, and: after) else { return true }
        return startTime <= hole.lowerBound && hole.upperBound <= endTime
    }

    private static func hole(between before: SeriesCandle, and after: SeriesCandle) -> ClosedRange<Int64>? {
        // A peer's times are any 64-bit numbers, so the next millisecond may not exist.
        let (start, isEndOfTime) = before.candle.closeTimeMilliseconds.addingReportingOverflow(1)
        guard !isEndOfTime, start < after.candle.openTimeMilliseconds else { return nil }
        return start...(after.candle.openTimeMilliseconds - 1)
    }
}
