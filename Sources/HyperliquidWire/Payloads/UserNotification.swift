/// A short text for a user, without a time or the user's address.
///
/// Source: docs/protocol.md, "notification".
public struct UserNotification: Hashable, Sendable {
    /// The venue's words, for example of a fill.
    public let text: String

    /// Puts the fields together.
    public init(
        text: String
    ) {
        self.text = text
    }
}

extension UserNotification: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var text: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "notification": text = try reader.readString()
            default: try reader.skipUnknown()
            }
        }
        self.text = try reader.require(text, "notification", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("notification", text)
        writer.endObject()
    }
}
