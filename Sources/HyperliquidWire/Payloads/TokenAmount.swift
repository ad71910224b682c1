/// A token's index and an amount.
///
/// Source: docs/protocol.md, "spotState".
public struct TokenAmount: Hashable, Sendable {
    /// The token's index.
    public let token: Int
    /// The amount, in units of the token, or a ratio, as the list says.
    public let amount: ExactDecimal

    /// Puts the fields together.
    public init(token: Int, amount: ExactDecimal) {
        self.token = token
        self.amount = amount
    }
}

extension TokenAmount: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var array = try reader.beginArray()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        token = try reader.readInt()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        amount = try reader.readDecimal()
        while try reader.nextElement(&array) { try reader.skipUnknown() }
    }

    /// Writes the pair as an array.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(token)
        writer.value(amount)
        writer.endArray()
    }
}
