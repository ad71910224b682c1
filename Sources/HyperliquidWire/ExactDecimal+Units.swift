extension ExactDecimal {
    /// The number in units of 10^-`scale`, for arithmetic on plain integers: 64000.5 at scale 6 is 64000500000.
    ///
    /// - Parameter scale: From 0 to 18.
    /// - Returns: Nothing when the number has more digits behind the point, or does not fit.
    @inlinable @inline(__always) public func units(atScale scale: Int) -> Int64? {
        let missing = scale &- self.scale
        // A mantissa of up to 55 bits, which nearly all have, stands in the low word and its sign alone in the high one.
        let mantissa = Int64(bitPattern: low) &>> 8
        // From 0 to 7, and the sign alone: as one number, because two conditions become two Booleans that are joined.
        let unusual = (Int64(missing) & ~7) | (high ^ Int64(bitPattern: low) &>> 63)
        guard unusual == 0 else { return wideUnits(atScale: scale) }
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: Self.smallPowerOfTen(missing))
        return overflow ? nil : units
    }

    /// The same by plain 128-bit arithmetic.
    @usableFromInline func wideUnits(atScale scale: Int) -> Int64? {
        guard scale >= self.scale, scale <= 18 else { return nil }
        let factor = Int128(UInt128(10).power(scale - self.scale))
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Int64(exactly: units)
    }

    /// Ten to the power of `exponent`, 0 to 7, without a branch, because scales change from one number to the next, and
    /// from a table that fits a register: 1, 10, 100 and 1000.
    @inlinable @inline(__always) static func smallPowerOfTen(_ exponent: Int) -> Int64 {
        let small = Int64(0x03e8_0064_000a_0001 &>> (exponent & 3 &* 16)) & 0xffff
        return small &* (exponent & 4 == 0 ? 1 : 10_000)
    }
}
