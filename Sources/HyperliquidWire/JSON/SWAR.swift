/// Arithmetic on eight packed characters at once (SIMD within a register).
enum SWAR {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080
    static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// The high bit of each byte equal to `byte`. Exact up to the first such byte; callers use no bits after it.
    @inline(__always) static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & highs
    }

    /// The number of bits that hold digits before the first other byte: 0 to 64 in steps of eight.
    @inline(__always) static func digitBits(_ word: UInt64) -> UInt64 {
        UInt64(truncatingIfNeeded: nonDigits(word ^ zeros).trailingZeroBitCount) & 0x78
    }

    /// The high bit of each byte that is 10 or more.
    @inline(__always) static func nonDigits(_ values: UInt64) -> UInt64 {
        // No carry leaves a byte: the high bits are removed before the addition and restored by the `|`.
        (((values & ~highs) &+ ones &* 0x76) | values) & highs
    }

    /// The lowest bit of each byte that is 10 or more. Exact up to the first such byte, and up to the second if the
    /// first was plain ASCII.
    @inline(__always) static func earlyNonDigits(_ values: UInt64) -> UInt64 {
        // A byte that carries into the next one has its own high bit set.
        (((values &+ ones &* 0x76) | values) &>> 7) & ones
    }

    /// Returns whether each byte is below 10.
    @inline(__always) static func areDigits(_ values: UInt64) -> Bool {
        // A byte that carries into the next one has its own high bit set.
        ((values &+ ones &* 0x76) | values) & highs == 0
    }

    /// The number that eight bytes below 10 spell, the first one the most significant.
    @inline(__always) static func value(ofDigits values: UInt64) -> UInt64 {
        // Combines digits, then pairs, then fours: the more significant part, times its weight, is added one part up.
        let pairs = ((values &* (10 << 8 | 1)) &>> 8) & 0x00ff_00ff_00ff_00ff
        let fours = ((pairs &* (100 << 16 | 1)) &>> 16) & 0x0000_ffff_0000_ffff
        return (fours &* (10_000 << 32 | 1)) &>> 32
    }

    /// The number that eight bytes below 10 spell, if only the last four may differ from zero.
    @inline(__always) static func value(ofFourDigits values: UInt64) -> UInt64 {
        let pairs = ((values &* (10 << 8 | 1)) &>> 8) & 0x00ff_00ff_00ff_00ff
        return (pairs &* (100 << 16 | 1)) &>> 48
    }

    /// The number spelled by eight digits and the following `bits` bits of digits, 8 to 64.
    @inline(__always) static func value(ofDigits first: UInt64, _ second: UInt64, bits: UInt64) -> UInt64 {
        // The digits move to the end of sixteen bytes, with zeros before them.
        let high = value(ofDigits: first &<< (64 &- bits))
        return high &* 100_000_000 &+ value(ofDigits: second &<< (64 &- bits) | (first &>> 8) &>> (bits &- 8))
    }
}
