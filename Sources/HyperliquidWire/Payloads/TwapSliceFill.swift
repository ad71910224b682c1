/// A fill by a slice of a TWAP order.
///
/// Source: docs/protocol.md, "userTwapSliceFills".
public struct TwapSliceFill: Hashable, Sendable {
    /// The fill.
    public let fill: Fill
    /// The TWAP order.
    public let twapID: Int64

    /// Puts the fields together.
    public init(
        fill: Fill, twapID: Int64
    ) {
        self.fill = fill
        self.twapID = twapID
    }
}

extension TwapSliceFill: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var fill: Fill?
        var twapID: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "fill": fill = try Fill(from: &reader)
            case "twapId": twapID = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.fill = try reader.require(fill, "fill", in: object)
        self.twapID = try reader.require(twapID, "twapId", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("fill", fill)
        writer.field("twapId", twapID)
        writer.endObject()
    }
}

extension TwapSliceFill: UserRow {
    /// `twapSliceFills`
    public static var listName: String { "twapSliceFills" }
}
