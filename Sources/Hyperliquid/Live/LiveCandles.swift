/// The candles of a coin, kept by the client: those that have closed, and the open one.
///
/// Look at them with ``current``, or read each candle once it has closed as a sequence. They end with the last
/// reference, and when the client shuts down.
///
/// ```swift
/// let candles = try await client.candles("BTC", interval: .oneMinute)
/// for try await closed in candles { print(closed.candle.close) }
/// ```
public final class LiveCandles: AsyncSequence, Sendable {
    /// A closed candle, and whether it is complete.
    public typealias Element = SeriesCandle
    /// The error with which the feed ended.
    public typealias Failure = HyperliquidError

    private let live: LiveValue<CandleSeries>
    private let client: HyperliquidClient
    private let token: SubscriptionToken

    init(_ live: LiveValue<CandleSeries>, of client: HyperliquidClient, token: SubscriptionToken) {
        self.live = live
        self.client = client
        self.token = token
    }

    /// The candles now: the last 500 that have closed, and the open one.
    public var current: CandleSeries { live.current.value }

    /// Ends the candles: the feed is unsubscribed, and the sequences end.
    public func cancel() {
        token.cancel()
        live.end(nil)
    }

    /// Makes an iterator, which begins with the oldest closed candle that is held. Any number of them may be made.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(candles: self, reader: LiveReader(live, of: client))
    }

    /// Reads the closed candles.
    public struct AsyncIterator: AsyncIteratorProtocol {
        // Holds the candles, whose last reference ends them.
        private let candles: LiveCandles
        private var reader: LiveReader<CandleSeries>
        private var unread: ArraySlice<SeriesCandle> = []
        private var lastTime: Int64?

        init(candles: LiveCandles, reader: LiveReader<CandleSeries>) {
            self.candles = candles
            self.reader = reader
        }

        /// Returns the next closed candle, or `nil` at the end and when the task is cancelled. A candle that a late
        /// message corrects is not returned again: see ``LiveCandles/current``.
        /// - Throws: ``HyperliquidError`` if the feed failed, or with the code `overflow` if more candles have closed since
        ///   the last call than are held.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(HyperliquidError) -> SeriesCandle? {
            if unread.isEmpty {
                let lastTime = lastTime
                let found = try await reader.next { (series) throws(HyperliquidError) in
                    try Self.closed(in: series, after: lastTime)
                }
                unread = found ?? []
            }
            guard let next = unread.popFirst() else { return nil }
            lastTime = next.candle.openTimeMilliseconds
            return next
        }

        /// Returns the next closed candle, or `nil` at the end and when the task is cancelled.
        /// - Throws: ``HyperliquidError`` if the feed failed, or with the code `overflow` if more candles have closed since
        ///   the last call than are held.
        public mutating func next() async throws(HyperliquidError) -> SeriesCandle? { try await next(isolation: nil) }

        private static func closed(
            in series: CandleSeries, after time: Int64?
        ) throws(HyperliquidError) -> ArraySlice<SeriesCandle>? {
            guard let time else { return series.closed.isEmpty ? nil : series.closed[...] }
            if let oldest = series.closed.first?.candle.openTimeMilliseconds, oldest > time,
                series.closed.count == series.closedLimit
            {
                throw HyperliquidError(
                    code: .overflow,
                    message: "More than \(series.closedLimit) candles have closed since the last was read; read faster."
                )
            }
            let first = series.closed.firstIndex { $0.candle.openTimeMilliseconds > time }
            return first.map { series.closed[$0...] }
        }
    }
}

extension HyperliquidClient {
    /// Keeps the candles of a coin and an interval.
    /// - Parameters:
    ///   - coin: The coin, as the venue spells it.
    ///   - interval: The interval of the candles.
    ///   - timeout: How long to wait for the acknowledgement, ``ClientConfiguration/acknowledgementTimeout`` by default.
    /// - Returns: The candles, once the feed is acknowledged. Dropping them unsubscribes.
    /// - Throws: ``HyperliquidError``, as `subscribe` does.
    public func candles(
        _ coin: Coin, interval: CandleInterval, timeout: Duration? = nil
    ) async throws(HyperliquidError) -> LiveCandles {
        let live = LiveValue(CandleSeries(coin: coin, interval: interval))
        let id = try await subscribe(
            to: .candle(coin, interval: interval), timeout: timeout,
            onEvent: { event in
                live.change { series in
                    switch series.apply(event) {
                    case .outdated, .refused: false
                    case .updated, .opened, .corrected, .filledIn, .interrupted: true
                    }
                }
            }, onEnd: { live.end($0) })
        return LiveCandles(live, of: self, token: SubscriptionToken(id, of: self))
    }
}
