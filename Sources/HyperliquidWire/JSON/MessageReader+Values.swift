extension MessageReader {
    /// Moves behind the string that starts here and returns its range, if it is plain: ASCII without escapes or
    /// control characters. Otherwise returns `nil` and does not move.
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

    /// The high bit of each byte that ends a plain run: a quote, a backslash, a control character, non-ASCII. Exact
    /// up to the first such byte; callers use no bits after it.
    @inline(__always) static func stops(in word: UInt64) -> UInt64 {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let quotes = word ^ (ones &* 0x22)
        let escapes = word ^ (ones &* 0x5c)
        return ((quotes &- ones) | (escapes &- ones) | (word &- ones &* 0x20) | word) & high
    }

    /// Reads a string.
    /// - Throws: ``DecodingFault`` if the next value is no string, or no valid one.
    public mutating func readString() throws(DecodingFault) -> String {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        let opening = cursor
        if let range = scanPlainString() { return text(range) }
        cursor = opening
        return try readEscapedString()
    }

    /// Reads a string with escapes or with characters beyond ASCII.
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

    /// Reads the name of a coin. A name of more than 64 bytes is a fault, because long names are kept for good.
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

    /// Reads a side, and counts it if it is unknown. A word of more than 64 bytes is a fault, because long words are
    /// kept for good.
    public mutating func readWord(_ type: Side.Type = Side.self) throws(DecodingFault) -> Side {
        let side = Side(try readInternedString())
        if !side.isKnown { unknownCount += 1 }
        return side
    }

    /// Reads a word of an open set, and counts it if it is unknown.
    public mutating func readWord<Word: OpenEnumeration>(_ type: Word.Type = Word.self) throws(DecodingFault) -> Word {
        let word = Word(rawValue: try readString())
        if !word.isKnown { unknownCount += 1 }
        return word
    }
}

extension MessageReader {
    /// Reads an integer.
    /// - Throws: ``DecodingFault`` if it has a fraction, an exponent or more than 64 bits.
    public mutating func readInteger() throws(DecodingFault) -> Int64 {
        guard let first = nextByte() else { throw fault(.truncated) }
        let start = cursor
        let isNegative = first == UInt8(ascii: "-")
        if isNegative { cursor += 1 }
        let firstDigit = cursor
        var magnitude: UInt64 = 0
        while cursor < byteCount {
            let digit = byte(at: cursor) &- UInt8(ascii: "0")
            guard digit < 10 else { break }
            // Eighteen digits cannot overflow; from then on each step is checked.
            if cursor - firstDigit < 18 {
                magnitude = magnitude &* 10 &+ UInt64(digit)
            } else {
                let (product, overflow) = magnitude.multipliedReportingOverflow(by: 10)
                let (sum, carry) = product.addingReportingOverflow(UInt64(digit))
                guard !overflow, !carry else { throw DecodingFault(.numberOutOfRange, at: start) }
                magnitude = sum
            }
            cursor += 1
        }
        let digitCount = cursor - firstDigit
        guard digitCount > 0 else { throw DecodingFault(.unexpectedType, at: start) }
        if cursor < byteCount {
            let next = byte(at: cursor)
            guard next != UInt8(ascii: "."), next | 0x20 != UInt8(ascii: "e") else {
                throw DecodingFault(.numberOutOfRange, at: start)
            }
        }
        guard digitCount == 1 || byte(at: firstDigit) != UInt8(ascii: "0") else {
            throw DecodingFault(.unexpectedByte, at: start)
        }
        guard magnitude <= UInt64(Int64.max) + (isNegative ? 1 : 0) else {
            throw DecodingFault(.numberOutOfRange, at: start)
        }
        return isNegative ? 0 &- Int64(truncatingIfNeeded: magnitude) : Int64(magnitude)
    }

    /// Reads an integer as `Int`, which has only 32 bits on some platforms.
    public mutating func readInt() throws(DecodingFault) -> Int {
        let start = cursor
        guard let number = Int(exactly: try readInteger()) else { throw DecodingFault(.numberOutOfRange, at: start) }
        return number
    }

    mutating func skipNumber() throws(DecodingFault) {
        let start = cursor
        if byte(at: cursor) == UInt8(ascii: "-") { cursor += 1 }
        try skipDigits()
        if cursor < byteCount, byte(at: cursor) == UInt8(ascii: ".") {
            cursor += 1
            try skipDigits()
        }
        if cursor < byteCount, byte(at: cursor) | 0x20 == UInt8(ascii: "e") {
            cursor += 1
            if cursor < byteCount, byte(at: cursor) == UInt8(ascii: "+") || byte(at: cursor) == UInt8(ascii: "-") {
                cursor += 1
            }
            try skipDigits()
        }
        guard cursor > start else { throw fault(.unexpectedByte) }
    }

