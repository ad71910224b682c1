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

/// Where the reader stands in an object or array it has opened.
public struct JSONContainer: Sendable {
    var isFirst = true
    /// The byte offset at which it opened.
    public let start: Int
}

extension MessageReader {
    /// The type of the value that comes next, or nothing when no value does.
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

    /// Enters an object. Then ask ``nextKey(_:)`` until it gives nothing.
    public mutating func beginObject() throws(DecodingFault) -> JSONContainer {
        try begin(UInt8(ascii: "{"))
    }

    /// Enters an array. Then ask ``nextElement(_:)`` until it gives false.
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

    /// Moves to the next field's value and gives its key; nothing, past the end, when the object is done.
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

    /// Moves to the next field's value and gives its key as a coin; nothing, past the end, when the object is done.
    mutating func nextCoinKey(_ container: inout JSONContainer) throws(DecodingFault) -> Coin? {
        guard try advance(&container, closing: UInt8(ascii: "}")) else { return nil }
        guard nextByte() == UInt8(ascii: "\"") else { throw fault(.unexpectedByte) }
        let coin = try readCoin()
        try expect(UInt8(ascii: ":"))
        return coin
    }

    /// Moves to the next element; false, past the end, when the array is done.
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

    /// The value of a field that the event needs, or a fault that names it.
    public func require<Value>(
        _ value: Value?, _ name: String, in container: JSONContainer
    ) throws(DecodingFault) -> Value {
        guard let value else { throw DecodingFault(.missingField, at: container.start, field: name) }
        return value
    }

    /// Reads an array of whatever `element` reads.
    public mutating func readArray<Element>(
        _ element: (inout MessageReader) throws(DecodingFault) -> Element
    ) throws(DecodingFault) -> [Element] {
        var elements: [Element] = []
        var array = try beginArray()
        while try nextElement(&array) { elements.append(try element(&self)) }
        return elements
    }

    /// Reads null or whatever `value` reads.
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

    /// Checks that nothing but the envelope's end follows the value that was read. Every `decode` ends with it.
    public mutating func finish() throws(DecodingFault) {
        if isChecked { return }
        if !isBare {
            if cursor + 1 == byteCount, byte(at: cursor) == UInt8(ascii: "}") { return cursor += 1 }
            try finishEnvelope()
        }
        guard nextByte() == nil else { throw fault(.trailingBytes) }
    }

    /// Skips what the envelope has behind its data. A second `channel` or `data` would have been the one that
    /// counts; the message is on its way already, so it is a fault instead of another feed's event.
    private mutating func finishEnvelope() throws(DecodingFault) {
        var envelope = JSONContainer(isFirst: false, start: 0)
        while let key = try nextKey(&envelope) {
            guard !(key == "channel" || key == "data") else { throw fault(.unexpectedByte) }
            try skipUnknown()
        }
    }

    /// Skips one value of any kind, checking its form, without recursion.
    public mutating func skipValue() throws(DecodingFault) {
        // One bit a level: set where the level is an object.
        var isObject: UInt64 = 0
        let outerDepth = depth
        while true {
            if try skipScalarOrOpen(&isObject, outerDepth: outerDepth) { continue }
            // A value is complete: close what it completes, or move to the next one.
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

    /// Skips a scalar or an empty container (false), or enters a container with something in it (true).
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

    /// Skips one value and gives its bytes.
    public mutating func readRaw() throws(DecodingFault) -> [UInt8] {
        _ = nextByte()
        let start = cursor
        try skipValue()
        return copy(start..<cursor)
    }
}
