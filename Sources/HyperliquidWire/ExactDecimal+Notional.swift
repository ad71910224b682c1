extension Level {
    /// What the level is worth: price times size, exact, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` when it has more than 35 digits.
    public var notional: ExactDecimal {
        get throws(ExactDecimalOverflow) { try price.multiplied(by: size) }
    }
}

extension Trade {
    /// What was traded: price times size, exact, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` when it has more than 35 digits.
    public var notional: ExactDecimal {
        get throws(ExactDecimalOverflow) { try price.multiplied(by: size) }
    }
}

extension Fill {
    /// What was filled: price times size, exact, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` when it has more than 35 digits.
    public var notional: ExactDecimal {
        get throws(ExactDecimalOverflow) { try price.multiplied(by: size) }
    }
}
