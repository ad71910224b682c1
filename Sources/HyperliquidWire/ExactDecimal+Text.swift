extension ExactDecimal: LosslessStringConvertible {
    /// Reads `-?digits(.digits)?`: at most 35 digits, no leading zero but the one before the point, no exponent.
    public init?(_ text: String) {
        var digits = DecimalText()
        for byte in text.utf8 {
            guard digits.append(byte) else { return nil }
        }
        guard let value = digits.decimal else { return nil }
        self = value
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
