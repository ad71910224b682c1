/// The candles of one coin and interval: the open one, and those that closed before it.
///
/// The venue does not mark the last state of a candle. A candle closes when one with a later opening time arrives, and
/// ``apply(_:)`` returns it:
///
/// ```swift
/// var series = CandleSeries(coin: "BTC", interval: .oneMinute)
/// for try await event in candles {
///     for closed in series.apply(event).closed { print(closed.candle) }
/// }
/// ```
///
/// No candle is invented: an interval without a message has none, and ``missing`` shows whether the reason is that
/// there were no trades, or a gap. The venue decides where a candle begins and ends, so weeks and months need no
/// calendar here. In a thin market the open candle may be over long before the next one arrives: compare its
/// ``Candle/closeTimeMilliseconds``.
///
/// Each message is the whole candle so far. Of two messages about one candle, the one with more trades is the later
/// one, and a message with fewer trades changes nothing. A late message of a closed candle corrects it by the same
/// rule.
public struct CandleSeries: Hashable, Sendable {
    /// The effect of an event on the series.
    public enum Outcome: Hashable, Sendable {
        /// The open candle, perhaps the first one, has a new state.
        case updated
        /// A later candle opened, and this one closed.
        case opened(closing: SeriesCandle)
        /// A late message gave this closed candle a later state; ``CandleSeries/lateCount`` counts it.
        case corrected(SeriesCandle)
        /// A late message brought this closed candle, which was missing; ``CandleSeries/lateCount`` counts it.
        case filledIn(SeriesCandle)
        /// The state was known already, is an earlier one, or belongs to a candle older than those kept. Nothing
        /// changed; ``CandleSeries/outdatedCount`` counts the message.
        case outdated
        /// The event was a gap or a fault.
        case interrupted
        /// The candle has another coin or interval, or closes before it opens. Nothing changed;
        /// ``CandleSeries/refusedCount`` counts the message.
        case refused

        /// The candle that closed with this event: one or none.
        public var closed: [SeriesCandle] {
            switch self {
            case .opened(let closed): [closed]
            case .updated, .corrected, .filledIn, .outdated, .interrupted, .refused: []
            }
        }
    }

    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The interval of the candles.
    public let interval: CandleInterval
    /// The maximum number of closed candles that are kept; the oldest ones are dropped.
    public let closedLimit: Int
    /// The closed candles, the oldest first.
    public private(set) var closed: [SeriesCandle] = []
    /// The open candle, which is the latest one received; `nil` before the first one.
    public private(set) var current: SeriesCandle?
    /// The number of late messages that corrected or filled in a closed candle.
    public private(set) var lateCount = 0
    /// The number of messages without a newer state.
    public private(set) var outdatedCount = 0
    /// The number of messages of another series, or with impossible times.
    public private(set) var refusedCount = 0
    private var isInterrupted = false

    /// Creates an empty series.
    /// - Parameters:
    ///   - coin: The coin, as the venue spells it.
    ///   - interval: The interval of the candles.
    ///   - closedLimit: The maximum number of closed candles that are kept, 0 or more; 500 by default.
    public init(coin: Coin, interval: CandleInterval, closedLimit: Int = 500) {
        precondition(closedLimit >= 0, "closedLimit must be 0 or more")
        self.coin = coin
        self.interval = interval
        self.closedLimit = closedLimit
    }

    /// Applies an event of `candle`.
    @discardableResult
    public mutating func apply(_ event: FeedEvent<Candle>) -> Outcome {
        guard let candle = event.data else {
            isInterrupted = true
            current?.mayBeIncomplete = true
            return .interrupted
        }
        guard belongs(candle) else { return refuse() }
        guard let open = current else { return start(candle) }
        if candle.openTimeMilliseconds < open.candle.openTimeMilliseconds { return correct(candle, isFinal: false) }
        guard candle.openTimeMilliseconds == open.candle.openTimeMilliseconds else {
            return start(candle, closing: open)
        }
        // Each message is the whole candle so far, so the first one after a gap also has the trades missed in the gap.
        guard candle.tradeCount >= open.candle.tradeCount else { return outdate() }
        current = SeriesCandle(candle: candle, followsGap: open.followsGap)
        isInterrupted = false
        return .updated
    }

    private mutating func start(_ candle: Candle, closing open: SeriesCandle? = nil) -> Outcome {
        current = SeriesCandle(candle: candle, followsGap: open != nil && isInterrupted)
        isInterrupted = false
        guard let open else { return .updated }
        closed.append(open)
        dropOldest()
        return .opened(closing: open)
    }

