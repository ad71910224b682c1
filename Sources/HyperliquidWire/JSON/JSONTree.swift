/// Any JSON value, in the form in which it is passed to and taken from `Codable` coders.
enum JSONTree: Hashable, Sendable, JSONWritable {
    case null
    case boolean(Bool)
    case integer(Int64)
    /// A number with a fraction or an exponent.
    case number(Double)
    case string(String)
    case array([JSONTree])
    case object([String: JSONTree])

    /// Parses a text that is one JSON value.
    init(json: [UInt8]) throws(DecodingFault) {
        let span = json.span
        var reader = MessageReader(span)
        try self.init(from: &reader)
    }

    private init(from reader: inout MessageReader) throws(DecodingFault) {
        switch reader.peekType() {
        case .object:
            var fields: [String: JSONTree] = [:]
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) { fields[key.text] = try JSONTree(from: &reader) }
            self = .object(fields)
        case .array:
            self = .array(try reader.readArray { (reader) throws(DecodingFault) in try JSONTree(from: &reader) })
        case .string: self = .string(try reader.readString())
        case .boolean: self = .boolean(try reader.readBoolean())
        case .number:
            let text = String(decoding: try reader.readRaw(), as: UTF8.self)
            self = Int64(text).map { .integer($0) } ?? .number(Double(text) ?? 0)
        case .null, nil:
            _ = try reader.readRaw()
            self = .null
        }
    }

    func write(to writer: inout JSONWriter) {
        switch self {
        case .null: writer.null()
        case .boolean(let flag): writer.value(flag)
        case .integer(let number): writer.value(number)
        case .number(let number): writer.value(number)
        case .string(let text): writer.value(text)
        case .array(let elements): writer.array(elements)
        case .object(let fields):
            writer.beginObject()
            for (name, value) in fields { writer.field(name, value) }
            writer.endObject()
        }
    }
}

extension JSONTree: Codable {
    private struct Key: CodingKey {
        let stringValue: String
        var intValue: Int? { nil }
        init(stringValue: String) { self.stringValue = stringValue }
        init?(intValue: Int) { nil }
    }

    init(from decoder: any Decoder) throws {
        if let object = try? decoder.container(keyedBy: Key.self) {
            var fields: [String: JSONTree] = [:]
            for key in object.allKeys { fields[key.stringValue] = try object.decode(JSONTree.self, forKey: key) }
            self = .object(fields)
        } else if var array = try? decoder.unkeyedContainer() {
            var elements: [JSONTree] = []
            while !array.isAtEnd { elements.append(try array.decode(JSONTree.self)) }
            self = .array(elements)
        } else {
            self = try JSONTree(scalar: try decoder.singleValueContainer())
        }
    }

    private init(scalar: any SingleValueDecodingContainer) throws {
        if scalar.decodeNil() {
            self = .null
        } else if let flag = try? scalar.decode(Bool.self) {
            self = .boolean(flag)
        } else if let number = try? scalar.decode(Int64.self) {
            self = .integer(number)
        } else if let number = try? scalar.decode(Double.self) {
            self = .number(number)
        } else {
            self = .string(try scalar.decode(String.self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        switch self {
        case .object(let fields):
            var container = encoder.container(keyedBy: Key.self)
            for (name, value) in fields { try container.encode(value, forKey: Key(stringValue: name)) }
        case .array(let elements):
            var container = encoder.unkeyedContainer()
            for element in elements { try container.encode(element) }
        case .null, .boolean, .integer, .number, .string:
            var container = encoder.singleValueContainer()
            switch self {
            case .boolean(let flag): try container.encode(flag)
            case .integer(let number): try container.encode(number)
            case .number(let number): try container.encode(number)
            case .string(let text): try container.encode(text)
            case .null, .array, .object: try container.encodeNil()
            }
        }
    }
}
