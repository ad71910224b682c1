/// A forward cursor over one JSON message, in place in the receive buffer. Feeds decode their messages with it.
///
/// Total: any bytes give values or a ``DecodingFault``, never a trap and never unbounded recursion. Fields may have any
/// order; the venue's usual order is the fastest.
///
/// One of the two types that read memory without bounds checks: each access is in this file and below `byteCount`.
@safe public struct MessageReader: ~Escapable {
    @usableFromInline let bytes: UnsafeBufferPointer<UInt8>
    /// The length of the message in bytes.
    public let byteCount: Int
    @usableFromInline var cursor: Int
    var depth = 0
    /// Whether everything behind the current value was checked before.
    var isChecked = false
    /// The end of the envelope, if it was checked as a whole before its data are read.
    var checkedEnd = 0
    /// Whether another envelope may stand behind this one in the same text. The client then reads it next; everywhere
    /// else, bytes behind the message are a fault.
    package var allowsFollowing = false
    /// Whether the message is a bare array, without an envelope.
    var isBare = false
    /// Whether the fast path is tried first. `false` only in tests that compare it with the any-order reader.
    package var triesFastPath = true
    /// The number of unknown fields and words so far.
    public internal(set) var unknownCount = 0

    /// The deepest nesting that is accepted.
    static let maximumDepth = 64

    /// Creates a reader of `bytes`.
    @_lifetime(copy bytes)
    public init(_ bytes: Span<UInt8>) {
        let buffer = unsafe bytes.withUnsafeBufferPointer { unsafe $0 }
        unsafe self.bytes = buffer
        byteCount = buffer.count
        cursor = 0
    }

    /// Creates a reader of the value of a message's `data`, without the envelope.
    @_lifetime(copy bytes)
    static func ofData(_ bytes: Span<UInt8>) -> MessageReader {
        var reader = MessageReader(bytes)
        reader.isBare = true
        return reader
    }

    /// The position in bytes from the message's start.
    @inlinable public var byteOffset: Int { cursor }

    @inlinable func byte(at index: Int) -> UInt8 {
        assert(index >= 0 && index < byteCount)
        return unsafe bytes[index]
    }

    /// Eight bytes from `index`, the first one in the least significant place. All eight must be in the message; the
    /// caller has checked it.
    @inlinable func word(at index: Int) -> UInt64 {
        assert(index >= 0 && index + 8 <= byteCount)
        let raw = unsafe UnsafeRawBufferPointer(bytes)
        return UInt64(littleEndian: unsafe raw.loadUnaligned(fromByteOffset: index, as: UInt64.self))
    }

    /// Up to eight bytes from `index`, the first one in the least significant place, with zeros behind them.
    func partialWord(at index: Int, count: Int) -> UInt64 {
        if index + 8 <= byteCount {
            return count >= 8 ? word(at: index) : word(at: index) & ((1 << UInt64(8 * count)) - 1)
        }
        var result: UInt64 = 0
        for offset in 0..<min(count, byteCount - index) {
            result |= UInt64(byte(at: index + offset)) << UInt64(8 * offset)
        }
        return result
    }

    /// Copies a part of the message.
    func copy(_ range: Range<Int>) -> [UInt8] {
        unsafe Array(UnsafeBufferPointer(rebasing: bytes[range]))
    }

    /// The text of a part of the message that is plain ASCII.
    func text(_ range: Range<Int>) -> String {
        unsafe String(decoding: UnsafeBufferPointer(rebasing: bytes[range]), as: UTF8.self)
    }

    /// Moves past `literal` if the message has it here.
    @inlinable mutating func consume(_ literal: StaticString) -> Bool {
        let count = literal.utf8CodeUnitCount
        guard cursor + count <= byteCount else { return false }
        let expected = unsafe literal.utf8Start
        for index in 0..<count where unsafe bytes[cursor + index] != expected[index] { return false }
        cursor += count
        return true
    }

    /// Moves to the next byte that is not white space and returns it; `nil` at the end.
    @inlinable mutating func nextByte() -> UInt8? {
        while cursor < byteCount {
            let byte = byte(at: cursor)
            guard byte == 0x20 || byte == 0x0a || byte == 0x0d || byte == 0x09 else { return byte }
            cursor += 1
        }
        return nil
    }

    /// A fault at the current position.
    func fault(_ code: DecodingFault.Code) -> DecodingFault {
        DecodingFault(cursor >= byteCount ? .truncated : code, at: min(cursor, byteCount))
    }

    @inlinable mutating func expect(_ byte: UInt8) throws(DecodingFault) {
        if cursor < byteCount, self.byte(at: cursor) == byte {
            cursor += 1
            return
        }
        try expectAfterSpace(byte)
    }

    @usableFromInline mutating func expectAfterSpace(_ byte: UInt8) throws(DecodingFault) {
        guard nextByte() == byte else { throw fault(.unexpectedByte) }
        cursor += 1
    }
}

