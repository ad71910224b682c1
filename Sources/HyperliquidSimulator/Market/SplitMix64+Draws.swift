internal import HyperliquidWire

extension SplitMix64 {
    /// An integer from 0 up to, but not including, `bound`.
    mutating func below(_ bound: Int64) -> Int64 {
        // The high half times the bound: uniform enough for bounds far below 2^32, and the same on every machine.
        Int64((next() >> 32).multipliedReportingOverflow(by: UInt64(max(bound, 1))).partialValue >> 32)
    }

    /// An integer in a closed range.
    mutating func within(_ range: ClosedRange<Int64>) -> Int64 {
        range.lowerBound + below(range.upperBound - range.lowerBound + 1)
    }

    /// `true` with a probability of `percent` in a hundred.
    mutating func chance(_ percent: Int64) -> Bool { below(100) < percent }

    /// A number derived from two others.
    static func mix(_ first: UInt64, _ second: UInt64) -> UInt64 {
        var generator = SplitMix64(seed: first ^ second &* 0xff51_afd7_ed55_8ccd)
        return generator.next()
    }

    /// A number derived from a text, the same on every machine.
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

    /// A seed derived from the address.
    var seed: UInt64 { SplitMix64.mix(high ^ UInt64(low), middle) }
}

extension TransactionHash {
    /// The hash of a made-up transaction.
    init(transaction: UInt64) {
        var generator = SplitMix64(seed: transaction)
        self.init(generator.next(), generator.next(), generator.next(), generator.next())
    }

    /// The hash of TWAP slices and funding, which are in no transaction of a user.
    static let zero = TransactionHash(0, 0, 0, 0)
}
