extension MessageReader {
    /// The bytes of the string that starts here, and the cursor past it, if the string is plain: ASCII without
    /// escapes or control characters. Otherwise nothing, and the cursor stays.
    @usableFromInline mutating func scanPlainString() -> Range<Int>? {
        guard cursor < byteCount, byte(at: cursor) == UInt8(ascii: "\"") else { return nil }
        let start = cursor + 1
        var index = start
        while index + 8 <= byteCount {
            let stops = Self.stops(in: word(at: index))
            if stops != 0 {
                index += stops.trailingZeroBitCount >> 3
                guard byte(at: index) == UInt8(ascii: "\"") else { return nil }
                cursor = index + 1
                return start..<index
            }
            index += 8
        }
        while index < byteCount {
            let byte = byte(at: index)
            if byte == UInt8(ascii: "\"") {
                cursor = index + 1
                return start..<index
            }
            guard byte >= 0x20, byte < 0x80, byte != UInt8(ascii: "\\") else { return nil }
            index += 1
        }
        return nil
    }

    /// The high bit of each byte that ends a plain run: a quote, a backslash, a control character, non-ASCII.
    /// Exact up to the first such byte, which is all that is used.
    @inline(__always) static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* 0x22)
        let escapes = word ^ (ones &* 0x5c)
        return ((quotes &- ones) | (escapes &- ones) | (word &- ones &* 0x20) | word) & high
    }

    /// Reads a string.
    public mutating func readString() throws(DecodingFault) -> String {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        let opening = cursor
        if let range = scanPlainString() { return text(range) }
        cursor = opening
        return try readEscapedString()
    }

    /// Reads a string with escapes or beyond ASCII.
    private mutating func readEscapedString() throws(DecodingFault) -> String {
        let opening = cursor
        cursor += 1
        var unescaped: [UInt8] = []
        while cursor < byteCount {
            let byte = byte(at: cursor)
            switch byte {
            case UInt8(ascii: "\""):
                cursor += 1
                guard let text = String(validating: unescaped, as: UTF8.self) else {
                    throw DecodingFault(.invalidString, at: opening)
                }
                return text
            case UInt8(ascii: "\\"): try readEscape(into: &unescaped)
            case 0..<0x20: throw fault(.invalidString)
            default:
                unescaped.append(byte)
                cursor += 1
            }
        }
        throw fault(.truncated)
    }

    private mutating func readEscape(into unescaped: inout [UInt8]) throws(DecodingFault) {
        cursor += 1
        guard cursor < byteCount else { throw fault(.truncated) }
        let letter = byte(at: cursor)
        cursor += 1
        switch letter {
        case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): unescaped.append(letter)
        case UInt8(ascii: "b"): unescaped.append(0x08)
        case UInt8(ascii: "f"): unescaped.append(0x0c)
        case UInt8(ascii: "n"): unescaped.append(0x0a)
        case UInt8(ascii: "r"): unescaped.append(0x0d)
        case UInt8(ascii: "t"): unescaped.append(0x09)
        case UInt8(ascii: "u"): unescaped.append(contentsOf: String(try readUnicodeEscape()).utf8)
        default:
            cursor -= 1
            throw fault(.invalidString)
        }
    }

    private mutating func readUnicodeEscape() throws(DecodingFault) -> Unicode.Scalar {
        let first = try readHexadecimalUnit()
        if let scalar = Unicode.Scalar(first) { return scalar }
        guard first < 0xdc00, consume("\\u") else { throw fault(.invalidString) }
        let second = try readHexadecimalUnit()
        guard (0xdc00..<0xe000).contains(second),
            let scalar = Unicode.Scalar(0x10000 + ((first - 0xd800) << 10 | (second - 0xdc00)))
        else { throw fault(.invalidString) }
        return scalar
    }

    private mutating func readHexadecimalUnit() throws(DecodingFault) -> UInt32 {
        var unit: UInt32 = 0
        for _ in 0..<4 {
            guard cursor < byteCount, let digit = Hexadecimal.digitValue(byte(at: cursor)) else {
                throw fault(.invalidString)
            }
            unit = unit << 4 | UInt32(digit)
            cursor += 1
        }
        return unit
    }

    mutating func skipString() throws(DecodingFault) {
        if scanPlainString() == nil { _ = try readEscapedString() }
    }

    /// Reads a coin's name: of up to 64 bytes, because a long one is kept for good.
    public mutating func readCoin() throws(DecodingFault) -> Coin { Coin(try readInternedString()) }

    private mutating func readInternedString() throws(DecodingFault) -> InternedString {
        guard nextByte() != nil else { throw fault(.truncated) }
        let opening = cursor
        guard let range = scanPlainString(), range.count <= InternedString.shortLimit else {
            cursor = opening
            guard let interned = InternedString(ofMessage: try readString()) else {
                throw DecodingFault(.invalidIdentifier, at: opening)
            }
            return interned
        }
        let low = partialWord(at: range.lowerBound, count: min(8, range.count))
        let high = range.count > 8 ? partialWord(at: range.lowerBound + 8, count: range.count - 8) : 0
        return InternedString(low: low, high: high, byteCount: range.count)
    }

    /// Reads a side, and counts it when it is unknown: of up to 64 bytes, because a long one is kept for good.
    public mutating func readWord(_ type: Side.Type = Side.self) throws(DecodingFault) -> Side {
        let side = Side(try readInternedString())
        if !side.isKnown { unknownCount += 1 }
        return side
    }

    /// Reads a word of an open set, and counts it when it is unknown.
    public mutating func readWord<Word: OpenEnumeration>(_ type: Word.Type = Word.self) throws(DecodingFault) -> Word {
        let word = Word(rawValue: try readString())
        if !word.isKnown { unknownCount += 1 }
        return word
    }
}
