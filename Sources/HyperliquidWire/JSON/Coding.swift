/// A value that the venue writes as one string, and that coders encode so.
protocol WordCodable: Codable {
    var word: String { get }
    /// `nil` if the word is none of this kind.
    init?(word: String)
}

extension WordCodable {
    /// Decodes the string.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let word = try container.decode(String.self)
        guard let value = Self(word: word) else {
            throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(word)' is no \(Self.self)")
        }
        self = value
    }

    /// Encodes the string.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(word)
    }
}

extension Coin: WordCodable {
    var word: String { name }
    init?(word: String) { self.init(word) }
}

extension Address: WordCodable {
    var word: String { description }
    init?(word: String) {
        guard let address = try? Address(word) else { return nil }
        self = address
    }
}

extension TransactionHash: WordCodable {
    var word: String { description }
    init?(word: String) { self.init(word) }
}

extension ExactDecimal: Codable {
    /// Decodes a string, as the venue writes decimals, or a number.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text =
            if let text = try? container.decode(String.self) {
                text
            } else if let integer = try? container.decode(Int64.self) {
                "\(integer)"
            } else {
                "\(try container.decode(Double.self))"
            }
        guard let value = ExactDecimal(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "'\(text)' is no decimal of up to \(Self.maximumDigitCount) digits")
        }
        self = value
    }

    /// Encodes the number as a string, as the venue does.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}

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
    init(json: [UInt8]) throws(DecodingFault) { try self.init(ContiguousArray(json).span) }

    private init(_ json: Span<UInt8>) throws(DecodingFault) {
        var reader = MessageReader(json)
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
