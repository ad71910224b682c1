/// What the venue tells of a spot pair or an outcome side beside its book.
///
/// Source: docs/protocol.md, "SpotCtx".
public struct SpotContext: Hashable, Sendable {
    /// The price 24 hours ago, in quote units a base unit.
    public let prevDayPrice: ExactDecimal
    /// The volume of the last 24 hours, in quote units.
    public let dayNotionalVolume: ExactDecimal
    /// The mark price, in quote units a base unit.
    public let markPrice: ExactDecimal
    /// The middle of best bid and offer, in quote units a base unit; nothing when the book is one-sided or empty.
    public let midPrice: ExactDecimal?
    /// How many base tokens circulate.
    public let circulatingSupply: ExactDecimal
    /// The coin, by the venue's interned string: contexts of spot pairs are joined by it, never by position.
    public let coin: Coin
    /// How many base tokens exist; absent in old messages.
    public let totalSupply: ExactDecimal?
    /// The volume of the last 24 hours, in base units; absent in old messages.
    public let dayBaseVolume: ExactDecimal?

    /// Makes a context.
    public init(
        prevDayPrice: ExactDecimal, dayNotionalVolume: ExactDecimal, markPrice: ExactDecimal, midPrice: ExactDecimal?,
        circulatingSupply: ExactDecimal, coin: Coin, totalSupply: ExactDecimal?, dayBaseVolume: ExactDecimal?
    ) {
        self.prevDayPrice = prevDayPrice
        self.dayNotionalVolume = dayNotionalVolume
        self.markPrice = markPrice
        self.midPrice = midPrice
        self.circulatingSupply = circulatingSupply
        self.coin = coin
        self.totalSupply = totalSupply
        self.dayBaseVolume = dayBaseVolume
    }
}

extension SpotContext: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        if let context = reader.fast({ SpotContext(fast: &$0) }) {
            self = context
            return
        }
        self = try ContextFields(from: &reader).spot(&reader)
    }

    /// `{"prevDayPx":"…","dayNtlVlm":"…",…,"totalSupply":"…","dayBaseVlm":"…"}`, straight through.
    init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"prevDayPx":""#), let prevDayPrice = reader.decimal(before: #"","dayNtlVlm":""#),
            let dayNotionalVolume = reader.decimal(before: #"","markPx":""#),
            let markPrice = reader.decimal(before: #"","midPx":"#), let midPrice = reader.decimalOrNull(),
            reader.take(#","circulatingSupply":""#),
            let circulatingSupply = reader.decimal(before: #"","coin":""#), let coin = reader.coin(),
            reader.take(#"","totalSupply":""#), let totalSupply = reader.decimal(before: #"","dayBaseVlm":""#),
            let dayBaseVolume = reader.decimal(before: #""}"#)
        else { return nil }
        self.init(
            prevDayPrice: prevDayPrice, dayNotionalVolume: dayNotionalVolume, markPrice: markPrice, midPrice: midPrice,
            circulatingSupply: circulatingSupply, coin: coin, totalSupply: totalSupply,
            dayBaseVolume: dayBaseVolume)
    }

    /// Writes the context by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("prevDayPx", prevDayPrice)
        writer.field("dayNtlVlm", dayNotionalVolume)
        writer.field("markPx", markPrice)
        writer.field(orNull: "midPx", midPrice)
        writer.field("circulatingSupply", circulatingSupply)
        writer.field("coin", coin)
        writer.field(ifPresent: "totalSupply", totalSupply)
        writer.field(ifPresent: "dayBaseVlm", dayBaseVolume)
        writer.endObject()
    }
}
