/// The data of a perpetual beside its book: mark price, funding, volume, open interest.
///
/// Source: docs/protocol.md, "PerpCtx".
public struct PerpContext: Hashable, Sendable {
    /// The hourly funding rate: a fraction, positive when longs pay.
    public let funding: ExactDecimal
    /// The open interest, in base units.
    public let openInterest: ExactDecimal
    /// The price 24 hours ago, in quote units per base unit.
    public let prevDayPrice: ExactDecimal
    /// The volume of the last 24 hours, in quote units.
    public let dayNotionalVolume: ExactDecimal
    /// The premium over the oracle price, as a fraction; `nil` without a book.
    public let premium: ExactDecimal?
    /// The oracle's price, in quote units per base unit.
    public let oraclePrice: ExactDecimal
    /// The mark price, in quote units per base unit.
    public let markPrice: ExactDecimal
    /// The middle of best bid and offer, in quote units per base unit; `nil` if the book is one-sided or empty.
    public let midPrice: ExactDecimal?
    /// The average prices of large market orders; `nil` without a book.
    public let impactPrices: ImpactPrices?
    /// The volume of the last 24 hours, in base units; absent in old messages.
    public let dayBaseVolume: ExactDecimal?

    /// The average prices of large market orders.
    public struct ImpactPrices: Hashable, Sendable {
        /// The price that a seller gets, in quote units per base unit.
        public let bid: ExactDecimal
        /// The price that a buyer pays, in quote units per base unit.
        public let ask: ExactDecimal

        /// Creates a pair.
        public init(bid: ExactDecimal, ask: ExactDecimal) {
            self.bid = bid
            self.ask = ask
        }
    }

    /// Creates a context.
    public init(
        funding: ExactDecimal, openInterest: ExactDecimal, prevDayPrice: ExactDecimal, dayNotionalVolume: ExactDecimal,
        premium: ExactDecimal?, oraclePrice: ExactDecimal, markPrice: ExactDecimal, midPrice: ExactDecimal?,
        impactPrices: ImpactPrices?, dayBaseVolume: ExactDecimal?
    ) {
        self.funding = funding
        self.openInterest = openInterest
        self.prevDayPrice = prevDayPrice
        self.dayNotionalVolume = dayNotionalVolume
        self.premium = premium
        self.oraclePrice = oraclePrice
        self.markPrice = markPrice
        self.midPrice = midPrice
        self.impactPrices = impactPrices
        self.dayBaseVolume = dayBaseVolume
    }
}

extension PerpContext: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        if let context = reader.fast({ PerpContext(fast: &$0) }) {
            self = context
            return
        }
        self = try ContextFields(from: &reader).perp(&reader)
    }

    /// `{"funding":"…","openInterest":"…",…,"impactPxs":[…],"dayBaseVlm":"…"}`, on the fast path.
    init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"funding":""#), let funding = reader.decimal(before: #"","openInterest":""#),
            let openInterest = reader.decimal(before: #"","prevDayPx":""#),
            let prevDayPrice = reader.decimal(before: #"","dayNtlVlm":""#),
            let dayNotionalVolume = reader.decimal(before: #"","premium":"#),
            let premium = reader.decimalOrNull(), reader.take(#","oraclePx":""#),
            let oraclePrice = reader.decimal(before: #"","markPx":""#),
            let markPrice = reader.decimal(before: #"","midPx":"#), let midPrice = reader.decimalOrNull(),
            reader.take(#","impactPxs":"#)
        else { return nil }
        var impactPrices: ImpactPrices?
        if !reader.take("null") {
            guard reader.take(#"[""#), let bid = reader.decimal(before: #"",""#),
                let ask = reader.decimal(before: #""]"#)
            else { return nil }
            impactPrices = ImpactPrices(bid: bid, ask: ask)
        }
        guard reader.take(#","dayBaseVlm":""#), let dayBaseVolume = reader.decimal(before: #""}"#) else {
            return nil
        }
        self.init(
            funding: funding, openInterest: openInterest, prevDayPrice: prevDayPrice,
            dayNotionalVolume: dayNotionalVolume, premium: premium, oraclePrice: oraclePrice, markPrice: markPrice,
            midPrice: midPrice, impactPrices: impactPrices, dayBaseVolume: dayBaseVolume)
    }

    /// Writes the context with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("funding", funding)
        writer.field("openInterest", openInterest)
        writer.field("prevDayPx", prevDayPrice)
        writer.field("dayNtlVlm", dayNotionalVolume)
        writer.field(orNull: "premium", premium)
        writer.field("oraclePx", oraclePrice)
        writer.field("markPx", markPrice)
        writer.field(orNull: "midPx", midPrice)
        writer.field(orNull: "impactPxs", impactPrices)
        writer.field(ifPresent: "dayBaseVlm", dayBaseVolume)
        writer.endObject()
    }
}

extension PerpContext.ImpactPrices: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var prices: [ExactDecimal] = []
        var array = try reader.beginArray()
        while try reader.nextElement(&array) {
            if prices.count < 2 { prices.append(try reader.readDecimal()) } else { try reader.skipUnknown() }
        }
        guard prices.count == 2 else {
            throw DecodingFault(.missingField, at: array.start, field: "impactPxs[\(prices.count)]")
        }
        self.init(bid: prices[0], ask: prices[1])
    }

    /// Writes `[bid,ask]`.
    public func write(to writer: inout JSONWriter) { writer.array([bid, ask]) }
}
