internal import HyperliquidWire

/// One thing that is traded.
struct Instrument: Hashable, Sendable {
    /// What kind of thing.
    enum Kind: Hashable, Sendable {
        /// A perpetual of the dex at this place.
        case perp(dex: Int)
        /// A spot pair: its index and its base token.
        case spot(pair: Int, token: Int)
        /// A side of an outcome.
        case outcome(Int)
    }

    let coin: Coin
    let kind: Kind
    /// The price around which it moves, in units of the last digit.
    let basePrice: Int64
    /// Digits behind the point of a price.
    let priceScale: Int
    /// Digits behind the point of a size.
    let sizeScale: Int
    let maximumLeverage: Int
    /// Blocks from event to event, in the mean.
    let meanGap: Int64
    /// Never traded again: its book is empty.
    let isDelisted: Bool

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

    /// The perp dex it belongs to.
    var dex: Int? {
        guard case .perp(let dex) = kind else { return nil }
        return dex
    }

    /// A handy size: worth about 2000 in quote units.
    var lot: Int64 { max(1, 2000 * powerOfTen(priceScale + sizeScale) / basePrice) }

    func price(_ ticks: Int64) -> ExactDecimal { .venue(ticks, scale: priceScale) }
    func size(_ units: Int64) -> ExactDecimal { .venue(units, scale: sizeScale) }
    /// Price times size, from whole units.
    func notional(_ units: Int64) -> ExactDecimal { .venue(units, scale: priceScale + sizeScale) }
}

/// 10 to a small power.
func powerOfTen(_ exponent: Int) -> Int64 { (0..<max(exponent, 0)).reduce(1) { power, _ in power * 10 } }
