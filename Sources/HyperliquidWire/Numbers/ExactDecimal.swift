/// An exact decimal number: an integer mantissa and a scale, in 16 bytes.
///
/// Holds every decimal text of up to 35 digits exactly and keeps its scale, so that `"64000.0"` is written as
/// `"64000.0"` again, and `"-0.0"` as `"-0.0"`. Equality, hash and order go by value: `1.0 == 1.00`. It is never
/// rounded to binary floating point; use ``doubleValue`` for that.
@frozen public struct ExactDecimal: Hashable, Comparable, Sendable {
    /// The mantissa shifted left by eight; below it the scale (six bits) and the mark of a negative zero.
    @usableFromInline var low: UInt64
    @usableFromInline var high: Int64

    /// The largest number of digits: 35.
    public static let maximumDigitCount = 35

    /// Zero, without fraction digits.
    public static let zero = ExactDecimal(smallMantissa: 0, scale: 0)

    @usableFromInline static let negativeZeroMark: UInt64 = 0x40

    @inlinable init(low: UInt64, high: Int64) {
        self.low = low
        self.high = high
    }

    /// For mantissas that fit in 55 bits, as those of nearly all prices and sizes do.
    @inlinable init(smallMantissa: Int64, scale: Int) {
        low = UInt64(bitPattern: smallMantissa << 8) | UInt64(truncatingIfNeeded: scale)
        high = smallMantissa >> 56
    }

    @inlinable init(uncheckedMantissa: Int128, scale: Int) {
        let bits = uncheckedMantissa << 8 | Int128(truncatingIfNeeded: scale)
        low = UInt64(truncatingIfNeeded: bits)
        high = Int64(truncatingIfNeeded: bits >> 64)
    }

    /// Creates `mantissa` · 10^-`scale`; `nil` if it has more than 35 digits or `scale` is not in 0...35.
    public init?(mantissa: Int128, scale: Int) {
        guard (0...Self.maximumDigitCount).contains(scale), mantissa.magnitude < Self.mantissaLimit else { return nil }
        self.init(uncheckedMantissa: mantissa, scale: scale)
    }

    /// Creates an integer.
    public init(_ value: Int) {
        self.init(uncheckedMantissa: Int128(value), scale: 0)
    }

    static let mantissaLimit: UInt128 = UInt128(10).power(maximumDigitCount)

    /// The digits as an integer: 640000 for `64000.0`.
    @inlinable public var mantissa: Int128 {
        (Int128(high) << 64 | Int128(low)) >> 8
    }

    /// The number of digits behind the point: 1 for `64000.0`.
    @inlinable public var scale: Int { Int(low & 0x3f) }

    /// Whether the number was written with a minus sign although it is zero.
    var isNegativeZero: Bool { low & Self.negativeZeroMark != 0 }

    /// The nearest `Double`, with ties to even.
    public var doubleValue: Double {
        let mantissa = mantissa
        if mantissa.magnitude < 1 << 53, scale <= 22 {
            // Both are exact, so the result is rounded only once.
            return isNegativeZero ? -0.0 : Double(Int64(mantissa)) / Self.exactPowers[scale]
        }
        return Double(description) ?? .nan
    }

    private static let exactPowers: [Double] = (0...22).map { exponent in
        (0..<exponent).reduce(1.0) { power, _ in power * 10 }
    }

    /// The mantissa and scale without trailing zeros behind the point, which are equal for equal values.
    var reduced: (mantissa: Int128, scale: Int) {
        var mantissa = mantissa
        var scale = scale
        while scale > 0 {
            let (quotient, remainder) = mantissa.quotientAndRemainder(dividingBy: 10)
            guard remainder == 0 else { break }
            mantissa = quotient
            scale -= 1
        }
        return (mantissa, scale)
    }

    /// Returns whether both have the same value, whatever their scales.
    public static func == (lhs: ExactDecimal, rhs: ExactDecimal) -> Bool {
        if lhs.low == rhs.low, lhs.high == rhs.high { return true }
        if (lhs.low ^ rhs.low) & 0x3f == 0 { return lhs.mantissa == rhs.mantissa }
        return lhs.reduced == rhs.reduced
    }

    /// Hashes the value, whatever the scale.
    public func hash(into hasher: inout Hasher) {
        let (mantissa, scale) = reduced
        hasher.combine(mantissa)
        hasher.combine(scale)
    }

