/// The leverage of a position.
///
/// Source: docs/protocol.md, "Leverage".
public struct Leverage: Hashable, Sendable {
    /// `cross` or `isolated`; an open set.
    public let type: String
    /// How many times the margin.
    public let value: Int
    /// The margin of an isolated position, in USDC; may be negative.
    public let rawUSD: ExactDecimal?

    /// Puts the fields together.
    public init(
        type: String, value: Int, rawUSD: ExactDecimal? = nil
    ) {
        self.type = type
        self.value = value
        self.rawUSD = rawUSD
    }
}

extension Leverage: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var type: String?
        var value: Int?
        var rawUSD: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "type": type = try reader.readString()
            case "value": value = try reader.readInt()
            case "rawUsd": rawUSD = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            default: try reader.skipUnknown()
            }
        }
        self.type = try reader.require(type, "type", in: object)
        self.value = try reader.require(value, "value", in: object)
        self.rawUSD = rawUSD
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        writer.field("value", value)
        writer.field(ifPresent: "rawUsd", rawUSD)
        writer.endObject()
    }
}
