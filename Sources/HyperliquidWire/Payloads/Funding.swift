/// One funding payment.
///
/// Source: docs/protocol.md, "userFundings".
public struct Funding: Hashable, Sendable {
    /// When, by the venue's clock: milliseconds since 1970.
    public var time: Int64
    /// The coin.
    public var coin: Coin
    /// What was paid, in USDC; negative when the user paid.
    public var amount: ExactDecimal
    /// The position, in base units; negative when short.
    public var positionSize: ExactDecimal
    /// The hourly rate, as a fraction.
    public var fundingRate: ExactDecimal
    /// How many samples made the rate, where the venue says.
    public var sampleCount: Int?

    /// Puts the fields together.
    package init(
        time: Int64, coin: Coin, amount: ExactDecimal, positionSize: ExactDecimal, fundingRate: ExactDecimal,
        sampleCount: Int? = nil
    ) {
        self.time = time
        self.coin = coin
        self.amount = amount
        self.positionSize = positionSize
        self.fundingRate = fundingRate
        self.sampleCount = sampleCount
    }

    /// What tells one row from another.
    public struct RowKey: ReplayKey {
        let time: Int64
        let coin: Coin
    }

    var key: RowKey { RowKey(time: time, coin: coin) }
}

extension Funding: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var time: Int64?
        var coin: Coin?
        var amount: ExactDecimal?
        var positionSize: ExactDecimal?
        var fundingRate: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "time": time = try reader.readInteger()
            case "coin": coin = try reader.readCoin()
            case "usdc": amount = try reader.readDecimal()
            case "szi": positionSize = try reader.readDecimal()
            case "fundingRate": fundingRate = try reader.readDecimal()
            case "nSamples": sampleCount = try reader.readOptional { (r) throws(DecodingFault) in try r.readInt() }
            default: try reader.skipUnknown()
            }
        }
        self.time = try reader.require(time, "time", in: object)
        self.coin = try reader.require(coin, "coin", in: object)
        self.amount = try reader.require(amount, "usdc", in: object)
        self.positionSize = try reader.require(positionSize, "szi", in: object)
        self.fundingRate = try reader.require(fundingRate, "fundingRate", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("time", time)
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
}
