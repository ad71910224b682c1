/// The fields of a perpetual's or a spot pair's context, before it is known which of them it is.
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
            case "premium": premium = try Self.readOptional(&reader)
            case "oraclePx": oraclePrice = try reader.readDecimal()
            case "markPx": markPrice = try reader.readDecimal()
            case "midPx": midPrice = try Self.readOptional(&reader)
            case "impactPxs":
                impactPrices = try reader.readNullable { (reader) throws(DecodingFault) in
                    try PerpContext.ImpactPrices(from: &reader)
                }
            case "dayBaseVlm": dayBaseVolume = try Self.readOptional(&reader)
            case "coin": coin = try reader.readCoin()
            case "circulatingSupply": circulatingSupply = try reader.readDecimal()
            case "totalSupply": totalSupply = try Self.readOptional(&reader)
            default: try reader.skipUnknown()
            }
        }
    }

    private static func readOptional(_ reader: inout MessageReader) throws(DecodingFault) -> ExactDecimal? {
        try reader.readNullable { (reader) throws(DecodingFault) in try reader.readDecimal() }
    }

    /// Whether it has what only a spot pair's context has.
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