    /// Orders by value.
    public static func < (lhs: ExactDecimal, rhs: ExactDecimal) -> Bool {
        if lhs.scale == rhs.scale { return lhs.mantissa < rhs.mantissa }
        let (left, right) = (lhs.mantissa, rhs.mantissa)
        if left.signum() != right.signum() { return left.signum() < right.signum() }
        // The number with the smaller scale is scaled up, to at most 70 digits, which need 256 bits.
        let common = max(lhs.scale, rhs.scale)
        let wideLeft = left.magnitude.multipliedFullWidth(by: UInt128(10).power(common - lhs.scale))
        let wideRight = right.magnitude.multipliedFullWidth(by: UInt128(10).power(common - rhs.scale))
        let isSmaller = (wideLeft.high, wideLeft.low) < (wideRight.high, wideRight.low)
        let isEqual = (wideLeft.high, wideLeft.low) == (wideRight.high, wideRight.low)
        return left.signum() < 0 ? !isSmaller && !isEqual : isSmaller
    }
}

extension UInt128 {
    /// This number to the power of `exponent`. The result must fit; callers pass a checked scale or digit count.
    func power(_ exponent: Int) -> UInt128 {
        (0..<exponent).reduce(1) { product, _ in product * self }
    }
}

/// A result has more digits than an ``ExactDecimal`` can hold.
public struct ExactDecimalOverflow: Error, Hashable, Sendable, CustomStringConvertible {
    /// The problem and the remedy in one sentence.
    public var description: String {
        "The exact result has more than \(ExactDecimal.maximumDigitCount) digits; compute with `doubleValue` instead."
    }
}

extension ExactDecimal {
    /// The exact sum, at the larger of the two scales.
    /// - Throws: ``ExactDecimalOverflow`` if it has more than 35 digits.
    public func adding(_ other: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        let common = max(scale, other.scale)
        let left = try rescaledMantissa(to: common)
        let right = try other.rescaledMantissa(to: common)
        return try ExactDecimal.checked(left.addingReportingOverflow(right), scale: common)
    }

    /// The exact difference, at the larger of the two scales.
    /// - Throws: ``ExactDecimalOverflow`` if it has more than 35 digits.
    public func subtracting(_ other: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        try adding(other.negated)
    }

    /// The exact product, at the sum of the two scales.
    /// - Throws: ``ExactDecimalOverflow`` if it has more than 35 digits or fraction digits.
    public func multiplied(by other: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        try ExactDecimal.checked(
            mantissa.multipliedReportingOverflow(by: other.mantissa), scale: scale + other.scale)
    }

    /// The number with its sign inverted.
    public var negated: ExactDecimal {
        ExactDecimal(uncheckedMantissa: -mantissa, scale: scale)
    }

    private func rescaledMantissa(to common: Int) throws(ExactDecimalOverflow) -> Int128 {
        let factor = Int128(UInt128(10).power(common - scale))
        let (product, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        guard !overflow else { throw ExactDecimalOverflow() }
        return product
    }

    private static func checked(
        _ result: (partialValue: Int128, overflow: Bool), scale: Int
    ) throws(ExactDecimalOverflow) -> ExactDecimal {
        guard !result.overflow, let value = ExactDecimal(mantissa: result.partialValue, scale: scale) else {
            throw ExactDecimalOverflow()
        }
        return value
    }
}

extension ExactDecimal {
    /// The number in units of 10^-`scale`, for integer arithmetic: 64000.5 at scale 6 is 64000500000.
    ///
    /// - Parameter scale: From 0 to 18.
    /// - Returns: `nil` if the number has more digits behind the point, or does not fit.
    @inlinable @inline(__always) public func units(atScale scale: Int) -> Int64? {
        let missing = scale &- self.scale
        // A mantissa of up to 55 bits, as nearly all have, is in the low word; the high word then has only its sign.
        let mantissa = Int64(bitPattern: low) &>> 8
        // Zero if `missing` is 0 to 7 and the high word has only the sign. Both conditions are tested in one number, so
        // that no two Booleans have to be joined.
        let exception = (Int64(missing) & ~7) | (high ^ Int64(bitPattern: low) &>> 63)
        guard exception == 0 else { return wideUnits(atScale: scale) }
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: Self.smallPowerOfTen(missing))
        return overflow ? nil : units
    }

    /// Returns the same as ``units(atScale:)``, computed with 128-bit arithmetic.
    @usableFromInline func wideUnits(atScale scale: Int) -> Int64? {
        guard scale >= self.scale, scale <= 18 else { return nil }
        let factor = Int128(UInt128(10).power(scale - self.scale))
        let (units, overflow) = mantissa.multipliedReportingOverflow(by: factor)
        return overflow ? nil : Int64(exactly: units)
    }

    /// Ten to the power of `exponent`, 0 to 7.
    ///
    /// Without a branch, because scales change from one number to the next, and from a table that fits in a register:
    /// 1, 10, 100 and 1000.
    @inlinable @inline(__always) static func smallPowerOfTen(_ exponent: Int) -> Int64 {
        let small = Int64(0x03e8_0064_000a_0001 &>> (exponent & 3 &* 16)) & 0xffff
        return small &* (exponent & 4 == 0 ? 1 : 10_000)
    }
}
