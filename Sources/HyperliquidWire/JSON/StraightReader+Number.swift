extension StraightReader {
    /// What a rare writing spells, and where it ends.
    ///
    /// The ways to read rare writings do not move the reader themselves: a call that changes it would keep its place
    /// in memory, and every step of the usual writing would go there and back.
    private struct Found<Value> {
        let value: Value
        let end: Int
    }

    @inline(__always) private mutating func move<Value>(_ found: Found<Value>?) -> Value? {
        guard let found else { return nil }
        position = found.end
        return found.value
    }

    /// An integer of up to 19 digits without a sign.
    @inline(__always) mutating func integer() -> Int64? {
        let first = word(at: position)
        let bits = Swar.digitBits(first)
        // Counts of orders and the like have up to seven digits; a leading zero stands alone.
        guard bits &- 8 < 56, first & 0xff != 0x30 || bits == 8 else { return move(longInteger()) }
        position &+= Int(bits &>> 3)
        return Int64(bitPattern: Swar.value(ofDigits: (first ^ Swar.zeros) &<< (64 &- bits)))
    }

    /// Times and ids: eight digits and more.
    @inline(never) private func longInteger() -> Found<Int64>? {
        let first = word(at: position)
        let firstDigits = first ^ Swar.zeros
        guard Swar.areDigits(firstDigits), first & 0xff != 0x30 else { return nil }
        let second = word(at: position &+ 8)
        let bits = Swar.digitBits(second)
        let secondDigits = second ^ Swar.zeros
        // The digits move to the end of sixteen places, zeros before them.
        let high = Swar.value(ofDigits: firstDigits << (64 &- bits))
        let low = Swar.value(ofDigits: secondDigits << (64 &- bits) | firstDigits >> bits)
        let value = Int64(bitPattern: high &* 100_000_000 &+ low)
        guard bits < 64 else { return veryLongInteger(value) }
        return Found(value: value, end: position &+ 8 &+ Int(bits &>> 3))
    }

    /// Up to three more digits behind the first 16: times in nanoseconds.
    private func veryLongInteger(_ high: Int64) -> Found<Int64>? {
        let third = word(at: position &+ 16)
        let bits = Swar.digitBits(third)
        guard bits <= 24 else { return nil }
        let low = bits == 0 ? 0 : Int64(bitPattern: Swar.value(ofDigits: (third ^ Swar.zeros) &<< (64 &- bits)))
        let (product, isTooLarge) = high.multipliedReportingOverflow(by: ExactDecimal.powerOfTen(Int(bits &>> 3)))
        let (sum, isSumTooLarge) = product.addingReportingOverflow(low)
        guard !isTooLarge, !isSumTooLarge else { return nil }
        return Found(value: sum, end: position &+ 16 &+ Int(bits &>> 3))
    }

    /// A decimal; begins behind the opening quote and ends at the closing one, which the caller takes.
    ///
    /// Nearly every price and size is digits, a point and digits, eight characters at most: one search for what is
    /// no digit finds both ends and proves the rest, at half the instructions of looking for quote and point first.
    @inline(__always) mutating func decimal() -> ExactDecimal? {
        let text = word(at: position)
        let values = text ^ Swar.zeros
        let others = Swar.nonDigits(values)
        let pointBits = UInt64(truncatingIfNeeded: others.trailingZeroBitCount) & 0x78
        let endBits = UInt64(truncatingIfNeeded: (others & (others &- 1)).trailingZeroBitCount) & 0x78
        // A digit on either side of the point; a leading zero only right before it; the quote ninth at the latest.
        guard pointBits &- 8 < endBits &- 16, UInt8(truncatingIfNeeded: text &>> pointBits) == 0x2e,
            text & 0xff != 0x30 || pointBits == 8,
            endBits < 64 || UInt8(truncatingIfNeeded: word(at: position &+ 8)) == 0x22
        else { return move(unusualDecimal()) }
        // The digits behind the point move one place down, over it.
        let below = (1 &<< pointBits) &- 1 as UInt64
        let digits = (values & below) | ((values &>> 8) & ~below)
        let mantissa = Swar.value(ofDigits: digits &<< (72 &- endBits))
        position &+= Int(endBits &>> 3)
        // Seven digits and a scale of up to six: all in the low word.
        return ExactDecimal(low: mantissa &<< 8 | (endBits &- 8 &- pointBits) &>> 3, high: 0)
    }

    /// A decimal without a point, of more than eight characters, or with a sign.
    @inline(never) private func unusualDecimal() -> Found<ExactDecimal>? {
        let text = word(at: position)
        // 64 when the quote is not among the first eight characters: it must be the ninth then.
        let bits = UInt64(truncatingIfNeeded: Swar.matches(text, 0x22).trailingZeroBitCount) & 0x78
        guard bits < 64 || UInt8(truncatingIfNeeded: word(at: position &+ 8)) == 0x22,
            let decimal = ExactDecimal(word: text, bits: bits)
        else { return longDecimal() }
        return Found(value: decimal, end: position &+ Int(bits &>> 3))
    }

    /// A decimal of more than eight characters, or with a sign.
    private func longDecimal() -> Found<ExactDecimal>? {
        let isNegative = nextByte == UInt8(ascii: "-")
        let start = isNegative ? position &+ 1 : position
        let (first, second) = (word(at: start), word(at: start &+ 8))
        var bits: UInt64 = 128
        let (early, late) = (Swar.matches(first, 0x22), Swar.matches(second, 0x22))
        if early != 0 {
            bits = UInt64(early.trailingZeroBitCount) & 0x38
        } else if late != 0 {
            bits = 64 + UInt64(late.trailingZeroBitCount) & 0x38
        } else if UInt8(truncatingIfNeeded: word(at: start &+ 16)) != 0x22 {
            return veryLongDecimal()
        }
        guard let decimal = ExactDecimal(low: first, high: second, bits: bits, isNegative: isNegative) else {
            return nil
        }
        return Found(value: decimal, end: start &+ Int(bits &>> 3))
    }

    /// A decimal of any length, digit by digit.
    private func veryLongDecimal() -> Found<ExactDecimal>? {
        var text = DecimalText()
        var index = position
        while true {
            let byte = UInt8(truncatingIfNeeded: word(at: index))
            if byte == UInt8(ascii: "\"") { break }
            guard text.append(byte) else { return nil }
            index += 1
        }
        return text.decimal.map { Found(value: $0, end: index) }
    }

    /// A decimal in quotes, or null; nothing when it is neither.
    @inline(__always) mutating func decimalOrNull() -> ExactDecimal?? {
        if take("null") { return .some(nil) }
        guard take("\""), let decimal = decimal(), take("\"") else { return nil }
        return decimal
    }
}
