/// A field that this version does not know, kept as it came.
public struct RawField: Hashable, Sendable {
    /// The venue's name of the field.
    public let name: String
    /// Its value, one JSON value in UTF-8.
    public let value: RawMessage

    /// Makes a field.
    public init(name: String, value: RawMessage) {
        self.name = name
        self.value = value
    }

    /// Reads the value of the field `key` and counts it as unknown.
    init(_ key: FieldKey, from reader: inout MessageReader) throws(DecodingFault) {
        reader.unknownCount += 1
        self.init(name: key.text, value: RawMessage(bytes: try reader.readRaw()))
    }
}
