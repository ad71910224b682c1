// The core does without Foundation (docs/decisions/0005-no-foundation.md); this product is for programs that have it.
public import Foundation
public import HyperliquidWire

extension Decimal {
    /// The same number. A `Decimal` has 38 digits, so it holds every `ExactDecimal`.
    public init(_ decimal: ExactDecimal) {
        let magnitude = decimal.mantissa.magnitude
        let high = Decimal(UInt64(truncatingIfNeeded: magnitude / 1_000_000_000_000_000_000))
        let low = Decimal(UInt64(truncatingIfNeeded: magnitude % 1_000_000_000_000_000_000))
        let digits = high * Decimal(1_000_000_000_000_000_000 as UInt64) + low
        self.init(sign: decimal.mantissa < 0 ? .minus : .plus, exponent: -decimal.scale, significand: digits)
    }
}

extension ExactDecimal {
    /// The same number; `nil` if it is not a number or has more than 35 digits.
    public init?(_ decimal: Decimal) {
        guard !decimal.isNaN else { return nil }
        self.init("\(decimal)")
    }

    /// The number as Foundation's `Decimal`.
    public var decimalValue: Decimal { Decimal(self) }
}

extension Date {
    /// A time of the venue, or of `SubscriptionMetrics` and other values of this package.
    /// - Parameter milliseconds: Milliseconds since 1970.
    public init(milliseconds: Int64) { self.init(timeIntervalSince1970: Double(milliseconds) / 1000) }
}

extension Trade {
    /// The time of the trade, by the venue's clock.
    public var time: Date { Date(milliseconds: timeMilliseconds) }
}

extension L2Book {
    /// The time of the block, by the venue's clock.
    public var time: Date { Date(milliseconds: timeMilliseconds) }
}

extension BestBidOffer {
    /// The time of the block, by the venue's clock.
    public var time: Date { Date(milliseconds: timeMilliseconds) }
}

extension Candle {
    /// The beginning of the candle's interval, by the venue's clock.
    public var openTime: Date { Date(milliseconds: openTimeMilliseconds) }
    /// The end of the candle's interval, by the venue's clock.
    public var closeTime: Date { Date(milliseconds: closeTimeMilliseconds) }
}

extension Fill {
    /// The time of the fill, by the venue's clock.
    public var time: Date { Date(milliseconds: timeMilliseconds) }
}

extension Gap {
    /// The begin of the gap, by the local clock; by the venue's for the reason `lateJoin`.
    public var from: Date { Date(milliseconds: fromMilliseconds) }
    /// The end of the gap, by the local clock; by the venue's for the reason `lateJoin`.
    public var to: Date { Date(milliseconds: toMilliseconds) }
}
