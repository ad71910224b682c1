extension ExactDecimal: LosslessStringConvertible {
    /// Reads `-?digits(.digits)?`: at most 35 digits, no leading zero except directly before the point, no exponent.
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
        // The digits are produced in reverse order, and reversed in place.
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

extension ExactDecimal {
    /// Reads the decimal in the lowest `bits` bits of `word`, 8 to 64 in steps of eight: up to eight characters
    /// without a sign. `nil` if they are no decimal, or one that only the plain rules read.
    @inline(__always) init?(word: UInt64, bits: UInt64) {
        guard bits &- 8 <= 56 else { return nil }
        let text = word & (~0 &>> (64 &- bits))
        let points = SWAR.matches(text, 0x2e)
        guard points != 0 else {
            guard text & 0xff != 0x30 || bits == 8 else { return nil }
            let values = (text ^ SWAR.zeros) &<< (64 &- bits)
            guard SWAR.areDigits(values) else { return nil }
            self.init(low: SWAR.value(ofDigits: values) &<< 8, high: 0)
            return
        }
        let pointBits = UInt64(truncatingIfNeeded: points.trailingZeroBitCount) & 0x38
        // A digit on either side of the point; a leading zero only directly before it.
        guard pointBits &- 8 < bits &- 16, text & 0xff != 0x30 || pointBits == 8 else { return nil }
        // The digits behind the point move down by one byte, over the point.
        let below = (1 &<< pointBits) &- 1 as UInt64
        let digits = (text & below) | ((text &>> 8) & ~below)
        let values = (digits ^ SWAR.zeros) &<< (72 &- bits)
        guard SWAR.areDigits(values) else { return nil }
        // Seven digits at most, and a scale of six at most: everything fits in the low word.
        self.init(low: SWAR.value(ofDigits: values) &<< 8 | (bits &- 8 &- pointBits) &>> 3, high: 0)
    }

    /// Reads the decimal in the lowest `bits` bits of two words, 8 to 128 in steps of eight: up to 16 characters
    /// behind the sign. `nil` if they are no decimal, or one that only the plain rules read.
    @inline(__always) init?(low: UInt64, high: UInt64, bits: UInt64, isNegative: Bool) {
        guard bits >= 8 else { return nil }
        let text = (UInt128(high) << 64 | UInt128(low)) & (~0 >> (128 - UInt128(bits)))
        let (early, late) = (
            SWAR.matches(UInt64(truncatingIfNeeded: text), 0x2e),
            SWAR.matches(UInt64(truncatingIfNeeded: text >> 64), 0x2e)
        )
        var digits = text
        var digitBits = bits
        var scale = 0
        if early | late != 0 {
            let pointBits =
                (early != 0 ? UInt64(early.trailingZeroBitCount) : 64 + UInt64(late.trailingZeroBitCount)) & 0x78
            guard pointBits &- 8 < bits &- 16, text & 0xff != 0x30 || pointBits == 8 else { return nil }
            let below = (1 << UInt128(pointBits)) &- 1 as UInt128
            digits = (text & below) | ((text >> 8) & ~below)
            digitBits = bits - 8
            scale = Int((digitBits - pointBits) >> 3)
        } else {
            guard text & 0xff != 0x30 || bits == 8 else { return nil }
        }
        let zeros = UInt128(SWAR.zeros) << 64 | UInt128(SWAR.zeros)
        let values = (digits ^ zeros) << (128 - UInt128(digitBits))
        let (first, second) = (UInt64(truncatingIfNeeded: values), UInt64(truncatingIfNeeded: values >> 64))
        guard SWAR.areDigits(first), SWAR.areDigits(second) else { return nil }
        // Sixteen digits are below 2^54.
        let magnitude = Int64(SWAR.value(ofDigits: first)) &* 100_000_000 &+ Int64(SWAR.value(ofDigits: second))
        guard magnitude != 0 || !isNegative else {
            /// Creates `-0`, `-0.0` and so on.
            self.init(negativeZeroScale: scale)
            return
        }
        self.init(smallMantissa: isNegative ? -magnitude : magnitude, scale: scale)
    }

    /// `-0`, `-0.0` and so on.
    init(negativeZeroScale scale: Int) {
        self.init(smallMantissa: 0, scale: scale)
        low |= Self.negativeZeroMark
    }
}

/// Reads a decimal text byte by byte, by the plain rules.
struct DecimalText {
    private var mantissa: UInt128 = 0
    private var digitCount = 0
    private var scale = -1
    private var isNegative = false
    private var length = 0
    private var hasLeadingZero = false

    /// Takes the next byte; returns `false` if no decimal continues like this.
    mutating func append(_ byte: UInt8) -> Bool {
        defer { length += 1 }
        if byte == UInt8(ascii: "-"), length == 0 {
            isNegative = true
            return true
        }
        let index = isNegative ? length - 1 : length
        if byte == UInt8(ascii: ".") {
            guard index > 0, scale < 0 else { return false }
            scale = 0
            return true
        }
        let digit = byte &- UInt8(ascii: "0")
        guard digit < 10 else { return false }
        if index == 0 { hasLeadingZero = digit == 0 }
        guard !(hasLeadingZero && index > 0 && scale < 0) else { return false }
        if mantissa != 0 || digit != 0 { digitCount += 1 }
        if scale >= 0 { scale += 1 }
        guard digitCount <= ExactDecimal.maximumDigitCount, scale <= ExactDecimal.maximumDigitCount else {
            return false
        }
        mantissa = mantissa &* 10 &+ UInt128(digit)
        return true
    }

    /// The decimal; `nil` if the text is incomplete.
    var decimal: ExactDecimal? {
        guard length > (isNegative ? 1 : 0), scale != 0 else { return nil }
        let scale = max(scale, 0)
        guard mantissa != 0 || !isNegative else { return ExactDecimal(negativeZeroScale: scale) }
        return ExactDecimal(uncheckedMantissa: isNegative ? -Int128(mantissa) : Int128(mantissa), scale: scale)
    }
}
