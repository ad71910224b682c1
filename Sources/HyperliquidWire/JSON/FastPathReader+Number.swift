extension FastPathReader {
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
        shortInteger(in: word(at: position)) ?? move(readIntegerSlowly())
    }

    /// An integer of up to seven digits.
    @inline(__always) private mutating func shortInteger(in text: UInt64) -> Int64? {
        shortDigits(in: text, limit: 7).map { Int64(bitPattern: SWAR.value(ofDigits: $0)) }
    }

    /// An integer of up to four digits, as counts of orders and the like are; the caller knows that eight bytes stand
    /// here. Otherwise nothing, and the reader has not moved.
    @inline(__always) mutating func uncheckedShortInteger() -> Int64? {
        shortDigits(in: uncheckedWord(at: position), limit: 4).map { Int64(bitPattern: SWAR.value(ofFourDigits: $0)) }
    }

    /// The digits of an integer, up to seven, moved to the end of eight places.
    @inline(__always) private mutating func shortDigits(in text: UInt64, limit: UInt64) -> UInt64? {
        let values = text ^ SWAR.zeros
        let bits = UInt64(truncatingIfNeeded: SWAR.earlyNonDigits(values).trailingZeroBitCount)
        // A leading zero stands alone.
        guard bits &- 8 < 8 &* limit, UInt8(truncatingIfNeeded: values) != 0 || bits == 8 else { return nil }
        position &+= Int(bits &>> 3)
        return values &<< (64 &- bits)
    }

    /// An integer of up to 19 digits, where 9 to 15 are expected: of a time or an id.
    @inline(__always) mutating func longInteger() -> Int64? {
        guard hasBytes(16), let usual = uncheckedLongInteger() else { return integer() }
        return usual
    }

    /// An integer of 9 to 15 digits; the caller knows that sixteen bytes stand here. Otherwise nothing, and the reader
    /// has not moved. One of 16 digits, as every ninth trade's id is, for a caller that looks itself whether no digit
    /// follows.
    @inline(__always) mutating func uncheckedLongInteger(limit: UInt64 = 15) -> Int64? {
        let (first, second) = (uncheckedWord(at: position) ^ SWAR.zeros, uncheckedWord(at: position &+ 8) ^ SWAR.zeros)
        let bits = UInt64(truncatingIfNeeded: SWAR.earlyNonDigits(second).trailingZeroBitCount)
        guard SWAR.earlyNonDigits(first) == 0, first & 0xff != 0, bits &- 8 < 8 &* (limit &- 8) else { return nil }
        position &+= 8 &+ Int(bits &>> 3)
        return Int64(bitPattern: SWAR.value(ofDigits: first, second, bits: bits))
    }

    /// Eight digits and more.
    @inline(never) private func readIntegerSlowly() -> Found<Int64>? {
        let first = word(at: position)
        let firstDigits = first ^ SWAR.zeros
        guard SWAR.areDigits(firstDigits), first & 0xff != 0x30 else { return nil }
        let second = word(at: position &+ 8)
        let bits = SWAR.digitBits(second)
        let secondDigits = second ^ SWAR.zeros
        // The digits move to the end of sixteen places, zeros before them.
        let high = SWAR.value(ofDigits: firstDigits << (64 &- bits))
        let low = SWAR.value(ofDigits: secondDigits << (64 &- bits) | firstDigits >> bits)
        let value = Int64(bitPattern: high &* 100_000_000 &+ low)
        guard bits < 64 else { return veryLongInteger(value) }
        return Found(value: value, end: position &+ 8 &+ Int(bits &>> 3))
    }

    /// Up to three more digits behind the first 16: times in nanoseconds.
    private func veryLongInteger(_ high: Int64) -> Found<Int64>? {
        let third = word(at: position &+ 16)
        let bits = SWAR.digitBits(third)
        guard bits <= 24 else { return nil }
        let low = bits == 0 ? 0 : Int64(bitPattern: SWAR.value(ofDigits: (third ^ SWAR.zeros) &<< (64 &- bits)))
        let (product, isTooLarge) = high.multipliedReportingOverflow(by: ExactDecimal.smallPowerOfTen(Int(bits &>> 3)))
        let (sum, isSumTooLarge) = product.addingReportingOverflow(low)
        guard !isTooLarge, !isSumTooLarge else { return nil }
        return Found(value: sum, end: position &+ 16 &+ Int(bits &>> 3))
    }

    /// A decimal and the literal behind it, which begins with the closing quote; begins behind the opening one.
    @inline(__always) mutating func decimal(before literal: StaticString) -> ExactDecimal? {
        guard hasBytes(8 &+ literal.utf8CodeUnitCount), let usual = uncheckedShortDecimal(before: literal) else {
            return move(readDecimalSlowly(before: literal))
        }
        return usual
    }

    /// Digits, a point and digits, eight characters at most, as nearly every price and size is, and the literal behind
    /// them; the caller knows that so many bytes stand here. Otherwise nothing, and the reader has not moved.
    ///
    /// One search for what is no digit finds both ends, and the literal proves the second one.
    @inline(__always) mutating func uncheckedShortDecimal(before literal: StaticString) -> ExactDecimal? {
        let values = uncheckedWord(at: position) ^ SWAR.zeros
        let others = SWAR.earlyNonDigits(values)
        // A bit that is never a point: a count below 64 needs none of the care that one of 64 does.
        let pointBits = UInt64(truncatingIfNeeded: (others | 1 &<< 63).trailingZeroBitCount)
        let endBits = UInt64(truncatingIfNeeded: (others & (others &- 1)).trailingZeroBitCount)
        let tail = values &>> pointBits
        // A digit on either side of the point; a leading zero only right before it.
        guard pointBits &- 8 < endBits &- 16, UInt8(truncatingIfNeeded: tail) == 0x2e ^ 0x30,
            UInt8(truncatingIfNeeded: values) != 0 || pointBits == 8,
            takeUnchecked(literal, at: position &+ Int(endBits &>> 3))
        else { return nil }
        // The digits behind the point move one place down, over it.
        let digits = values &- (tail &- tail &>> 8) &<< pointBits
        let mantissa = SWAR.value(ofDigits: digits &<< (72 &- endBits))
        // Seven digits and a scale of up to six: all in the low word.
        return ExactDecimal(low: mantissa &<< 8 &+ (endBits &- pointBits) &>> 3 &- 1, high: 0)
    }

    /// A decimal without a point, of more than eight characters, or with a sign, and the literal behind it.
    @inline(never) private func readDecimalSlowly(before literal: StaticString) -> Found<ExactDecimal>? {
        guard let found = readDecimalSlowly() else { return nil }
        var own = self
        own.position = found.end
        return own.take(literal) ? Found(value: found.value, end: own.position) : nil
    }

    private func readDecimalSlowly() -> Found<ExactDecimal>? {
        let text = word(at: position)
        // 64 when the quote is not among the first eight characters: it must be the ninth then.
        let bits = UInt64(truncatingIfNeeded: SWAR.matches(text, 0x22).trailingZeroBitCount) & 0x78
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
        let (early, late) = (SWAR.matches(first, 0x22), SWAR.matches(second, 0x22))
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
        guard take("\""), let decimal = decimal(before: "\"") else { return nil }
        return decimal
    }
}
