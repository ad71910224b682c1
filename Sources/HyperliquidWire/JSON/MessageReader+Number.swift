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
}
