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
    public mutating func readDecimal() throws(DecodingFault) -> ExactDecimal {
        if let decimal = scanDecimal() { return decimal }
        return try readAnyDecimal()
    }

    /// The decimal of up to 16 characters that nearly every price and size is; otherwise nothing, and the reader
    /// has not moved.
    @inline(__always) private mutating func scanDecimal() -> ExactDecimal? {
        fast { reader in
            guard reader.take("\""), let decimal = reader.decimal(before: "\"") else { return nil }
            return decimal
        }
    }

    /// Reads any decimal by all rules.
    private mutating func readAnyDecimal() throws(DecodingFault) -> ExactDecimal {
        guard let byte = nextByte() else { throw fault(.truncated) }
        guard byte == UInt8(ascii: "\"") else { throw fault(.unexpectedType) }
        let opening = cursor
        guard let decimal = ExactDecimal(try readString()) else { throw DecodingFault(.invalidDecimal, at: opening) }
        return decimal
    }
}
