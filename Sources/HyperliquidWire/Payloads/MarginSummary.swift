/// Sums over an account.
///
/// Source: docs/protocol.md, "MarginSummary".
public struct MarginSummary: Hashable, Sendable {
    /// In USDC.
    public let accountValue: ExactDecimal
    /// All positions, in USDC.
    public let totalNotional: ExactDecimal
    /// In USDC; may be negative.
    public let totalRawUSD: ExactDecimal
    /// In USDC.
    public let totalMarginUsed: ExactDecimal

    /// Puts the fields together.
    public init(
        accountValue: ExactDecimal, totalNotional: ExactDecimal, totalRawUSD: ExactDecimal,
        totalMarginUsed:
            ExactDecimal
    ) {
        self.accountValue = accountValue
        self.totalNotional = totalNotional
        self.totalRawUSD = totalRawUSD
        self.totalMarginUsed = totalMarginUsed
    }
}

extension MarginSummary: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var accountValue: ExactDecimal?
        var totalNotional: ExactDecimal?
        var totalRawUSD: ExactDecimal?
        var totalMarginUsed: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "accountValue": accountValue = try reader.readDecimal()
            case "totalNtlPos": totalNotional = try reader.readDecimal()
            case "totalRawUsd": totalRawUSD = try reader.readDecimal()
            case "totalMarginUsed": totalMarginUsed = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.accountValue = try reader.require(accountValue, "accountValue", in: object)
        self.totalNotional = try reader.require(totalNotional, "totalNtlPos", in: object)
        self.totalRawUSD = try reader.require(totalRawUSD, "totalRawUsd", in: object)
        self.totalMarginUsed = try reader.require(totalMarginUsed, "totalMarginUsed", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("accountValue", accountValue)
        writer.field("totalNtlPos", totalNotional)
        writer.field("totalRawUsd", totalRawUSD)
        writer.field("totalMarginUsed", totalMarginUsed)
        writer.endObject()
    }
}
