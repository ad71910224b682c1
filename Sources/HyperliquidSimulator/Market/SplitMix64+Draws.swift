internal import HyperliquidWire

extension SplitMix64 {
    /// A whole number from 0 up to `bound`, which is left out.
    mutating func below(_ bound: Int64) -> Int64 {
        // The high half times the bound: even enough for bounds far below 2^32, and the same on every machine.
        Int64((next() >> 32).multipliedReportingOverflow(by: UInt64(max(bound, 1))).partialValue >> 32)
    }

    /// A whole number in a closed range.
    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// Yes, so many times in a hundred.
    mutating func chance(_ percent: Int64) -> Bool { below(100) < percent }

    /// A number that depends on nothing but its sources.
    static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: first ^ second &* 0xff51_afd7_ed55_8ccd)
        return generator.next()
    }

    /// A number for a text.
    static func hash(_ text: String) -> UInt64 {
        var digest = FNV1a()
        digest.mix(text)
        return digest.value
    }
}

extension Address {
    /// The address of a made-up participant.
    init(participant: UInt64) {
        var generator = SplitMix64(seed: participant)
        self.init(
            high: generator.next(), middle: generator.next(), low: UInt32(truncatingIfNeeded: generator.next()))
    }

    /// A number for the address.
    var seed: UInt64 { SplitMix64.mix(high ^ UInt64(low), middle) }
}

extension TransactionHash {
    /// The hash of a made-up transaction.
    init(transaction: UInt64) {
        var generator = SplitMix64(seed: transaction)
        self.init(generator.next(), generator.next(), generator.next(), generator.next())
    }

    /// No transaction of a user: TWAP slices and funding have it.
    static let zero = TransactionHash(0, 0, 0, 0)
}

extension ExactDecimal {
    /// A number as the venue writes it: no zeros behind the last digit, but at least one digit behind the point.
    static func venue(_ mantissa: Int64, scale: Int) -> ExactDecimal {
        var mantissa = mantissa
        var scale = scale
        while scale > 1, mantissa % 10 == 0 {
            mantissa /= 10
            scale -= 1
        }
        let wide = scale == 0 ? Int128(mantissa) * 10 : Int128(mantissa)
        // Never nothing: an Int64 has at most 19 digits.
        return ExactDecimal(mantissa: wide, scale: max(scale, 1)) ?? .zero
    }
}
