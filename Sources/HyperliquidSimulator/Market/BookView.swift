internal import HyperliquidWire

/// A book as a subscription sees it: so many levels, in groups where it asked for fewer digits.
struct BookView {
    let bids: [Level]
    let asks: [Level]
    /// The width of the groups.
    let width: ExactDecimal

    /// - Parameters:
    ///   - digits: Significant digits of a price (`nSigFigs`); all by default.
    ///   - mantissa: The last digit goes in steps of so many.
    ///   - count: Levels a side.
    init(_ coin: CoinMarket, digits: Int?, mantissa: Int?, count: Int) {
        let instrument = coin.instrument
        guard let digits else {
            bids = coin.book.bids.prefix(count).map { Self.level($0, instrument) }
            asks = coin.book.asks.prefix(count).map { Self.level($0, instrument) }
            width = instrument.price(1)
            return
        }
        let best = coin.book.asks.first?.price ?? instrument.basePrice
        let step = powerOfTen(String(best).count - digits) * Int64(mantissa ?? 1)
        width = instrument.price(step)
        bids = Self.group(coin, isBid: true, step: step, count: count).map { Self.level($0, instrument) }
        asks = Self.group(coin, isBid: false, step: step, count: count).map { Self.level($0, instrument) }
    }

    private static func level(_ row: OrderBook.Row, _ instrument: Instrument) -> Level {
        Level(
            price: instrument.price(row.price), size: instrument.size(row.size), orderCount: Int(row.orderCount))
    }

    /// The near levels in groups: a bid falls to the group below it, an ask rises to the one above, so they never
    /// meet. Further out than the book is kept, groups have the size that their width deserves.
    private static func group(_ coin: CoinMarket, isBid: Bool, step: Int64, count: Int) -> [OrderBook.Row] {
        var groups: [OrderBook.Row] = []
        for row in isBid ? coin.book.bids : coin.book.asks {
            let price = isBid ? row.price / step * step : (row.price + step - 1) / step * step
            guard price > 0 else { break }
            if let last = groups.last, last.price == price {
                groups[groups.count - 1].size += row.size
                groups[groups.count - 1].orderCount += row.orderCount
            } else {
                groups.append(OrderBook.Row(price: price, size: row.size, orderCount: row.orderCount))
            }
        }
        guard step > 1 else { return Array(groups.prefix(count)) }
        let seed = SplitMix64.hash(coin.instrument.coin.name) ^ (isBid ? 1 : 2)
        while groups.count < count, let last = groups.last {
            let price = isBid ? last.price - step : last.price + step
            guard price > 0 else { break }
            let draw = SplitMix64.mix(seed, UInt64(price))
            let levels = Int64(min(step, 400))
            groups.append(
                OrderBook.Row(
                    price: price, size: coin.instrument.lot * levels * Int64(1 + draw % 3),
                    orderCount: levels * Int64(1 + draw >> 8 % 4)))
        }
        return Array(groups.prefix(count))
    }
}
