/// The candles of one coin for every interval, summed from its trades.
struct CoinCandles: Hashable, Sendable {
    /// One candle, in ticks and size units, with times in milliseconds since 1970.
    struct Candle: Hashable, Sendable {
        var open: Int64
        var close: Int64
        var high: Int64
        var low: Int64
        var volume: Int64
        var count: Int
        let start: Int64
        let end: Int64
        /// The number of trades that the coin had had when the candle last changed.
        var tradeTotal: Int
    }

    /// The running candle of each interval; empty before the first trade.
    private var running: [Candle] = []
    private var closed: [[Candle]] = Array(repeating: [], count: CandleClock.intervals.count)

    /// The number of closed candles that are kept at least, per interval.
    private static let keptCount = 500

    /// Adds a trade to the candles of all intervals.
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

    /// The running candle of an interval; `nil` before the first trade.
    func current(_ interval: Int) -> Candle? { running.indices.contains(interval) ? running[interval] : nil }

    /// The closed candles of an interval that are kept, oldest first.
    func ended(_ interval: Int) -> [Candle] { closed[interval] }

    /// The candles that have changed since the first `count` trades: those that have closed, then the running one.
    func since(_ count: Int, _ interval: Int) -> [Candle] {
        let ended = closed[interval].reversed().prefix { $0.tradeTotal > count }.reversed()
        return Array(ended) + [current(interval)].compactMap { $0 }.filter { $0.tradeTotal > count }
    }
}

/// The times at which candles begin and end.
enum CandleClock {
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000

    /// The venue's intervals with their lengths in milliseconds; 0 for a month, whose length varies.
    static let intervals: [(name: String, length: Int64)] = [
        ("1m", minute), ("3m", 3 * minute), ("5m", 5 * minute), ("15m", 15 * minute), ("30m", 30 * minute),
        ("1h", 60 * minute), ("2h", 120 * minute), ("4h", 240 * minute), ("8h", 480 * minute), ("12h", 720 * minute),
        ("1d", day), ("3d", 3 * day), ("1w", 7 * day), ("1M", 0),
    ]

    /// The index of an interval by the venue's name for it; `nil` if there is none.
    static func index(of name: String) -> Int? { intervals.firstIndex { $0.name == name } }

    /// The first millisecond of the candle that contains `time`, and the first one after it.
    static func bounds(_ interval: Int, at time: Int64) -> (open: Int64, end: Int64) {
        let length = intervals[interval].length
        guard length == 0 else {
            let open = time / length * length
            return (open, open + length)
        }
        let days = time / day
        let (year, month) = civilMonth(day: days)
        let next = month == 12 ? (year + 1, 1) : (year, month + 1)
        return (firstDay(year: year, month: month) * day, firstDay(year: next.0, month: next.1) * day)
    }

    /// The year and month of a day counted from 1970. Days are counted in years that begin in March, so that the leap
    /// day comes last.
    private static func civilMonth(day: Int64) -> (year: Int64, month: Int64) {
        let shifted = day + 719_468
        let era = shifted / 146_097
        let dayOfEra = shifted - era * 146_097
        let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
        let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
        let marchMonth = (5 * dayOfYear + 2) / 153
        let month = marchMonth < 10 ? marchMonth + 3 : marchMonth - 9
        return (yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month)
    }

    /// The day, counted from 1970, on which a month begins.
    private static func firstDay(year: Int64, month: Int64) -> Int64 {
        let shiftedYear = month <= 2 ? year - 1 : year
        let era = shiftedYear / 400
        let yearOfEra = shiftedYear - era * 400
        let dayOfYear = (153 * (month > 2 ? month - 3 : month + 9) + 2) / 5
        let dayOfEra = yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfYear
        return era * 146_097 + dayOfEra - 719_468
    }
}
