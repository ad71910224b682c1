/// Eight bytes at once: the arithmetic of whole words on packed characters.
enum SWAR {
    static let ones: UInt64 = 0x0101_0101_0101_0101
    static let highs: UInt64 = 0x8080_8080_8080_8080
    static let zeros: UInt64 = 0x3030_3030_3030_3030

    /// The high bit of each byte equal to `byte`. Exact up to the first such byte, which is all that is used.
    @inline(__always) static func matches(_ word: UInt64, _ byte: UInt8) -> UInt64 {
        let difference = word ^ (ones &* UInt64(byte))
        return (difference &- ones) & ~difference & highs
    }

    /// How many bits hold digits before the first byte that is none: 0 to 64 in steps of eight.
    @inline(__always) static func digitBits(_ word: UInt64) -> UInt64 {
        UInt64(truncatingIfNeeded: nonDigits(word ^ zeros).trailingZeroBitCount) & 0x78
    }

    /// The high bit of each byte that is not below ten.
    @inline(__always) static func nonDigits(_ values: UInt64) -> UInt64 {
        // No carry leaves a byte: the high bits are taken out before the addition and put back by the `|`.
        (((values & ~highs) &+ ones &* 0x76) | values) & highs
    }

    /// One in each byte that is not below ten: exact only up to the first such byte, and up to the second where the
    /// first one was plain ASCII.
    @inline(__always) static func earlyNonDigits(_ values: UInt64) -> UInt64 {
        // What carries into the next place had a high bit of its own.
        (((values &+ ones &* 0x76) | values) &>> 7) & ones
    }

    /// Whether each byte is below ten.
    @inline(__always) static func areDigits(_ values: UInt64) -> Bool {
        // What carries into the next place has a high bit of its own.
        ((values &+ ones &* 0x76) | values) & highs == 0
    }

    /// The number that eight bytes below ten spell, the first one the most significant.
    @inline(__always) static func value(ofDigits values: UInt64) -> UInt64 {
        // Each digit with its neighbour, each pair, each four: the greater part times its weight comes in one place up.
        let pairs = ((values &* (10 << 8 | 1)) &>> 8) & 0x00ff_00ff_00ff_00ff
        let fours = ((pairs &* (100 << 16 | 1)) &>> 16) & 0x0000_ffff_0000_ffff
        return (fours &* (10_000 << 32 | 1)) &>> 32
    }

    /// The same of digits of which only the last four are not zero.
    @inline(__always) static func value(ofFourDigits values: UInt64) -> UInt64 {
        let pairs = ((values &* (10 << 8 | 1)) &>> 8) & 0x00ff_00ff_00ff_00ff
        return (pairs &* (100 << 16 | 1)) &>> 48
    }

    /// The number that eight digits spell and so many bits of further ones, 8 to 64.
    @inline(__always) static func value(ofDigits first: UInt64, _ second: UInt64, bits: UInt64) -> UInt64 {
        // The digits move to the end of sixteen places, zeros before them.
        let high = value(ofDigits: first &<< (64 &- bits))
        return high &* 100_000_000 &+ value(ofDigits: second &<< (64 &- bits) | (first &>> 8) &>> (bits &- 8))
    }
}
