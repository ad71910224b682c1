/// Converts hexadecimal digits to words and back.
enum Hexadecimal {
    static func word(_ digits: [UInt8], at start: Int, count: Int) -> UInt64? {
        var word: UInt64 = 0
        for byte in digits[start..<start + count] {
            guard let digit = digitValue(byte) else { return nil }
            word = word << 4 | digit
        }
        return word
    }

    static func digitValue(_ byte: UInt8) -> UInt64? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): UInt64(byte - UInt8(ascii: "0"))
        case UInt8(ascii: "a")...UInt8(ascii: "f"): UInt64(byte - UInt8(ascii: "a") + 10)
        case UInt8(ascii: "A")...UInt8(ascii: "F"): UInt64(byte - UInt8(ascii: "A") + 10)
        default: nil
        }
    }

    static func append(_ word: UInt64, digitCount: Int, to bytes: inout [UInt8]) {
        for index in (0..<digitCount).reversed() {
            let digit = UInt8(truncatingIfNeeded: word >> UInt64(4 * index)) & 0xf
            bytes.append(digit < 10 ? UInt8(ascii: "0") + digit : UInt8(ascii: "a") + digit - 10)
        }
    }

    /// The value of eight hexadecimal digits, the first one in the least significant byte; `nil` if one is no digit.
    @inline(__always) static func eightDigits(_ text: UInt64) -> UInt64? {
        let ones: UInt64 = 0x0101_0101_0101_0101
        let high: UInt64 = 0x8080_8080_8080_8080
        guard text & high == 0 else { return nil }
        let lowered = text | (ones &* 0x20)
        // The high bit of each byte that is at least the bound.
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

    /// The eight lower-case digits of a number, the first one in the least significant byte: the inverse of
    /// `eightDigits`.
    static func text(_ number: UInt32) -> UInt64 {
        var bytes: [UInt8] = []
        append(UInt64(number), digitCount: 8, to: &bytes)
        return bytes.reversed().reduce(0) { $0 << 8 | UInt64($1) }
    }
}
