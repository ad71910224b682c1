extension ExactDecimal: LosslessStringConvertible {
    /// Reads `-?digits(.digits)?`: at most 35 digits, no leading zero but the one before the point, no exponent.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        guard let value = ExactDecimal(text: bytes, in: 0..<bytes.count) else { return nil }
        self = value
    }

    init?(text bytes: [UInt8], in range: Range<Int>) {
        var position = range.lowerBound
        let isNegative = position < range.upperBound && bytes[position] == UInt8(ascii: "-")
        if isNegative { position += 1 }
        var mantissa: UInt128 = 0
        var digitCount = 0
        var pointPosition: Int?
        let firstDigit = position
        while position < range.upperBound {
            let byte = bytes[position]
            if byte == UInt8(ascii: ".") {
                guard pointPosition == nil, position > firstDigit else { return nil }
                pointPosition = position
            } else {
                let digit = byte &- UInt8(ascii: "0")
                guard digit < 10 else { return nil }
                if mantissa != 0 || digit != 0 { digitCount += 1 }
                guard digitCount <= Self.maximumDigitCount else { return nil }
                mantissa = mantissa * 10 + UInt128(digit)
            }
            position += 1
        }
        let integerEnd = pointPosition ?? range.upperBound
        let scale = pointPosition.map { range.upperBound - $0 - 1 } ?? 0
        guard integerEnd > firstDigit, pointPosition == nil || scale > 0, scale <= Self.maximumDigitCount else {
            return nil
        }
        guard integerEnd == firstDigit + 1 || bytes[firstDigit] != UInt8(ascii: "0") else { return nil }
        self.init(uncheckedMantissa: isNegative ? -Int128(mantissa) : Int128(mantissa), scale: scale)
        if isNegative, mantissa == 0 { low |= Self.negativeZeroMark }
    }

    /// The decimal text with all its fraction digits, as the venue wrote it.
    public var description: String {
        var bytes: [UInt8] = []
        append(to: &bytes)
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Appends the decimal text to `bytes`.
    func append(to bytes: inout [UInt8]) {
        let mantissa = mantissa
        if mantissa < 0 || isNegativeZero { bytes.append(UInt8(ascii: "-")) }
        let scale = scale
        let start = bytes.count
        var rest = mantissa.magnitude
        var written = 0
        // Digits come out last first and are turned round in place.
        repeat {
            if written == scale, scale > 0 { bytes.append(UInt8(ascii: ".")) }
            if rest <= UInt128(UInt64.max) {
                let small = UInt64(rest)
                bytes.append(UInt8(ascii: "0") + UInt8(small % 10))
                rest = UInt128(small / 10)
            } else {
                bytes.append(UInt8(ascii: "0") + UInt8(rest % 10))
                rest /= 10
            }
            written += 1
        } while rest != 0 || written <= scale
        bytes[start...].reverse()
    }
}
