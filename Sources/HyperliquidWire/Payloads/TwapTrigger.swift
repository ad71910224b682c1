/// The price at which a TWAP order starts.
///
/// Source: docs/protocol.md, "TwapState".
public struct TwapTrigger: Hashable, Sendable {
    /// The price, in quote units a base unit.
    public let price: ExactDecimal
    /// Whether it starts above that price, else below it.
    public let isAbove: Bool

    /// Puts the fields together.
    public init(
        price: ExactDecimal, isAbove: Bool
    ) {
        self.price = price
        self.isAbove = isAbove
    }
}

extension TwapTrigger: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var price: ExactDecimal?
        var isAbove: Bool?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "px": price = try reader.readDecimal()
            case "above": isAbove = try reader.readBoolean()
            default: try reader.skipUnknown()
            }
        }
        self.price = try reader.require(price, "px", in: object)
        self.isAbove = try reader.require(isAbove, "above", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("px", price)
        writer.field("above", isAbove)
        writer.endObject()
    }
}
