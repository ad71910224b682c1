// Arithmetic of values that are trusted to be small, as `Int` has it: it traps if a result does not fit. For numbers of
// any size, use `adding(_:)`, `subtracting(_:)` and `multiplied(by:)`, which throw.

extension ExactDecimal: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// Creates an integer.
    public init(integerLiteral value: Int64) { self.init(uncheckedMantissa: Int128(value), scale: 0) }

    /// Creates the decimal that the literal shows: `0.1` is exactly one tenth.
    /// - Precondition: The literal has at most 15 significant digits, and at most 35 digits when it is written out.
    public init(floatLiteral value: Double) {
        guard let decimal = ExactDecimal(value) else {
            preconditionFailure("\(value) is no decimal of up to 35 digits")
        }
        self = decimal
    }

    /// Creates the shortest decimal that has this value as a `Double`: `ExactDecimal(0.1)` is exactly one tenth.
    /// - Returns: `nil` if the number is not finite, or has more than 35 digits when it is written out.
    public init?(_ value: Double) {
        guard value.isFinite else { return nil }
        let parts = "\(value)".split(separator: "e")
        let exponent = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
        guard let digits = ExactDecimal(String(parts[0])) else { return nil }
        // `Double` writes whole numbers with one zero behind the point.
        let plain = digits.withoutTrailingZeros
        let scale = plain.scale - exponent
        guard (-Self.maximumDigitCount...Self.maximumDigitCount).contains(scale) else { return nil }
        guard scale < 0 else {
            guard let decimal = ExactDecimal(mantissa: plain.mantissa, scale: scale) else { return nil }
            self = decimal
            return
        }
        let (product, overflow) = plain.mantissa.multipliedReportingOverflow(by: Int128(UInt128(10).power(-scale)))
        guard !overflow, let decimal = ExactDecimal(mantissa: product, scale: 0) else { return nil }
        self = decimal
    }
}

extension Double {
    /// The nearest `Double` to an exact decimal, with ties to even.
    public init(_ decimal: ExactDecimal) { self = decimal.doubleValue }
}

extension ExactDecimal: SignedNumeric {
    /// Creates an integer; `nil` if it has more than 35 digits.
    public init?(exactly source: some BinaryInteger) {
        guard let mantissa = Int128(exactly: source), let decimal = ExactDecimal(mantissa: mantissa, scale: 0) else {
            return nil
        }
        self = decimal
    }

    /// The absolute value.
    public var magnitude: ExactDecimal { mantissa < 0 || isNegativeZero ? negated : self }

    /// The exact sum. Traps if it has more than 35 digits; ``adding(_:)`` throws instead.
    public static func + (lhs: ExactDecimal, rhs: ExactDecimal) -> ExactDecimal {
        whole(Result { () throws(ExactDecimalOverflow) in try lhs.adding(rhs) })
    }

    /// The exact difference. Traps if it has more than 35 digits; ``subtracting(_:)`` throws instead.
    public static func - (lhs: ExactDecimal, rhs: ExactDecimal) -> ExactDecimal {
        whole(Result { () throws(ExactDecimalOverflow) in try lhs.subtracting(rhs) })
    }

    /// The exact product. Traps if it has more than 35 digits or fraction digits; ``multiplied(by:)`` throws instead.
    public static func * (lhs: ExactDecimal, rhs: ExactDecimal) -> ExactDecimal {
        whole(Result { () throws(ExactDecimalOverflow) in try lhs.multiplied(by: rhs) })
    }

    /// Multiplies in place; traps as `*` does.
    public static func *= (lhs: inout ExactDecimal, rhs: ExactDecimal) { lhs = lhs * rhs }

    /// The number with its sign inverted.
    public static prefix func - (operand: ExactDecimal) -> ExactDecimal { operand.negated }

    private static func whole(_ result: Result<ExactDecimal, ExactDecimalOverflow>) -> ExactDecimal {
        switch result {
        case .success(let value): value
        case .failure(let overflow): preconditionFailure("\(overflow)")
        }
    }
}

extension ExactDecimal {
    /// The number with at most `scale` digits behind the point; unchanged if it has no more.
    /// - Parameters:
    ///   - scale: From 0 on.
    ///   - rule: How to round: to the nearest, with ties to even, by default.
    public func rounded(
        toScale scale: Int, _ rule: FloatingPointRoundingRule = .toNearestOrEven
    ) -> ExactDecimal {
        precondition(scale >= 0, "a number has no fewer than 0 digits behind the point")
        guard self.scale > scale else { return self }
        return ExactDecimal(uncheckedMantissa: mantissa.dividedByTen(self.scale - scale, rule), scale: scale)
    }

    /// The number with at most `count` significant figures; unchanged if it has no more.
    ///
    /// The venue accepts prices with five: `price.rounded(toSignificantFigures: 5)`.
    /// - Parameters:
    ///   - count: From 1 on.
    ///   - rule: How to round: to the nearest, with ties to even, by default.
    /// - Precondition: The result has at most 35 digits.
    public func rounded(
        toSignificantFigures count: Int, _ rule: FloatingPointRoundingRule = .toNearestOrEven
    ) -> ExactDecimal {
        precondition(count >= 1, "a number has at least one significant figure")
        let surplus = String(mantissa.magnitude).count - count
        guard surplus > 0 else { return self }
        if surplus <= scale { return rounded(toScale: scale - surplus, rule) }
        let figures = mantissa.dividedByTen(surplus, rule)
        return ExactDecimal(uncheckedMantissa: figures * Int128(UInt128(10).power(surplus - scale)), scale: 0)
    }

    /// The same number without zeros at the end of its fraction.
    public var withoutTrailingZeros: ExactDecimal {
        let (mantissa, scale) = reduced
        return ExactDecimal(uncheckedMantissa: mantissa, scale: scale)
    }
}

extension Int128 {
    /// This number divided by 10 to the power of `exponent`, 1 to 35, and rounded.
    fileprivate func dividedByTen(_ exponent: Int, _ rule: FloatingPointRoundingRule) -> Int128 {
        let divisor = Int128(UInt128(10).power(exponent))
        let (quotient, remainder) = quotientAndRemainder(dividingBy: divisor)
        guard remainder != 0 else { return quotient }
        let away = quotient + signum()
        let half = divisor / 2
        let isAboveHalf = remainder.magnitude > half.magnitude
        let isHalf = remainder.magnitude == half.magnitude
        switch rule {
        case .towardZero: return quotient
        case .awayFromZero: return away
        case .up: return self > 0 ? away : quotient
        case .down: return self < 0 ? away : quotient
        case .toNearestOrAwayFromZero: return isAboveHalf || isHalf ? away : quotient
        case .toNearestOrEven: return isAboveHalf || (isHalf && !quotient.isMultiple(of: 2)) ? away : quotient
        @unknown default: return isAboveHalf ? away : quotient
        }
    }
}
