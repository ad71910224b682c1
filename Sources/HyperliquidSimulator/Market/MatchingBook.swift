internal import HyperliquidWire

/// The book of one coin, in which takers are matched: both sides near the best prices, in ticks and size units.
struct MatchingBook: Hashable, Sendable {
    /// One price level.
    struct Row: Hashable, Sendable {
        var price: Int64
        var size: Int64
        var orderCount: Int64
    }

    /// One taker's execution at one price.
    struct Match: Hashable, Sendable {
        let price: Int64
        let size: Int64
    }

    /// The levels of the bids, best first.
    private(set) var bids: [Row] = []
    /// The levels of the asks, best first.
    private(set) var asks: [Row] = []

    /// The largest number of levels kept per side: more than the twenty that are shown.
    static let depth = 24

    /// Twice the mid price, so that it is a whole number of ticks. `nil` if a side is empty.
    var doubleMid: Int64? {
        guard let bid = bids.first, let ask = asks.first else { return nil }
        return bid.price + ask.price
    }

    /// Adds size at a price. Does nothing if the price would cross the other side.
    mutating func add(_ size: Int64, at price: Int64, isBid: Bool) {
        guard price > 0, size > 0 else { return }
        if isBid {
            guard price < asks.first?.price ?? .max else { return }
            Self.add(Row(price: price, size: size, orderCount: 1), to: &bids) { $0 > $1 }
        } else {
            guard price > bids.first?.price ?? 0 else { return }
            Self.add(Row(price: price, size: size, orderCount: 1), to: &asks) { $0 < $1 }
        }
    }

    private static func add(_ row: Row, to side: inout [Row], isBetter: (Int64, Int64) -> Bool) {
        let index = side.firstIndex { !isBetter($0.price, row.price) } ?? side.count
        if index < side.count, side[index].price == row.price {
            side[index].size += row.size
            side[index].orderCount += 1
        } else {
            side.insert(row, at: index)
            if side.count > depth { side.removeLast() }
        }
    }

    /// Matches a taker with up to `size` of the other side, best price first. At least `spared` levels are left.
    mutating func take(_ size: Int64, isBuy: Bool, sparing spared: Int = 4) -> [Match] {
        isBuy ? Self.take(size, from: &asks, spared) : Self.take(size, from: &bids, spared)
    }

    private static func take(_ size: Int64, from side: inout [Row], _ spared: Int) -> [Match] {
        var rest = size
        var matches: [Match] = []
        while rest > 0, let best = side.first {
            if best.size > rest {
                side[0].size -= rest
                side[0].orderCount = max(1, best.orderCount - 1)
                matches.append(Match(price: best.price, size: rest))
                return matches
            }
            guard side.count > spared else { break }
            matches.append(Match(price: best.price, size: best.size))
            rest -= best.size
            side.removeFirst()
        }
        return matches
    }

    /// Removes the best level of a side, because its orders were cancelled. At least `spared` levels are left.
    mutating func cancelBest(isBid: Bool, sparing spared: Int = 4) {
        if isBid, bids.count > spared { bids.removeFirst() }
        if !isBid, asks.count > spared { asks.removeFirst() }
    }

    /// Changes the size of a level. Does nothing if the side has no such level.
    mutating func resize(at index: Int, isBid: Bool, to size: Int64, orderCount: Int64) {
        guard size > 0 else { return }
        if isBid, bids.indices.contains(index) {
            bids[index].size = size
            bids[index].orderCount = orderCount
        } else if !isBid, asks.indices.contains(index) {
            asks[index].size = size
            asks[index].orderCount = orderCount
        }
    }

    /// Whether the sides are in order and do not touch.
    var isSound: Bool {
        let isDescending = zip(bids, bids.dropFirst()).allSatisfy { $0.price > $1.price }
        let isAscending = zip(asks, asks.dropFirst()).allSatisfy { $0.price < $1.price }
        let isApart = bids.first.map { bid in asks.first.map { bid.price < $0.price } ?? true } ?? true
        return isDescending && isAscending && isApart
            && (bids + asks).allSatisfy { $0.size > 0 && $0.orderCount > 0 && $0.price > 0 }
    }
}

/// A book as a subscription shows it: its best levels, in groups if fewer digits were asked for.
struct BookView {
    let bids: [Level]
    let asks: [Level]
    /// The width of a group, in quote units; without groups, one tick.
    let width: ExactDecimal

    /// - Parameters:
    ///   - digits: The significant digits of a price (`nSigFigs`); `nil` for all.
    ///   - mantissa: The step of the last digit; `nil` for 1.
    ///   - count: The number of levels per side.
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

    private static func level(_ row: MatchingBook.Row, _ instrument: Instrument) -> Level {
        Level(
            price: instrument.price(row.price), size: instrument.size(row.size), orderCount: Int(row.orderCount))
    }

    /// The levels of one side in groups. A bid is rounded down to its group and an ask up, so the sides never meet.
    /// Groups beyond the levels that are kept are made up, with sizes in proportion to their width.
    private static func group(_ coin: CoinMarket, isBid: Bool, step: Int64, count: Int) -> [MatchingBook.Row] {
        var groups: [MatchingBook.Row] = []
        for row in isBid ? coin.book.bids : coin.book.asks {
            let price = isBid ? row.price / step * step : (row.price + step - 1) / step * step
            guard price > 0 else { break }
            if let last = groups.last, last.price == price {
                groups[groups.count - 1].size += row.size
                groups[groups.count - 1].orderCount += row.orderCount
            } else {
                groups.append(MatchingBook.Row(price: price, size: row.size, orderCount: row.orderCount))
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
                MatchingBook.Row(
                    price: price, size: coin.instrument.lot * levels * Int64(1 + draw % 3),
                    orderCount: levels * Int64(1 + draw >> 8 % 4)))
        }
        return Array(groups.prefix(count))
    }
}
