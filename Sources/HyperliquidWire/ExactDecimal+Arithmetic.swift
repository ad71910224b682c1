/// A result has more digits than an ``ExactDecimal`` holds.
public struct ExactDecimalOverflow: Error, Hashable, Sendable, CustomStringConvertible {
    /// Says what happened and what to do.
    public var description: String {
        "The exact result has more than \(ExactDecimal.maximumDigitCount) digits; compute with `doubleValue` instead."
    }
}

extension ExactDecimal {
    /// The exact sum, at the larger of the two scales.
    /// - Throws: ``ExactDecimalOverflow`` when it has more than 35 digits.
    public func adding(_ other: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        let common = max(scale, other.scale)
        let left = try rescaledMantissa(to: common)
        let right = try other.rescaledMantissa(to: common)
        return try ExactDecimal.checked(left.addingReportingOverflow(right), scale: common)
    }

    /// The exact difference, at the larger of the two scales.
    /// - Throws: ``ExactDecimalOverflow`` when it has more than 35 digits.
    public func subtracting(_ other: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        try adding(other.negated)
    }

    /// The exact product, at the sum of the two scales.
    /// - Throws: ``ExactDecimalOverflow`` when it has more than 35 digits or fraction digits.
    public func multiplied(by other: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        try ExactDecimal.checked(
            mantissa.multipliedReportingOverflow(by: other.mantissa), scale: scale + other.scale)
    }

    /// The same number with the other sign.
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
