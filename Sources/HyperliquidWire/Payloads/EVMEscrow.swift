/// What is held of a token for the EVM.
///
/// Source: docs/protocol.md, "spotState".
public struct EVMEscrow: Hashable, Sendable {
    /// The token's name.
    public let coin: String
    /// The token's index.
    public let token: Int
    /// In the token's units.
    public let total: ExactDecimal

    /// Puts the fields together.
    public init(
        coin: String, token: Int, total: ExactDecimal
    ) {
        self.coin = coin
        self.token = token
        self.total = total
    }
}

extension EVMEscrow: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: String?
        var token: Int?
        var total: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readString()
            case "token": token = try reader.readInt()
            case "total": total = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.token = try reader.require(token, "token", in: object)
        self.total = try reader.require(total, "total", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("token", token)
        writer.field("total", total)
        writer.endObject()
    }
}