/// The types of JSON values.
public enum JSONType: Hashable, Sendable {
    /// `{…}`
    case object
    /// `[…]`
    case array
    /// `"…"`
    case string
    /// A number.
    case number
    /// `true` or `false`
    case boolean
    /// `null`
    case null
}

/// The position inside an object or array that a reader has opened.
public struct JSONContainer: Sendable {
    var isFirst = true
    /// The byte offset of the opening bracket.
    public let start: Int
}

extension MessageReader {
    /// The type of the next value; `nil` if there is no value. The reader moves past white space only.
    public mutating func peekType() -> JSONType? {
        guard let byte = nextByte() else { return nil }
        return switch byte {
        case UInt8(ascii: "{"): .object
        case UInt8(ascii: "["): .array
        case UInt8(ascii: "\""): .string
        case UInt8(ascii: "t"), UInt8(ascii: "f"): .boolean
        case UInt8(ascii: "n"): .null
        case UInt8(ascii: "-"), UInt8(ascii: "0")...UInt8(ascii: "9"): .number
        default: nil
        }
    }

    /// Enters an object. Its fields are then read with ``nextKey(_:)``, until that returns `nil`.
    /// - Throws: ``DecodingFault`` if the next value is no object, or is nested too deeply.
    public mutating func beginObject() throws(DecodingFault) -> JSONContainer {
        try begin(UInt8(ascii: "{"))
    }

    /// Enters an array. Its elements are then read after ``nextElement(_:)``, until that returns `false`.
    /// - Throws: ``DecodingFault`` if the next value is no array, or is nested too deeply.
    public mutating func beginArray() throws(DecodingFault) -> JSONContainer {
        try begin(UInt8(ascii: "["))
    }

    private mutating func begin(_ opening: UInt8) throws(DecodingFault) -> JSONContainer {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == opening else { throw fault(.unexpectedType) }
        guard depth < Self.maximumDepth else { throw fault(.nestedTooDeeply) }
        depth += 1
        defer { cursor += 1 }
        return JSONContainer(start: cursor)
    }

    /// Moves to the value of the next field and returns its key; returns `nil`, behind the object, after the last
    /// one.
    public mutating func nextKey(_ container: inout JSONContainer) throws(DecodingFault) -> FieldKey? {
        guard try advance(&container, closing: UInt8(ascii: "}")) else { return nil }
        guard nextByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
        let key: FieldKey
        if let range = scanPlainString() {
            key = FieldKey(self, range)
        } else {
            key = FieldKey(Array(try readString().utf8))
        }
        try expect(UInt8(ascii: ":"))
        return key
    }

    /// Moves to the value of the next field and returns its key as a coin; returns `nil`, behind the object, after
    /// the last one.
    mutating func nextCoinKey(_ container: inout JSONContainer) throws(DecodingFault) -> Coin? {
        guard try advance(&container, closing: UInt8(ascii: "}")) else { return nil }
        guard nextByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
        let coin = try readCoin()
        try expect(UInt8(ascii: ":"))
        return coin
    }

    /// Moves to the next element; returns `false`, behind the array, after the last one.
    public mutating func nextElement(_ container: inout JSONContainer) throws(DecodingFault) -> Bool {
        try advance(&container, closing: UInt8(ascii: "]"))
    }

    private mutating func advance(_ container: inout JSONContainer, closing: UInt8) throws(DecodingFault) -> Bool {
        guard let byte = nextByte() else { throw fault(.truncated) }
        if byte == closing {
            cursor += 1
            depth -= 1
            return false
        }
        if container.isFirst {
            container.isFirst = false
        } else {
            guard byte == UInt8(ascii: ",") else { throw fault(.unexpectedByte) }
            cursor += 1
            guard let next = nextByte() else { throw fault(.truncated) }
            guard next != closing else { throw fault(.unexpectedByte) }
        }
        return true
    }

    /// The value of a required field.
    /// - Throws: ``DecodingFault`` that names the field, if it is `nil`.
    public func require<Value>(
        _ value: Value?, _ name: String, in container: JSONContainer
    ) throws(DecodingFault) -> Value {
        guard let value else { throw DecodingFault(.missingField, at: container.start, field: name) }
        return value
    }

