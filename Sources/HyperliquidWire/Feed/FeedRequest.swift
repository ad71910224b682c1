/// The request for a feed in canonical form, which is the feed's identity.
///
/// Values that the venue treats as absent (`null`, `false`, `""`) are left out, users are in lower case, and fields
/// are in a fixed order, so that two feeds with the same meaning have equal requests (docs/protocol.md,
/// "Acknowledgements": the acknowledgement is normalised; `{"type":"l2Book","coin":"ETH"}` and the same with
/// `"nSigFigs":null` are the same subscription).
public struct FeedRequest: Hashable, Comparable, Sendable, CustomStringConvertible {
    /// The value of a field.
    public enum Value: Hashable, Sendable, ExpressibleByStringLiteral {
        /// A JSON string.
        case string(String)
        /// A JSON integer.
        case integer(Int64)
        /// A JSON Boolean.
        case boolean(Bool)
        /// JSON null: the same as leaving out the field.
        case null

        /// A JSON string.
        public init(stringLiteral value: String) { self = .string(value) }

        var isDefault: Bool {
            switch self {
            case .string(let text): text.isEmpty
            case .integer: false
            case .boolean(let flag): !flag
            case .null: true
            }
        }
    }

    /// One field beside `type`.
    public struct Field: Hashable, Sendable {
        /// The venue's name of the field.
        public let name: String
        /// The value of the field.
        public let value: Value
    }

    /// The hash of the request, computed once because a client looks up each request many times.
    private let digest: UInt64
    /// The venue's name of the subscription type, for example `l2Book`.
    public let type: String
    /// The fields beside `type`, without defaults: `coin` first, then `user`, then by name.
    public let fields: [Field]

    /// Creates the canonical request of `type` with `fields`. If a name is given twice, the later field is used.
    public init(type: String, fields: [(String, Value)] = []) {
        self.type = type
        self.fields = Self.canonical(fields)
        digest = Self.digest(type, self.fields)
    }

    /// Returns the last value of each name, in order, without defaults. Each field is compared with all others, because
    /// there are only a few.
    private static func canonical(_ given: [(String, Value)]) -> [Field] {
        var fields: [Field] = []
        for (position, (name, value)) in given.enumerated() {
            let value = normalised(value, of: name)
            guard !value.isDefault, !given[(position + 1)...].contains(where: { $0.0 == name }) else { continue }
            let index = fields.firstIndex { precedes(name, $0.name) } ?? fields.endIndex
            fields.insert(Field(name: name, value: value), at: index)
        }
        return fields
    }

    private static func precedes(_ name: String, _ other: String) -> Bool {
        let (rank, otherRank) = (rank(name), rank(other))
        return rank == otherRank ? name < other : rank < otherRank
    }

    /// The hash of the request. The texts come from the program that uses the client, so nobody chooses them to cause
    /// collisions.
    private static func digest(_ type: String, _ fields: [Field]) -> UInt64 {
        var digest = FNV1a()
        digest.mix(type)
        for field in fields {
            digest.mix(0x1_00)
            digest.mix(field.name)
            switch field.value {
            case .string(let text): digest.mix(text)
            case .integer(let number): digest.mix(UInt64(bitPattern: number))
            case .boolean, .null: break
            }
        }
        return digest.value
    }

    /// Hashes the request.
    public func hash(into hasher: inout Hasher) { hasher.combine(digest) }

    private static func normalised(_ value: Value, of name: String) -> Value {
        guard name == "user", case .string(let text) = value else { return value }
        return .string(text.lowercased())
    }

    private static func rank(_ name: String) -> Int {
        name == "coin" ? 0 : name == "user" ? 1 : 2
    }

    /// The value of a field; `nil` if it has its default.
    public subscript(_ name: String) -> Value? {
        fields.first { $0.name == name }?.value
    }

    /// The text of a string field; empty if it has its default.
    public func text(_ name: String) -> String {
        guard case .string(let text) = self[name] else { return "" }
        return text
    }

    /// The user of the feed, in lower case; `nil` if it has none.
    public var user: String? {
        guard case .string(let text) = self["user"] else { return nil }
        return text
    }

    /// Returns whether `echo` acknowledges this request, which means that it contains every field of it.
    ///
    /// The venue's echo may have fields that this version does not know. It always has those that the venue
    /// understood.
    public func isEchoed(by echo: FeedRequest) -> Bool {
        type == echo.type && fields.allSatisfy { echo[$0.name] == $0.value }
    }

    /// Orders by the request's JSON text.
    public static func < (lhs: FeedRequest, rhs: FeedRequest) -> Bool { lhs.description < rhs.description }

    /// The request as JSON.
    public var description: String {
        var writer = JSONWriter()
        write(to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}

extension FeedRequest: JSONWritable {
    /// Writes `{"type":…,…}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        for field in fields {
            writer.key(field.name)
            writer.value(field.value)
        }
        writer.endObject()
    }

    /// Reads `{"type":…,…}` as the venue echoes it or a user writes it; nested values are left out.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var type: String?
        var fields: [(String, Value)] = []
        let start = reader.byteOffset
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "type" {
                type = try reader.readString()
            } else if let value = try Value(from: &reader) {
                fields.append((key.text, value))
            }
        }
        guard let type else { throw DecodingFault(.missingField, at: start, field: "type") }
        self.init(type: type, fields: fields)
    }
}

extension FeedRequest.Value: JSONWritable {
    /// Writes the value.
    public func write(to writer: inout JSONWriter) {
        switch self {
        case .string(let text): writer.value(text)
        case .integer(let number): writer.value(number)
        case .boolean(let flag): writer.value(flag)
        case .null: writer.null()
        }
    }

    /// Reads a scalar from its JSON text; `nil` for an array or an object.
    package init?(json: [UInt8]) throws(DecodingFault) {
        let value = try MessageReader.read(json) { (reader) throws(DecodingFault) in
            try FeedRequest.Value(from: &reader)
        }
        guard let value else { return nil }
        self = value
    }

    /// Reads a scalar; a nested value is skipped and yields `nil`.
    init?(from reader: inout MessageReader) throws(DecodingFault) {
        switch reader.peekType() {
        case .string: self = .string(try reader.readString())
        case .number: self = .integer(try reader.readInteger())
        case .boolean: self = .boolean(try reader.readBoolean())
        case .null:
            try reader.readNull()
            self = .null
        case .object, .array, .none:
            try reader.skipValue()
            return nil
        }
    }
}
