/// The current candle of a coin, sent after each block with trades.
///
/// Shared and routed by coin and interval. The first message is the current candle. The last state of a candle is not
/// marked: the candle is closed when one with a later ``Candle/openTimeMilliseconds`` arrives. A gap loses the
/// candles that closed in it.
public struct CandleFeed: CatalogueFeed {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The interval of the candles.
    public let interval: CandleInterval

    /// Creates the feed of a coin and an interval.
    public init(coin: Coin, interval: CandleInterval) {
        self.coin = coin
        self.interval = interval
    }

    /// `candle`, by coin and interval.
    public static var descriptor: FeedDescriptor {
        let intervals = CandleInterval.all.map(\.rawValue).joined(separator: " ")
        return FeedDescriptor(
            type: "candle", parameters: [.coin, .init("interval", required: true, "length of a candle: \(intervals)")],
            summary: "candles of a coin, as they grow", example: CandleFeed(coin: "BTC", interval: .oneMinute))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin(), interval: CandleInterval(rawValue: try parameters.text("interval")))
    }

    /// `{"type":"candle","coin":…,"interval":…}`
    public var request: FeedRequest {
        FeedRequest(type: "candle", fields: [("coin", .string(coin.name)), ("interval", .string(interval.rawValue))])
    }

    /// Shared, by coin and interval. Buffered, because conflation would lose the last state of closed candles; but a
    /// subscription that joins later needs only the running candle.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "candle", route: .candle, routeKey: [coin.name, interval.rawValue],
            snapshot: .firstMessage, delivery: .buffered, priority: .low, deliversStates: true)
    }

    /// Checks the coin's name and the interval.
    public func validate() throws(FeedParameterError) {
        try coin.validate()
        try interval.validate()
    }

    /// Returns whether the candle has this coin and interval.
    public func accepts(_ event: Candle) -> Bool { event.coin == coin && event.interval == interval }

    /// Reads a candle.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<Candle> {
        let candle = try Candle(from: &reader)
        try reader.finish()
        return .update(candle)
    }
}

extension FeedChoice {
    /// The candles of a coin: the open one, each time a block has trades.
    public static func candle(_ coin: Coin, interval: CandleInterval) -> FeedChoice<CandleFeed> {
        .feed(CandleFeed(coin: coin, interval: interval))
    }
}

/// The prices and the volume of a coin in one interval, so far or complete.
///
/// Source: docs/protocol.md, "candle".
public struct Candle: Hashable, Sendable {
    /// The time at which the candle opens, by the venue's clock: milliseconds since 1970.
    public let openTimeMilliseconds: Int64
    /// The last millisecond of the candle: the next one opens one millisecond later.
    public let closeTimeMilliseconds: Int64
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The interval of the candle.
    public let interval: CandleInterval
    /// The first price, in quote units per base unit.
    public let open: ExactDecimal
    /// The last price, in quote units per base unit.
    public let close: ExactDecimal
    /// The highest price, in quote units per base unit.
    public let high: ExactDecimal
    /// The lowest price, in quote units per base unit.
    public let low: ExactDecimal
    /// The volume, in base units.
    public let volume: ExactDecimal
    /// The number of trades in the candle.
    public let tradeCount: Int

    /// Creates a candle.
    public init(
        openTimeMilliseconds: Int64, closeTimeMilliseconds: Int64, coin: Coin, interval: CandleInterval,
        open: ExactDecimal,
        close: ExactDecimal, high: ExactDecimal, low: ExactDecimal, volume: ExactDecimal, tradeCount: Int
    ) {
        self.openTimeMilliseconds = openTimeMilliseconds
        self.closeTimeMilliseconds = closeTimeMilliseconds
        self.coin = coin
        self.interval = interval
        self.open = open
        self.close = close
        self.high = high
        self.low = low
        self.volume = volume
        self.tradeCount = tradeCount
    }
}