    /// Reads an array, each element with `element`.
    public mutating func readArray<Element>(
        _ element: (inout MessageReader) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> [Element] {
        var elements: [Element] = []
        var array = try beginArray()
        while try nextElement(&array) { elements.append(try element(&self)) }
        return elements
    }

    /// Reads null as `nil`, and any other value with `value`.
    public mutating func readNullable<Value>(
        _ value: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value? {
        guard peekType() == .null else { return try value(&self) }
        try readNull()
        return nil
    }

    /// Skips the value of a field that the event does not have, and counts it.
    public mutating func skipUnknown() throws(DecodingFault) {
        unknownCount += 1
        try skipValue()
    }

    /// Checks that nothing but the end of the envelope follows, and moves behind it. Every `decode` ends with it.
    public mutating func finish() throws(DecodingFault) {
        if isChecked { return cursor = checkedEnd }
        if !isBare {
            if cursor + 1 == byteCount, byte(at: cursor) == UInt8(ascii: "}") { return cursor += 1 }
            if depth == 0, nextByte() == nil { throw DecodingFault(.missingEnvelope, at: cursor) }
            try finishEnvelope()
        }
        guard nextByte() == nil || allowsFollowing else { throw fault(.trailingBytes) }
    }

    /// Checks that nothing follows.
    mutating func requireEnd() throws(DecodingFault) {
        guard nextByte() == nil else { throw fault(.trailingBytes) }
    }

    /// Skips the fields of the envelope behind `data`.
    ///
    /// If `channel` or `data` is repeated, the last one would count, but the message has been routed already. So the
    /// repetition is a fault; otherwise, the message could become an event of another feed.
    private mutating func finishEnvelope() throws(DecodingFault) {
        var envelope = JSONContainer(isFirst: false, start: 0)
        while let key = try nextKey(&envelope) {
            guard !(key == "channel" || key == "data") else { throw fault(.unexpectedByte) }
            try skipUnknown()
        }
    }

    /// Skips one value of any kind and checks its form, without recursion.
    public mutating func skipValue() throws(DecodingFault) {
        // One bit per level, set if the level is an object.
        var isObject: UInt64 = 0
        let outerDepth = depth
        while true {
            if try skipScalarOrOpen(&isObject, outerDepth: outerDepth) { continue }
            // A value is complete: close the containers that it completes, or move to the next value.
            while true {
                guard depth > outerDepth else { return }
                let inObject = isObject & 1 << UInt64(depth - outerDepth - 1) != 0
                guard let byte = nextByte() else { throw fault(.truncated) }
                if byte == UInt8(ascii: ",") {
                    cursor += 1
                    if inObject { try skipKey() }
                    break
                }
                guard byte == UInt8(ascii: inObject ? "}" : "]") else { throw fault(.unexpectedByte) }
                cursor += 1
                depth -= 1
            }
        }
    }

    /// Skips a scalar or an empty container and returns `false`, or enters a container with elements and returns
    /// `true`.
    private mutating func skipScalarOrOpen(_ isObject: inout UInt64, outerDepth: Int) throws(DecodingFault) -> Bool {
        switch peekType() {
        case .string: try skipString()
        case .number: try skipNumber()
        case .boolean: _ = try readBoolean()
        case .null: try readNull()
        case .object, .array:
            let opensObject = byte(at: cursor) == UInt8(ascii: "{")
            guard depth < Self.maximumDepth else { throw fault(.nestedTooDeeply) }
            cursor += 1
            guard let byte = nextByte() else { throw fault(.truncated) }
            if byte == UInt8(ascii: opensObject ? "}" : "]") {
                cursor += 1
                return false
            }
            let bit = UInt64(1) << UInt64(depth - outerDepth)
            isObject = opensObject ? isObject | bit : isObject & ~bit
            depth += 1
            if opensObject { try skipKey() }
            return true
        case nil: throw fault(.unexpectedByte)
        }
        return false
    }

    private mutating func skipKey() throws(DecodingFault) {
        guard nextByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
        try skipString()
        try expect(UInt8(ascii: ":"))
    }

    /// Skips one value and returns its bytes.
    public mutating func readRaw() throws(DecodingFault) -> [UInt8] {
        _ = nextByte()
        let start = cursor
        try skipValue()
        return copy(start..<cursor)
    }
}

extension MessageReader {
    /// Reads a whole message from an array of bytes. A fault has the path of its field.
    package static func read<Value>(
        _ bytes: some Sequence<UInt8>, _ read: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value {
        try self.read(span: ContiguousArray(bytes).span, read)
    }

    /// The fields of a JSON object with their values as JSON, in order. Nothing may follow the object.
    package static func readFields(_ bytes: [UInt8]) throws(DecodingFault) -> [(name: String, json: [UInt8])] {
        try read(bytes) { (reader) throws(DecodingFault) in
            var fields: [(String, [UInt8])] = []
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) { fields.append((key.text, try reader.readRaw())) }
            reader.isBare = true
            try reader.finish()
            return fields
        }
    }

    /// A copy of the message, without what follows it in the same text.
    package var message: [UInt8] {
        guard allowsFollowing, let range = envelopeRange else { return copy(0..<byteCount) }
        return copy(range)
    }

    private static func read<Value>(
        span: borrowing Span<UInt8>, _ read: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value {
        var reader = MessageReader(copy span)
        do throws(DecodingFault) {
            return try read(&reader)
        } catch {
            throw reader.located(error)
        }
    }
}
