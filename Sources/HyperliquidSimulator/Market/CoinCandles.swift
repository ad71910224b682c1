/// The candles of one coin, added up from its trades, for every interval.
struct CoinCandles: Hashable, Sendable {
    /// One candle, in ticks and size units.
    struct Candle: Hashable, Sendable {
        var open: Int64
        var close: Int64
        var high: Int64
        var low: Int64
        var volume: Int64
        var count: Int
        let start: Int64
        let end: Int64
        /// How many trades the coin had had when this one was added up last.
        var tradeTotal: Int
    }

    private var running: [Candle] = []
    private var closed: [[Candle]] = Array(repeating: [], count: CandleClock.intervals.count)

    /// Closed candles kept for each interval.
    private static let keptCount = 500

    mutating func record(price: Int64, size: Int64, time: Int64, tradeTotal: Int) {
        if running.isEmpty {
            running = CandleClock.intervals.indices.map { Self.opened($0, price, size, time, tradeTotal) }
            return
        }
        for index in running.indices {
            guard time < running[index].end else {
                roll(index, price, size, time, tradeTotal)
                continue
            }
            running[index].close = price
            running[index].high = max(running[index].high, price)
            running[index].low = min(running[index].low, price)
            running[index].volume += size
            running[index].count += 1
            running[index].tradeTotal = tradeTotal
        }
    }

    private mutating func roll(_ index: Int, _ price: Int64, _ size: Int64, _ time: Int64, _ total: Int) {
        closed[index].append(running[index])
        if closed[index].count > 2 * Self.keptCount { closed[index].removeFirst(Self.keptCount) }
        running[index] = Self.opened(index, price, size, time, total)
    }

    private static func opened(_ index: Int, _ price: Int64, _ size: Int64, _ time: Int64, _ total: Int) -> Candle {
        let (start, end) = CandleClock.bounds(index, at: time)
        return Candle(
            open: price, close: price, high: price, low: price, volume: size, count: 1, start: start, end: end,
            tradeTotal: total)
    }

    /// The candle that is running; nothing before the first trade.
    func current(_ interval: Int) -> Candle? { running.indices.contains(interval) ? running[interval] : nil }

    /// Candles that have ended, oldest first.
    func ended(_ interval: Int) -> [Candle] { closed[interval] }

    /// What a stream shows that has shown the first `count` trades: how candles ended meanwhile, then the running one.
    func since(_ count: Int, _ interval: Int) -> [Candle] {
        let ended = closed[interval].reversed().prefix { $0.tradeTotal > count }.reversed()
        return Array(ended) + [current(interval)].compactMap { $0 }.filter { $0.tradeTotal > count }
    }
}
