/// The candles of one coin and interval: the open one, and those that closed before it.
///
/// The venue does not mark a candle's last state; a candle closes when one with a later opening time comes.
/// ``apply(_:)`` says so:
///
/// ```swift
/// var series = CandleSeries(coin: "BTC", interval: .oneMinute)
/// for try await event in candles {
///     for closed in series.apply(event).closed { print(closed.candle) }
/// }
/// ```
///
/// Nothing is invented: an interval of which no message came has no candle, and ``missing`` says whether that means
/// no trades or a gap. Where a candle begins and ends is the venue's word, so months and weeks need no calendar here.
/// In a thin market the open candle may be over for long before the next one comes: compare its ``Candle/closeTimeMilliseconds``.
///
/// Each message is the whole candle so far, so of two messages of one candle the one with more trades is the later
/// one, and a message with fewer trades changes nothing. A late message of a closed candle corrects it by that rule.
public struct CandleSeries: Hashable, Sendable {
    /// What became of a candle.
    public enum Outcome: Hashable, Sendable {
        /// The open candle, which may be the first one, has this state now.
        case updated
        /// A later candle opened, and this one is closed.
        case opened(closing: SeriesCandle)
        /// A late message: this closed candle has a later state now. Counted.
        case corrected(SeriesCandle)
        /// A late message: this closed candle was missing until now. Counted.
        case filledIn(SeriesCandle)
        /// A state of a candle that was known already or is an earlier one, or of a candle older than those kept.
        /// Nothing changed. Counted.
        case outdated
        /// It was a gap or could not be read.
        case interrupted
        /// It is of another coin or interval, or closes before it opens. Nothing changed. Counted.
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
    /// How long a candle lasts.
    public let interval: CandleInterval
    /// How many closed candles are kept; the oldest give way.
    public let closedLimit: Int
    /// The closed candles, the oldest first.
    public internal(set) var closed: [SeriesCandle] = []
    /// The open candle: the latest that has been heard of; nothing before the first one.
    public internal(set) var current: SeriesCandle?
    /// How many late messages corrected or filled in a closed candle.
    public private(set) var lateCount = 0
    /// How many messages told nothing new.
    public private(set) var outdatedCount = 0
    /// How many messages were of another series or made no sense.
    public private(set) var refusedCount = 0
    private var isInterrupted = false

    /// An empty series.
    /// - Parameters:
    ///   - coin: The coin, as the venue spells it.
    ///   - interval: How long a candle lasts.
    ///   - closedLimit: How many closed candles are kept: 500 by default, 0 or more.
    public init(coin: Coin, interval: CandleInterval, closedLimit: Int = 500) {
        precondition(closedLimit >= 0, "a series cannot keep fewer than no candles")
        self.coin = coin
        self.interval = interval
        self.closedLimit = closedLimit
    }

    /// Takes an event of `candle`.
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
        // The first message after a gap is the whole candle as it stands, whatever was missed of it.
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

    /// Takes a state of a closed candle; `isFinal` if it is surely the last one.
    mutating func correct(_ candle: Candle, isFinal: Bool) -> Outcome {
        let place = closed.firstIndex { $0.candle.openTimeMilliseconds >= candle.openTimeMilliseconds } ?? closed.count
        guard place < closed.count, closed[place].candle.openTimeMilliseconds == candle.openTimeMilliseconds else {
            return fillIn(candle, at: place, isFinal: isFinal)
        }
        var corrected = closed[place]
        corrected.candle = candle
        if isFinal { corrected.mayBeIncomplete = false }
        guard candle.tradeCount >= closed[place].candle.tradeCount, corrected != closed[place] else { return outdate() }
        closed[place] = corrected
        lateCount += 1
        return .corrected(corrected)
    }

    private mutating func fillIn(_ candle: Candle, at place: Int, isFinal: Bool) -> Outcome {
        guard place > 0 || closed.count < closedLimit else { return outdate() }
        // What a gap may hide, it may still hide on both sides of the candle that was found.
        let followsGap = (place < closed.count ? closed[place] : current)?.followsGap ?? false
        let found = SeriesCandle(candle: candle, mayBeIncomplete: !isFinal && followsGap, followsGap: followsGap)
        closed.insert(found, at: place)
        dropOldest()
        lateCount += 1
        return .filledIn(found)
    }

    func belongs(_ candle: Candle) -> Bool {
        candle.coin == coin && candle.interval == interval
            && candle.openTimeMilliseconds <= candle.closeTimeMilliseconds
    }

    private mutating func dropOldest() {
        if closed.count > closedLimit { closed.removeFirst(closed.count - closedLimit) }
    }

    mutating func refuse() -> Outcome {
        refusedCount += 1
        return .refused
    }

    private mutating func outdate() -> Outcome {
        outdatedCount += 1
        return .outdated
    }
}

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

/// One candle of a ``CandleSeries``, with what is known of its wholeness.
public struct SeriesCandle: Hashable, Sendable {
    /// What the price did, as far as the venue has said.
    public internal(set) var candle: Candle
    /// Whether its last state may have been missed: a gap came after the last message of it that was seen.
    ///
    /// Of the open candle the next message makes it whole again, because each message is the whole candle. A candle
    /// that closed so stays marked until ``CandleSeries/backfill(_:from:through:)`` brings its end.
    public internal(set) var mayBeIncomplete = false
    /// Whether a gap came between the candle before it and this one's first message.
    public internal(set) var followsGap: Bool
}

/// A span of a ``CandleSeries`` without candles, between two that are there.
public struct MissingCandles: Hashable, Sendable {
    /// The span's first millisecond, by the venue's clock: milliseconds since 1970.
    public let openTimeMilliseconds: Int64
    /// The span's last millisecond.
    public let closeTimeMilliseconds: Int64
    /// Whether a gap lay in it, so that it may hold candles that were not seen. If not, the venue sent none: it sends
    /// nothing of an interval without trades (docs/protocol.md, "candle").
    public let mayHideTrades: Bool

    /// Describes a span.
    public init(openTimeMilliseconds: Int64, closeTimeMilliseconds: Int64, mayHideTrades: Bool) {
        self.openTimeMilliseconds = openTimeMilliseconds
        self.closeTimeMilliseconds = closeTimeMilliseconds
        self.mayHideTrades = mayHideTrades
    }
}