    private mutating func skipDigits() throws(DecodingFault) {
        let start = cursor
        while cursor < byteCount, byte(at: cursor) &- UInt8(ascii: "0") < 10 { cursor += 1 }
        guard cursor > start else { throw fault(.unexpectedByte) }
    }

    /// Reads `true` or `false`.
    public mutating func readBoolean() throws(DecodingFault) -> Bool {
        guard nextByte() != nil else { throw fault(.truncated) }
        if consume("true") { return true }
        guard consume("false") else { throw fault(.unexpectedType) }
        return false
    }

    /// Reads `null`.
    public mutating func readNull() throws(DecodingFault) {
        guard nextByte() != nil else { throw fault(.truncated) }
        guard consume("null") else { throw fault(.unexpectedType) }
    }

    /// Reads a decimal: a JSON string `-?digits(.digits)?`, exact to 35 digits.
    public mutating func readDecimal() throws(DecodingFault) -> ExactDecimal {
        if let decimal = scanDecimal() { return decimal }
        return try readAnyDecimal()
    }

    /// Reads a decimal of up to 16 characters, as nearly all prices and sizes have; otherwise returns `nil` and does
    /// not move.
    @inline(__always) private mutating func scanDecimal() -> ExactDecimal? {
        fast { reader in
            guard reader.take("\""), let decimal = reader.decimal(before: "\"") else { return nil }
            return decimal
        }
    }

    /// Reads any decimal by the plain rules.
    private mutating func readAnyDecimal() throws(DecodingFault) -> ExactDecimal {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        let opening = cursor
        guard let decimal = ExactDecimal(try readString()) else { throw DecodingFault(.invalidDecimal, at: opening) }
        return decimal
    }
}

extension MessageReader {
    /// Reads an address.
    public mutating func readAddress() throws(DecodingFault) -> Address {
        let words = try readHexadecimal(digitCount: 40)
        return Address(high: words.0, middle: words.1, low: UInt32(truncatingIfNeeded: words.2))
    }

    /// Reads the hash of a transaction or block.
    public mutating func readHash() throws(DecodingFault) -> TransactionHash {
        let words = try readHexadecimal(digitCount: 64)
        return TransactionHash(words.0, words.1, words.2, words.3)
    }

    private mutating func readHexadecimal(
        digitCount: Int
    ) throws(DecodingFault) -> (UInt64, UInt64, UInt64, UInt64) {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        if let words = scanHexadecimal(digitCount: digitCount) { return words }
        // Escapes, another length and wrong digits are left to the plain rules.
        let opening = cursor
        let digits = Array(try readString().utf8)
        guard digits.count == digitCount + 2, digits[0] == UInt8(ascii: "0"), digits[1] | 0x20 == UInt8(ascii: "x")
        else { throw DecodingFault(.invalidIdentifier, at: opening) }
        var words: SIMD4<UInt64> = .zero
        for index in 0..<4 where index * 16 < digitCount {
            let count = min(16, digitCount - index * 16)
            guard let word = Hexadecimal.word(digits, at: 2 + index * 16, count: count) else {
                throw DecodingFault(.invalidIdentifier, at: opening)
            }
            words[index] = word
        }
        return (words[0], words[1], words[2], words[3])
    }

    /// Moves behind `"0x`, `digitCount` digits and the closing quote, and returns the digits' value; otherwise
    /// returns `nil` and does not move.
    private mutating func scanHexadecimal(digitCount: Int) -> (UInt64, UInt64, UInt64, UInt64)? {
        let start = cursor + 3
        guard start + digitCount < byteCount, byte(at: cursor + 1) == UInt8(ascii: "0"),
            byte(at: cursor + 2) | 0x20 == UInt8(ascii: "x"), byte(at: start + digitCount) == UInt8(ascii: "\"")
        else { return nil }
        var words: SIMD4<UInt64> = .zero
        for index in 0..<4 where index * 16 < digitCount {
            guard let upper = Hexadecimal.eightDigits(word(at: start + index * 16)) else { return nil }
            guard digitCount - index * 16 >= 16 else {
                words[index] = upper
                break
            }
            guard let lower = Hexadecimal.eightDigits(word(at: start + index * 16 + 8)) else { return nil }
            words[index] = upper << 32 | lower
        }
        cursor = start + digitCount + 1
        return (words[0], words[1], words[2], words[3])
    }
}
