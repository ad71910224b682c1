/// Eight bytes at once: the arithmetic of whole words on packed characters.
enum Swar {
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

    /// Whether each byte is below ten.
    @inline(__always) static func areDigits(_ values: UInt64) -> Bool {
        nonDigits(values) == 0
    }

    /// The number that eight bytes below ten spell, the first one the most significant.
    @inline(__always) static func value(ofDigits values: UInt64) -> UInt64 {
        let pairs = (values &* 10) &+ (values >> 8)
        let left = (pairs & 0x0000_00ff_0000_00ff) &* 0x000f_4240_0000_0064
        let right = ((pairs >> 16) & 0x0000_00ff_0000_00ff) &* 0x0000_2710_0000_0001
        return (left &+ right) >> 32
    }
}