extension Candle: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        if let candle = reader.fast({ Candle(fast: &$0) }) {
            self = candle
            return
        }
        try self.init(anyOrder: &reader)
    }

    /// `{"t":…,"T":…,"s":"…","i":"…","o":"…","c":"…","h":"…","l":"…","v":"…","n":…}`, on the fast path.
    private init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"t":"#), let openTimeMilliseconds = reader.longInteger(), reader.take(#","T":"#),
            let closeTimeMilliseconds = reader.longInteger(), reader.take(#","s":""#), let coin = reader.coin(),
            reader.take(#"","i":""#), let word = reader.shortWord(), let interval = CandleInterval(word),
            reader.take(#"","o":""#), let open = reader.decimal(before: #"","c":""#),
            let close = reader.decimal(before: #"","h":""#), let high = reader.decimal(before: #"","l":""#),
            let low = reader.decimal(before: #"","v":""#), let volume = reader.decimal(before: #"","n":"#),
            let tradeCount = reader.integer(), reader.take("}")
        else { return nil }
        self.init(
            openTimeMilliseconds: openTimeMilliseconds, closeTimeMilliseconds: closeTimeMilliseconds, coin: coin,
            interval: interval, open: open,
            close: close, high: high, low: low, volume: volume, tradeCount: Int(tradeCount))
    }

    private init(anyOrder reader: inout MessageReader) throws(DecodingFault) {
        var openTimeMilliseconds: Int64?, closeTimeMilliseconds: Int64?, coin: Coin?, interval: CandleInterval?,
            open: ExactDecimal?
        var close: ExactDecimal?, high: ExactDecimal?, low: ExactDecimal?, volume: ExactDecimal?, tradeCount: Int?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "t": openTimeMilliseconds = try reader.readInteger()
            case "T": closeTimeMilliseconds = try reader.readInteger()
            case "s": coin = try reader.readCoin()
            case "i": interval = try reader.readWord()
            case "o": open = try reader.readDecimal()
            case "c": close = try reader.readDecimal()
            case "h": high = try reader.readDecimal()
            case "l": low = try reader.readDecimal()
            case "v": volume = try reader.readDecimal()
            case "n": tradeCount = try reader.readInt()
            default: try reader.skipUnknown()
            }
        }
        self.init(
            openTimeMilliseconds: try reader.require(openTimeMilliseconds, "t", in: object),
            closeTimeMilliseconds: try reader.require(closeTimeMilliseconds, "T", in: object),
            coin: try reader.require(coin, "s", in: object), interval: try reader.require(interval, "i", in: object),
            open: try reader.require(open, "o", in: object), close: try reader.require(close, "c", in: object),
            high: try reader.require(high, "h", in: object), low: try reader.require(low, "l", in: object),
            volume: try reader.require(volume, "v", in: object),
            tradeCount: try reader.require(tradeCount, "n", in: object))
    }

    /// Writes the candle with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("t", openTimeMilliseconds)
        writer.field("T", closeTimeMilliseconds)
        writer.field("s", coin)
        writer.field("i", interval)
        writer.field("o", open)
        writer.field("c", close)
        writer.field("h", high)
        writer.field("l", low)
        writer.field("v", volume)
        writer.field("n", tradeCount)
        writer.endObject()
    }
}

/// The interval of a candle, as the venue spells it. Case matters: `1m` is a minute, `1M` a month.
///
/// Source: docs/protocol.md, "candle".
public struct CandleInterval: OpenEnumeration {
    /// The venue's word.
    public let rawValue: String

    /// Creates an interval from any word. A feed checks it before it subscribes.
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

    /// The interval of a known word; `nil` for any other. Allocates nothing, unlike `init(rawValue:)`. The longest
    /// known word has three characters.
    init?(_ word: ShortWord) {
        guard word.byteCount <= 3, let interval = Self.byWord[word.low] else { return nil }
        self = interval
    }

    /// The intervals by their characters, the first in the least significant byte.
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
