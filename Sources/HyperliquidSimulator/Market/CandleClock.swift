/// When candles begin and end.
enum CandleClock {
    private static let minute: Int64 = 60_000
    private static let day: Int64 = 86_400_000

    /// The venue's intervals with their lengths; a month has none of its own.
    static let intervals: [(name: String, length: Int64)] = [
        ("1m", minute), ("3m", 3 * minute), ("5m", 5 * minute), ("15m", 15 * minute), ("30m", 30 * minute),
        ("1h", 60 * minute), ("2h", 120 * minute), ("4h", 240 * minute), ("8h", 480 * minute), ("12h", 720 * minute),
        ("1d", day), ("3d", 3 * day), ("1w", 7 * day), ("1M", 0),
    ]

    static func index(of name: String) -> Int? { intervals.firstIndex { $0.name == name } }

    /// The first millisecond of the candle that holds `time`, and the first one after it.
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

    /// The year and month of a day counted from 1970: days are counted in years that begin in March.
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
