/// The book of one coin: both sides near the best prices, best first, in ticks and size units.
struct OrderBook: Hashable, Sendable {
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

    private(set) var bids: [Row] = []
    private(set) var asks: [Row] = []

    /// Levels a side: more than the twenty that are shown.
    static let depth = 24

    /// Twice the middle of best bid and offer, so that it is whole; nothing without both.
    var doubleMid: Int64? {
        guard let bid = bids.first, let ask = asks.first else { return nil }
        return bid.price + ask.price
    }

    /// Puts size at a price; a bid never reaches the asks, nor an ask the bids: then nothing happens.
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

    /// Takes up to `size` from the other side, best price first, and leaves at least `spared` levels.
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

    /// Takes the best level away: its orders were cancelled.
    mutating func cancelBest(isBid: Bool, sparing spared: Int = 4) {
        if isBid, bids.count > spared { bids.removeFirst() }
        if !isBid, asks.count > spared { asks.removeFirst() }
    }

    /// Gives a level another size.
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
