/// What a coin's price did in one interval, so far or in all.
///
/// Source: docs/protocol.md, "candle".
public struct Candle: Hashable, Sendable {
    /// When it opened, by the venue's clock: milliseconds since 1970.
    public let openTimeMilliseconds: Int64
    /// Its last millisecond: the next candle opens one later.
    public let closeTimeMilliseconds: Int64
    /// The coin, by the venue's interned string.
    public let coin: Coin
    /// How long it lasts.
    public let interval: CandleInterval
    /// The first price, in quote units a base unit.
    public let open: ExactDecimal
    /// The last price, in quote units a base unit.
    public let close: ExactDecimal
    /// The highest price, in quote units a base unit.
    public let high: ExactDecimal
    /// The lowest price, in quote units a base unit.
    public let low: ExactDecimal
    /// The volume, in base units.
    public let volume: ExactDecimal
    /// How many trades it adds up.
    public let tradeCount: Int

    /// Makes a candle.
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

extension Candle: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        if let candle = reader.fast({ Candle(fast: &$0) }) {
            self = candle
            return
        }
        try self.init(anyOrder: &reader)
    }

    /// `{"t":…,"T":…,"s":"…","i":"…","o":"…","c":"…","h":"…","l":"…","v":"…","n":…}`, straight through.
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

    /// Writes the candle by the venue's field names.
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