    /// Applies a state of a closed candle. `isFinal` tells that the state is known to be the candle's last one.
    private mutating func correct(_ candle: Candle, isFinal: Bool) -> Outcome {
        let index = closed.firstIndex { $0.candle.openTimeMilliseconds >= candle.openTimeMilliseconds } ?? closed.count
        guard index < closed.count, closed[index].candle.openTimeMilliseconds == candle.openTimeMilliseconds else {
            return fillIn(candle, at: index, isFinal: isFinal)
        }
        var corrected = closed[index]
        corrected.candle = candle
        if isFinal { corrected.mayBeIncomplete = false }
        guard candle.tradeCount >= closed[index].candle.tradeCount, corrected != closed[index] else { return outdate() }
        closed[index] = corrected
        lateCount += 1
        return .corrected(corrected)
    }

    private mutating func fillIn(_ candle: Candle, at index: Int, isFinal: Bool) -> Outcome {
        guard index > 0 || closed.count < closedLimit else { return outdate() }
        // Candles may still be missing on both sides of the one that was found.
        let followsGap = (index < closed.count ? closed[index] : current)?.followsGap ?? false
        let found = SeriesCandle(candle: candle, mayBeIncomplete: !isFinal && followsGap, followsGap: followsGap)
        closed.insert(found, at: index)
        dropOldest()
        lateCount += 1
        return .filledIn(found)
    }

    private func belongs(_ candle: Candle) -> Bool {
        candle.coin == coin && candle.interval == interval
            && candle.openTimeMilliseconds <= candle.closeTimeMilliseconds
    }

    private mutating func dropOldest() {
        if closed.count > closedLimit { closed.removeFirst(closed.count - closedLimit) }
    }

    private mutating func refuse() -> Outcome {
        refusedCount += 1
        return .refused
    }

    private mutating func outdate() -> Outcome {
        outdatedCount += 1
        return .outdated
    }
}

extension CandleSeries {
    /// The intervals without candles between those that are kept, the oldest first.
    public var missing: [MissingCandles] {
        let candles = closed + (current.map { [$0] } ?? [])
        return zip(candles, candles.dropFirst()).compactMap { before, after in
            guard let hole = Self.hole(between: before, and: after) else { return nil }
            return MissingCandles(
                openTimeMilliseconds: hole.lowerBound, closeTimeMilliseconds: hole.upperBound,
                mayHideTrades: after.followsGap)
        }
    }

    /// Applies the answer of `/info` `candleSnapshot` for a span of time: the last states of the candles that closed
    /// in it.
    ///
    /// By the rule of late messages, a row corrects a closed candle or fills in a missing one; the candle is complete
    /// from then on. Where the span still has no candle, there were no trades. Rows of the open candle or of later ones
    /// are ignored, because only the feed opens and closes candles. Before the feed's first message, all rows are
    /// ignored.
    /// - Parameters:
    ///   - rows: The candles of the answer, in any order. Those of another series are refused and counted.
    ///   - startTime: The `startTime` of the request, in milliseconds since 1970.
    ///   - endTime: The `endTime` of the request, or the time at which it was made.
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
        clearGaps(from: startTime, through: endTime)
        return changed
    }

    /// Removes the mark of a gap between two candles if the interval between them was requested.
    private mutating func clearGaps(from startTime: Int64, through endTime: Int64) {
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
        // A peer may send any 64-bit number as a time, so the next millisecond may not exist.
        let (start, isEndOfTime) = before.candle.closeTimeMilliseconds.addingReportingOverflow(1)
        guard !isEndOfTime, start < after.candle.openTimeMilliseconds else { return nil }
        return start...(after.candle.openTimeMilliseconds - 1)
    }
}

/// One candle of a ``CandleSeries``, and whether it is complete.
public struct SeriesCandle: Hashable, Sendable {
    /// The last state received.
    public fileprivate(set) var candle: Candle
    /// Whether its last state may have been missed, because a gap came after its last message.
    ///
    /// The next message of the open candle clears the mark, because each message is the whole candle. A candle that
    /// closed with the mark keeps it until ``CandleSeries/backfill(_:from:through:)`` brings its last state.
    public fileprivate(set) var mayBeIncomplete = false
    /// Whether a gap came between the candle before it and the first message of this one.
    public fileprivate(set) var followsGap: Bool
}

/// An interval of a ``CandleSeries`` without candles, between two candles that are there.
public struct MissingCandles: Hashable, Sendable {
    /// The first millisecond of the interval, by the venue's clock: milliseconds since 1970.
    public let openTimeMilliseconds: Int64
    /// The last millisecond of the interval, by the venue's clock.
    public let closeTimeMilliseconds: Int64
    /// Whether a gap lay in the interval, so that it may have had candles. If not, the venue sent none, because it
    /// sends no candle without trades (docs/protocol.md, "candle").
    public let mayHideTrades: Bool

    /// Creates an interval.
    public init(openTimeMilliseconds: Int64, closeTimeMilliseconds: Int64, mayHideTrades: Bool) {
        self.openTimeMilliseconds = openTimeMilliseconds
        self.closeTimeMilliseconds = closeTimeMilliseconds
        self.mayHideTrades = mayHideTrades
    }
}
