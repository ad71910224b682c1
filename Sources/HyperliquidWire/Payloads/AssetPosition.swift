/// A position and its mode.
///
/// Source: docs/protocol.md, "Clearinghouse".
public struct AssetPosition: Hashable, Sendable {
    /// `oneWay`; an open set.
    public let type: String
    /// The position.
    public let position: Position

    /// Puts the fields together.
    public init(
        type: String, position: Position
    ) {
        self.type = type
        self.position = position
    }
}

extension AssetPosition: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var type: String?
        var position: Position?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "type": type = try reader.readString()
            case "position": position = try Position(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        self.type = try reader.require(type, "type", in: object)
        self.position = try reader.require(position, "position", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        writer.field("position", position)
        writer.endObject()
    }
}
