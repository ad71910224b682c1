/// How long a candle lasts, by the venue's words; case matters: `1m` is a minute, `1M` a month.
///
/// Source: docs/protocol.md, "candle".
public struct CandleInterval: OpenEnumeration {
    /// The venue's word.
    public let rawValue: String

    /// Takes any word; a feed is checked before it is asked for.
    public init(rawValue: String) {
        self.rawValue = rawValue
    }

    /// `1m`
    public static let oneMinute = CandleInterval(rawValue: "1m")
    /// `3m`
    public static let threeMinutes = CandleInterval(rawValue: "3m")
    /// `5m`
    public static let fiveMinutes = CandleInterval(rawValue: "5m")
    /// `15m`
    public static let fifteenMinutes = CandleInterval(rawValue: "15m")
    /// `30m`
    public static let thirtyMinutes = CandleInterval(rawValue: "30m")
    /// `1h`
    public static let oneHour = CandleInterval(rawValue: "1h")
    /// `2h`
    public static let twoHours = CandleInterval(rawValue: "2h")
    /// `4h`
    public static let fourHours = CandleInterval(rawValue: "4h")
    /// `8h`
    public static let eightHours = CandleInterval(rawValue: "8h")
    /// `12h`
    public static let twelveHours = CandleInterval(rawValue: "12h")
    /// `1d`
    public static let oneDay = CandleInterval(rawValue: "1d")
    /// `3d`
    public static let threeDays = CandleInterval(rawValue: "3d")
    /// `1w`
    public static let oneWeek = CandleInterval(rawValue: "1w")
    /// `1M`
    public static let oneMonth = CandleInterval(rawValue: "1M")

    /// The venue's fourteen intervals, the shortest first.
    public static let all: [CandleInterval] = [
        .oneMinute, .threeMinutes, .fiveMinutes, .fifteenMinutes, .thirtyMinutes, .oneHour, .twoHours, .fourHours,
        .eightHours, .twelveHours, .oneDay, .threeDays, .oneWeek, .oneMonth,
    ]

    /// The words of ``all``.
    public static let known = Set(all.map(\.rawValue))

    /// The interval of a known word; no text is made for it.
    init?(_ word: PackedWord) {
        guard word.count <= 3, let interval = Self.byWord[word.low] else { return nil }
        self = interval
    }

    /// The intervals by their characters, the first in the lowest byte.
    private static let byWord = Dictionary(
        uniqueKeysWithValues: all.map { interval in
            (interval.rawValue.utf8.reversed().reduce(0) { $0 << 8 | UInt64($1) }, interval)
        })

    func validate() throws(FeedParameterError) {
        guard isKnown else {
            let words = Self.all.map(\.rawValue).joined(separator: ", ")
            throw FeedParameterError(
                parameter: "interval", problem: "'\(rawValue)' is no interval of the venue",
                remedy: "use one of \(words); case matters, 1m is a minute and 1M a month")
        }
    }
}
