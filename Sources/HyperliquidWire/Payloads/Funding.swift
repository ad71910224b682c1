/// One funding payment.
///
/// Source: docs/protocol.md, "userFundings".
public struct Funding: Hashable, Sendable {
    /// The time of the payment, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The coin.
    public let coin: Coin
    /// The amount, in USDC; negative if the user paid.
    public let amount: ExactDecimal
    /// The size of the position, in base units; negative if short.
    public let positionSize: ExactDecimal
    /// The hourly funding rate, as a fraction.
    public let fundingRate: ExactDecimal
    /// The number of samples behind the rate, if the venue states it.
    public let sampleCount: Int?

    /// Creates a funding payment.
    public init(
        timeMilliseconds: Int64, coin: Coin, amount: ExactDecimal, positionSize: ExactDecimal,
        fundingRate: ExactDecimal,
        sampleCount: Int? = nil
    ) {
        self.timeMilliseconds = timeMilliseconds
        self.coin = coin
        self.amount = amount
        self.positionSize = positionSize
        self.fundingRate = fundingRate
        self.sampleCount = sampleCount
    }

    /// Distinguishes one payment from another.
    public struct RowKey: ReplayKey {
        let timeMilliseconds: Int64
        let coin: Coin
    }

    /// The key of this payment.
    public var rowKey: RowKey { RowKey(timeMilliseconds: timeMilliseconds, coin: coin) }
}

extension Funding: VenueValue {
    /// Reads a payment, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var timeMilliseconds: Int64?
        var coin: Coin?
        var amount: ExactDecimal?
        var positionSize: ExactDecimal?
        var fundingRate: ExactDecimal?
        var sampleCount: Int?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "time": timeMilliseconds = try reader.readInteger()
            case "coin": coin = try reader.readCoin()
            case "usdc": amount = try reader.readDecimal()
            case "szi": positionSize = try reader.readDecimal()
            case "fundingRate": fundingRate = try reader.readDecimal()
            case "nSamples": sampleCount = try reader.readNullable { (r) throws(DecodingFault) in try r.readInt() }
            default: try reader.skipUnknown()
            }
        }
        self.timeMilliseconds = try reader.require(timeMilliseconds, "time", in: object)
        self.coin = try reader.require(coin, "coin", in: object)
        self.amount = try reader.require(amount, "usdc", in: object)
        self.positionSize = try reader.require(positionSize, "szi", in: object)
        self.fundingRate = try reader.require(fundingRate, "fundingRate", in: object)
        self.sampleCount = sampleCount
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", timeMilliseconds)
        writer.field("coin", coin)
        writer.field("usdc", amount)
        writer.field("szi", positionSize)
        writer.field("fundingRate", fundingRate)
        writer.field(orNull: "nSamples", sampleCount)
        writer.endObject()
    }
}

extension Funding: UserRow {
    /// `fundings`
    public static var listName: String { "fundings" }

    /// The time of the payment, by the venue's clock: milliseconds since 1970.
    public var rowTimeMilliseconds: Int64 { timeMilliseconds }
}
