/// A liquidation.
///
/// Source: docs/protocol.md, "userEvents".
public struct Liquidation: Hashable, Sendable {
    /// Its id.
    public let liquidationID: Int64
    /// Who liquidates.
    public let liquidator: Address
    /// Who is liquidated.
    public let liquidatedUser: Address
    /// What is liquidated, in USDC.
    public let liquidatedNotional: ExactDecimal
    /// The account's value, in USDC.
    public let liquidatedAccountValue: ExactDecimal

    /// Puts the fields together.
    public init(
        liquidationID: Int64, liquidator: Address, liquidatedUser: Address, liquidatedNotional: ExactDecimal,
        liquidatedAccountValue: ExactDecimal
    ) {
        self.liquidationID = liquidationID
        self.liquidator = liquidator
        self.liquidatedUser = liquidatedUser
        self.liquidatedNotional = liquidatedNotional
        self.liquidatedAccountValue = liquidatedAccountValue
    }
}

extension Liquidation: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var liquidationID: Int64?
        var liquidator: Address?
        var liquidatedUser: Address?
        var liquidatedNotional: ExactDecimal?
        var liquidatedAccountValue: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "lid": liquidationID = try reader.readInteger()
            case "liquidator": liquidator = try reader.readAddress()
            case "liquidated_user": liquidatedUser = try reader.readAddress()
            case "liquidated_ntl_pos": liquidatedNotional = try reader.readDecimal()
            case "liquidated_account_value": liquidatedAccountValue = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.liquidationID = try reader.require(liquidationID, "lid", in: object)
        self.liquidator = try reader.require(liquidator, "liquidator", in: object)
        self.liquidatedUser = try reader.require(liquidatedUser, "liquidated_user", in: object)
        self.liquidatedNotional = try reader.require(liquidatedNotional, "liquidated_ntl_pos", in: object)
        self.liquidatedAccountValue = try reader.require(liquidatedAccountValue, "liquidated_account_value", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("lid", liquidationID)
        writer.field("liquidator", liquidator)
        writer.field("liquidated_user", liquidatedUser)
        writer.field("liquidated_ntl_pos", liquidatedNotional)
        writer.field("liquidated_account_value", liquidatedAccountValue)
        writer.endObject()
    }
}
