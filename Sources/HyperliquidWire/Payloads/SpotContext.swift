/// The data of a spot pair or an outcome side beside its book: mark price, volume, supply.
///
/// Source: docs/protocol.md, "SpotCtx".
public struct SpotContext: Hashable, Sendable {
    /// The price 24 hours ago, in quote units per base unit.
    public let prevDayPrice: ExactDecimal
    /// The volume of the last 24 hours, in quote units.
    public let dayNotionalVolume: ExactDecimal
    /// The mark price, in quote units per base unit.
    public let markPrice: ExactDecimal
    /// The middle of best bid and offer, in quote units per base unit; `nil` if the book is one-sided or empty.
    public let midPrice: ExactDecimal?
    /// The number of base tokens in circulation.
    public let circulatingSupply: ExactDecimal
    /// The coin, as the venue spells it. Contexts of spot pairs are found by it, never by their index.
    public let coin: Coin
    /// The number of base tokens that exist; absent in old messages.
    public let totalSupply: ExactDecimal?
    /// The volume of the last 24 hours, in base units; absent in old messages.
    public let dayBaseVolume: ExactDecimal?

    /// Creates a context.
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

extension SpotContext: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        if let context = reader.fast({ SpotContext(fast: &$0) }) {
            self = context
            return
        }
        self = try ContextFields(from: &reader).spot(&reader)
    }

    /// `{"prevDayPx":"…","dayNtlVlm":"…",…,"totalSupply":"…","dayBaseVlm":"…"}`, on the fast path.
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

    /// Writes the context with the venue's field names.
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

/// The fields of a context before it is known whether a perpetual or a spot pair has them.
struct ContextFields {
    private let container: JSONContainer
    private var funding: ExactDecimal?
    private var openInterest: ExactDecimal?
    private var prevDayPrice: ExactDecimal?
    private var dayNotionalVolume: ExactDecimal?
    private var premium: ExactDecimal?
    private var oraclePrice: ExactDecimal?
    private var markPrice: ExactDecimal?
    private var midPrice: ExactDecimal?
    private var impactPrices: PerpContext.ImpactPrices?
    private var dayBaseVolume: ExactDecimal?
    private var coin: Coin?
    private var circulatingSupply: ExactDecimal?
    private var totalSupply: ExactDecimal?

    init(from reader: inout MessageReader) throws(DecodingFault) {
        var object = try reader.beginObject()
        container = object
        while let key = try reader.nextKey(&object) {
            switch key {
            case "funding": funding = try reader.readDecimal()
            case "openInterest": openInterest = try reader.readDecimal()
            case "prevDayPx": prevDayPrice = try reader.readDecimal()
            case "dayNtlVlm": dayNotionalVolume = try reader.readDecimal()
            case "premium": premium = try Self.readNullableDecimal(&reader)
            case "oraclePx": oraclePrice = try reader.readDecimal()
            case "markPx": markPrice = try reader.readDecimal()
            case "midPx": midPrice = try Self.readNullableDecimal(&reader)
            case "impactPxs":
                impactPrices = try reader.readNullable { (reader) throws(DecodingFault) in
                    try PerpContext.ImpactPrices(from: &reader)
                }
            case "dayBaseVlm": dayBaseVolume = try Self.readNullableDecimal(&reader)
            case "coin": coin = try reader.readCoin()
            case "circulatingSupply": circulatingSupply = try reader.readDecimal()
            case "totalSupply": totalSupply = try Self.readNullableDecimal(&reader)
            default: try reader.skipUnknown()
            }
        }
    }

    private static func readNullableDecimal(_ reader: inout MessageReader) throws(DecodingFault) -> ExactDecimal? {
        try reader.readNullable { (reader) throws(DecodingFault) in try reader.readDecimal() }
    }

    /// Whether a field was present that only contexts of spot pairs have.
    var isSpot: Bool { circulatingSupply != nil }

    func perp(_ reader: inout MessageReader) throws(DecodingFault) -> PerpContext {
        PerpContext(
            funding: try reader.require(funding, "funding", in: container),
            openInterest: try reader.require(openInterest, "openInterest", in: container),
            prevDayPrice: try reader.require(prevDayPrice, "prevDayPx", in: container),
            dayNotionalVolume: try reader.require(dayNotionalVolume, "dayNtlVlm", in: container), premium: premium,
            oraclePrice: try reader.require(oraclePrice, "oraclePx", in: container),
            markPrice: try reader.require(markPrice, "markPx", in: container), midPrice: midPrice,
            impactPrices: impactPrices, dayBaseVolume: dayBaseVolume)
    }

    func spot(_ reader: inout MessageReader) throws(DecodingFault) -> SpotContext {
        SpotContext(
            prevDayPrice: try reader.require(prevDayPrice, "prevDayPx", in: container),
            dayNotionalVolume: try reader.require(dayNotionalVolume, "dayNtlVlm", in: container),
            markPrice: try reader.require(markPrice, "markPx", in: container), midPrice: midPrice,
            circulatingSupply: try reader.require(circulatingSupply, "circulatingSupply", in: container),
            coin: try reader.require(coin, "coin", in: container), totalSupply: totalSupply,
            dayBaseVolume: dayBaseVolume)
    }
}
