internal import HyperliquidWire

/// A perpetual, a spot pair or a side of an outcome.
struct Instrument: Hashable, Sendable {
    /// The kind of instrument.
    enum Kind: Hashable, Sendable {
        /// A perpetual of the dex at this index.
        case perp(dex: Int)
        /// A spot pair: its index and its base token.
        case spot(pair: Int, token: Int)
        /// A side of an outcome.
        case outcome(Int)
    }

    let coin: Coin
    let kind: Kind
    /// The price around which the market moves, in ticks.
    let basePrice: Int64
    /// The number of decimals of a price: a tick is one unit of the last one.
    let priceScale: Int
    /// The number of decimals of a size.
    let sizeScale: Int
    let maximumLeverage: Int
    /// The mean number of blocks between two events.
    let meanGap: Int64
    /// Whether the instrument is no longer traded, so that its book is empty.
    var isDelisted: Bool
    /// The block in which the instrument was listed; `nil` if that was long ago.
    var firstBlock: Int64?

    init(
        _ name: String, _ kind: Kind, price: Int64, scale: Int, sizeScale: Int, leverage: Int = 3, gap: Int64 = 10,
        isDelisted: Bool = false
    ) {
        coin = Coin(name)
        self.kind = kind
        basePrice = price
        priceScale = scale
        self.sizeScale = sizeScale
        maximumLeverage = leverage
        meanGap = gap
        self.isDelisted = isDelisted
    }

    var isPerp: Bool {
        if case .perp = kind { return true }
        return false
    }

    /// The index of the dex of a perpetual; `nil` for others.
    var dex: Int? {
        guard case .perp(let dex) = kind else { return nil }
        return dex
    }

    /// A typical size, in size units: worth about 2000 quote units.
    var lot: Int64 { max(1, 2000 * powerOfTen(priceScale + sizeScale) / basePrice) }

    func price(_ ticks: Int64) -> ExactDecimal { .venue(ticks, scale: priceScale) }
    func size(_ units: Int64) -> ExactDecimal { .venue(units, scale: sizeScale) }
    /// A value in quote units from a product of ticks and size units.
    func notional(_ units: Int64) -> ExactDecimal { .venue(units, scale: priceScale + sizeScale) }

    /// A product of ticks and size units, in millionths of the quote.
    func millionths(_ product: Int64) -> Int64 {
        let scale = priceScale + sizeScale
        return scale <= 6 ? product * powerOfTen(6 - scale) : product / powerOfTen(scale - 6)
    }
}

/// 10 to the power of an exponent from 0 to 18; 1 for a negative exponent.
func powerOfTen(_ exponent: Int) -> Int64 { (0..<max(exponent, 0)).reduce(1) { power, _ in power * 10 } }

extension ExactDecimal {
    /// A number as the venue writes it: without trailing zeros, but with at least one decimal.
    static func venue(_ mantissa: Int64, scale: Int) -> ExactDecimal {
        var mantissa = mantissa
        var scale = scale
        while scale > 1, mantissa % 10 == 0 {
            mantissa /= 10
            scale -= 1
        }
        let wide = scale == 0 ? Int128(mantissa) * 10 : Int128(mantissa)
        // The result is never `nil`, because an Int64 has at most 19 digits.
        return ExactDecimal(mantissa: wide, scale: max(scale, 1)) ?? .zero
    }

    /// The mantissa at another scale. The caller knows that no digit is lost.
    func rescaled(to scale: Int) -> Int128 {
        scale >= self.scale
            ? mantissa * Int128(powerOfTen(scale - self.scale)) : mantissa / Int128(powerOfTen(self.scale - scale))
    }
}
