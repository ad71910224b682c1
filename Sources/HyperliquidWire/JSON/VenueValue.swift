/// A value that the venue sends: an event, a row of one, or a part of a row.
///
/// It is read and written with the venue's field names, also by `Codable` coders such as Foundation's `JSONEncoder`. A
/// field that this version does not know is lost unless its type keeps it. A coder does not keep the order of an object's
/// fields, which matters only where raw JSON is kept.
public protocol VenueValue: JSONWritable, Codable, Hashable, Sendable, CustomStringConvertible,
    CustomDebugStringConvertible
{
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    init(from reader: inout MessageReader) throws(DecodingFault)
}

extension VenueValue {
    /// Reads the value from its JSON text.
    /// - Parameter json: One JSON value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read, or if something follows the value.
    public init(json: String) throws(DecodingFault) { try self.init(json: Array(json.utf8)) }

    init(json: [UInt8]) throws(DecodingFault) { try self.init(ContiguousArray(json).span) }

    private init(_ json: Span<UInt8>) throws(DecodingFault) {
        var reader = MessageReader(json)
        do throws(DecodingFault) {
            self = try Self(from: &reader)
            try reader.requireEnd()
        } catch {
            throw reader.located(error)
        }
    }

    /// The value as compact JSON with the venue's field names.
    public var json: String { String(decoding: jsonBytes, as: UTF8.self) }

    /// Decodes the value, encoded as the venue writes it.
    public init(from decoder: any Decoder) throws {
        let tree = try JSONTree(from: decoder)
        do throws(DecodingFault) {
            try self.init(json: tree.jsonBytes)
        } catch {
            throw DecodingError.dataCorrupted(
                DecodingError.Context(
                    codingPath: decoder.codingPath, debugDescription: "\(error)", underlyingError: error)
            )
        }
    }

    /// Encodes the value as the venue writes it.
    public func encode(to encoder: any Encoder) throws { try JSONTree(json: jsonBytes).encode(to: encoder) }

    /// The type and the value as JSON in one line, cut off after 200 characters.
    public var description: String { "\(Self.self) \(json.cut)" }

    /// The type and the whole value as JSON.
    public var debugDescription: String { "\(Self.self) \(json)" }
}

extension JSONWritable {
    /// The value as compact JSON in UTF-8.
    var jsonBytes: [UInt8] {
        var writer = JSONWriter()
        write(to: &writer)
        return writer.bytes
    }
}

extension String {
    /// The text, cut off after 200 characters with a mark.
    var cut: String { count > 200 ? prefix(200) + "…" : self }
}

extension Array: VenueValue where Element: VenueValue {
    /// Reads an array.
    /// - Throws: ``DecodingFault`` if an element cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        self = try reader.readArray { (reader) throws(DecodingFault) in try Element(from: &reader) }
    }
}

/// A value that is a list of rows, and a collection of them.
public protocol VenueList: RandomAccessCollection where Index == Int {
    /// The rows, in the venue's order.
    var elements: [Element] { get }
}

extension VenueList {
    /// Always 0.
    public var startIndex: Int { 0 }
    /// The number of rows.
    public var endIndex: Int { elements.count }
    /// The row at `position`.
    public subscript(position: Int) -> Element { elements[position] }
}
