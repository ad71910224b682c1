extension ExactDecimal {
    /// The number in units of 10^-`scale`, for arithmetic on plain integers: 64000.5 at scale 6 is 64000500000.
    ///
    /// - Parameter scale: From 0 to 18.
    /// - Returns: Nothing when the number has more digits behind the point, or does not fit.
    @inlinable @inline(__always) public func units(atScale scale: Int) -> Int64? {
        let missing = scale &- self.scale
        // A mantissa of up to 55 bits, which nearly all have, stands in the low word and its sign alone in the high one.
        let mantissa = Int64(bitPattern: low) &>> 8
        guard 0...18 ~= missing, high == Int64(bitPattern: low) &>> 63 else { return wideUnits(atScale: scale) }
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: Self.powerOfTen(missing))
        return overflow ? nil : units
    }

    /// The same by plain 128-bit arithmetic.
    @usableFromInline func wideUnits(atScale scale: Int) -> Int64? {
        guard scale >= self.scale, scale <= 18 else { return nil }
        let factor = Int128(UInt128(10).power(scale - self.scale))
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Int64(exactly: units)
    }

    /// Ten to the power of `exponent`, 0 to 18, without a branch: scales change from one number to the next.
    @inlinable @inline(__always) static func powerOfTen(_ exponent: Int) -> Int64 {
        var power: Int64 = exponent & 1 == 0 ? 1 : 10
        power &*= exponent & 2 == 0 ? 1 : 100
        power &*= exponent & 4 == 0 ? 1 : 10_000
        power &*= exponent & 8 == 0 ? 1 : 100_000_000
        return power &* (exponent & 16 == 0 ? 1 : 10_000_000_000_000_000)
    }
}
