/// One dex in a ``WebData3``.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3DexState: Hashable, Sendable {
    /// What the user has in vaults, in USDC.
    public let totalVaultEquity: ExactDecimal
    /// Coins whose open interest has reached its cap.
    public let perpsAtOpenInterestCap: [Coin]?
    /// Vaults that the user leads.
    public let leadingVaults: [WebData3Vault]?

    /// Puts the fields together.
    public init(
        totalVaultEquity: ExactDecimal, perpsAtOpenInterestCap: [Coin]? = nil,
        leadingVaults: [WebData3Vault]? =
            nil
    ) {
        self.totalVaultEquity = totalVaultEquity
        self.perpsAtOpenInterestCap = perpsAtOpenInterestCap
        self.leadingVaults = leadingVaults
    }
}

extension WebData3DexState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var totalVaultEquity: ExactDecimal?
        var perpsAtOpenInterestCap: [Coin]?
        var leadingVaults: [WebData3Vault]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "totalVaultEquity": totalVaultEquity = try reader.readDecimal()
            case "perpsAtOpenInterestCap":
                perpsAtOpenInterestCap = try reader.readOptional { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try r.readCoin() }
                }
            case "leadingVaults":
                leadingVaults = try reader.readOptional { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try WebData3Vault(from: &r) }
                }
            default: try reader.skipUnknown()
            }
        }
        self.totalVaultEquity = try reader.require(totalVaultEquity, "totalVaultEquity", in: object)
        self.perpsAtOpenInterestCap = perpsAtOpenInterestCap
        self.leadingVaults = leadingVaults
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("totalVaultEquity", totalVaultEquity)
        writer.field(ifPresent: "perpsAtOpenInterestCap", perpsAtOpenInterestCap)
        writer.field(ifPresent: "leadingVaults", leadingVaults)
        writer.endObject()
    }
}
