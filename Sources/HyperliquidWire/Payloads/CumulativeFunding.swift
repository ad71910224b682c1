/// Funding that a position has paid, in USDC.
///
/// Source: docs/protocol.md, "Clearinghouse".
public struct CumulativeFunding: Hashable, Sendable {
    /// Ever, in this coin, in USDC.
    public let allTime: ExactDecimal
    /// Since it was opened, in USDC.
    public let sinceOpen: ExactDecimal
    /// Since it changed last, in USDC.
    public let sinceChange: ExactDecimal

    /// Puts the fields together.
    public init(
        allTime: ExactDecimal, sinceOpen: ExactDecimal, sinceChange: ExactDecimal
    ) {
        self.allTime = allTime
        self.sinceOpen = sinceOpen
        self.sinceChange = sinceChange
    }
}

extension CumulativeFunding: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var allTime: ExactDecimal?
        var sinceOpen: ExactDecimal?
        var sinceChange: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "allTime": allTime = try reader.readDecimal()
            case "sinceOpen": sinceOpen = try reader.readDecimal()
            case "sinceChange": sinceChange = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.allTime = try reader.require(allTime, "allTime", in: object)
        self.sinceOpen = try reader.require(sinceOpen, "sinceOpen", in: object)
        self.sinceChange = try reader.require(sinceChange, "sinceChange", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("allTime", allTime)
        writer.field("sinceOpen", sinceOpen)
        writer.field("sinceChange", sinceChange)
        writer.endObject()
    }
}
