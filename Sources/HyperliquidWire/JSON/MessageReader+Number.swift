extension MessageReader {
    /// Reads an integer; a fraction, an exponent or more than 64 bits is a fault.
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
            // Eighteen digits cannot overflow; from there on each step is checked.
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

    /// Reads an integer as `Int`, which some platforms have at 32 bits only.
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

    /// Reads a decimal: a JSON string with `-?digits(.digits)?`, exact to 35 digits.
    @inlinable public mutating func readDecimal() throws(DecodingFault) -> ExactDecimal {
        if let decimal = scanShortDecimal() { return decimal }
        return try readLongDecimal()
    }

    /// The decimal of up to seven digits and a point that nearly every price and size is, eight bytes at once.
    /// Anything else gives nothing and is read by ``readLongDecimal()``, which knows all rules.
    @inline(__always) @usableFromInline mutating func scanShortDecimal() -> ExactDecimal? {
        let start = cursor + 1
        guard start + 9 <= byteCount, byte(at: cursor) == UInt8(ascii: "\"") else { return nil }
        let word = word(at: start)
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        let quoteMatch = word ^ (ones &* 0x22)
        let quotes = (quoteMatch &- ones) & ~quoteMatch & high
        // The length in bits; eight bytes when the quote stands right behind the word.
        let bits: UInt64
        if quotes != 0 {
            bits = UInt64(quotes.trailingZeroBitCount) & ~7
        } else {
            guard byte(at: start + 8) == UInt8(ascii: "\"") else { return nil }
            bits = 64
        }
        guard bits > 8, bits < 64 || quotes == 0 else { return nil }
        let text = bits == 64 ? word : word & ((1 << bits) - 1)
        let pointMatch = text ^ (ones &* 0x2e)
        let points = (pointMatch &- ones) & ~pointMatch & high
        var digits = text
        var digitBits = bits
        var scale = 0
        if points != 0 {
            let pointBits = UInt64(points.trailingZeroBitCount) & ~7
            guard pointBits > 0, pointBits + 8 < bits else { return nil }
            let below = (1 << pointBits) - 1 as UInt64
            digits = (text & below) | ((text >> 8) & ~below)
            digitBits = bits - 8
            scale = Int((digitBits - pointBits) >> 3)
            // A leading zero is fine only right before the point.
            guard text & 0xff != 0x30 || pointBits == 8 else { return nil }
        } else {
            guard text & 0xff != 0x30 else { return nil }
        }
        let fill: UInt64 = 0x3030_3030_3030_3030
        let shifted = digitBits == 64 ? digits : (digits << (64 - digitBits)) | (fill >> digitBits)
        let values = shifted ^ fill
        guard (values | (values &+ ones &* 0x76)) & high == 0 else { return nil }
        var sum = (values &* 10) &+ (values >> 8)
        sum =
            ((sum & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064)
            &+ (((sum >> 16) & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001)
        cursor = start + Int(bits >> 3) + 1
        return ExactDecimal(smallMantissa: Int64(sum >> 32), scale: scale)
    }

    /// Reads any decimal by all rules.
    @usableFromInline mutating func readLongDecimal() throws(DecodingFault) -> ExactDecimal {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        let opening = cursor
        let text = Array(try readString().utf8)
        guard let decimal = ExactDecimal(text: text, in: 0..<text.count) else {
            throw DecodingFault(.invalidDecimal, at: opening)
        }
        return decimal
    }

    /// Reads an address.
    public mutating func readAddress() throws(DecodingFault) -> Address {
        let words = try readHexadecimal(digitCount: 40)
        return Address(high: words.0, middle: words.1, low: UInt32(truncatingIfNeeded: words.2))
    }

    /// Reads the hash of a transaction or block.
    public mutating func readHash() throws(DecodingFault) -> TransactionHash {
        let words = try readHexadecimal(digitCount: 64)
        return TransactionHash(words: SIMD4(words.0, words.1, words.2, words.3))
    }

    private mutating func readHexadecimal(
        digitCount: Int
    ) throws(DecodingFault) -> (UInt64, UInt64, UInt64, UInt64) {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        let opening = cursor
        let start = cursor + 3
        guard start + digitCount < byteCount else {
            _ = try readString()
            throw DecodingFault(.invalidIdentifier, at: opening)
        }
        guard self.byte(at: opening + 1) == UInt8(ascii: "0"), self.byte(at: opening + 2) | 0x20 == UInt8(ascii: "x"),
            self.byte(at: start + digitCount) == UInt8(ascii: "\"")
        else { throw DecodingFault(.invalidIdentifier, at: opening) }
        var words: SIMD4<UInt64> = .zero
        var index = 0
        while index * 16 < digitCount {
            if digitCount - index * 16 >= 16 {
                guard let upper = Hexadecimal.eightDigits(word(at: start + index * 16)),
                    let lower = Hexadecimal.eightDigits(word(at: start + index * 16 + 8))
                else { throw DecodingFault(.invalidIdentifier, at: opening) }
                words[index] = upper << 32 | lower
            } else {
                guard let rest = Hexadecimal.eightDigits(word(at: start + index * 16)) else {
                    throw DecodingFault(.invalidIdentifier, at: opening)
                }
                words[index] = rest
            }
            index += 1
        }
        cursor = start + digitCount + 1
        return (words[0], words[1], words[2], words[3])
    }
}

extension Hexadecimal {
    /// The value of eight hexadecimal digits, the first in the lowest byte; nothing when one is no digit.
    static func eightDigits(_ text: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        guard text & high == 0 else { return nil }
        let lowered = text | (ones &* 0x20)
        // High bit of a byte set where it is at least the bound.
        let atLeastLetterA = (lowered &+ ones &* (0x80 - 0x61)) & high
        let aboveLetterF = (lowered &+ ones &* (0x80 - 0x67)) & high
        let atLeastZero = (text &+ ones &* (0x80 - 0x30)) & high
        let aboveNine = (text &+ ones &* (0x80 - 0x3a)) & high
        let isLetter = atLeastLetterA & ~aboveLetterF
        let isDigit = atLeastZero & ~aboveNine
        guard isLetter | isDigit == high else { return nil }
        // Digits are 0x30 + n; letters 0x61 + (n - 10).
        var nibbles = (lowered & (ones &* 0x0f)) &+ (isLetter >> 7) &* 9
        nibbles = ((nibbles & 0x000f_000f_000f_000f) << 4) | ((nibbles & 0x0f00_0f00_0f00_0f00) >> 8)
        nibbles = ((nibbles & 0x0000_00ff_0000_00ff) << 8) | ((nibbles & 0x00ff_0000_00ff_0000) >> 16)
        return ((nibbles & 0xffff) << 16) | (nibbles >> 32)
    }
}
