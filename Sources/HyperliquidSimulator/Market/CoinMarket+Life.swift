internal import HyperliquidWire

extension CoinMarket {
    /// One event: the price wants to go somewhere, somebody trades, quotes or cancels.
    mutating func live(at time: Int64) {
        wander()
        let isBelowFair = (book.doubleMid ?? 0) < 2 * fair
        switch generator.below(100) {
        case 0..<45:
            take(generator.within(1...3 * instrument.lot), isBuy: isBelowFair == generator.chance(75), at: time)
        case 45..<65: quote(isBid: isBelowFair)
        case 65..<80: book.cancelBest(isBid: !isBelowFair)
        default:
            book.resize(
                at: Int(generator.below(6)), isBid: generator.chance(50), to: levelSize(), orderCount: orderCount())
        }
        closeSpread()
        refill()
    }

    /// A bounded walk that is drawn back to the base price.
    private mutating func wander() {
        let base = instrument.basePrice
        let step = max(2, base / 8000)
        let pull = (base - fair) / 1024
        fair = min(max(fair + generator.within(-step...step) + pull, base * 3 / 4), base * 27 / 20)
    }

    /// A better price than the best one, where there is room for it.
    private mutating func quote(isBid: Bool) {
        guard let bid = book.bids.first, let ask = book.asks.first else { return }
        let room = ask.price - bid.price - 1
        let step = room > 0 ? generator.within(0...min(room, 3)) : 0
        book.add(levelSize(), at: isBid ? bid.price + step : ask.price - step, isBid: isBid)
    }

    /// Makers close a spread that has grown wide, and follow the price where it wants to go.
    private mutating func closeSpread() {
        let widest = max(2, instrument.basePrice / 6000)
        for _ in 0..<6 {
            guard let bid = book.bids.first, let ask = book.asks.first else { return }
            let spread = ask.price - bid.price
            guard spread > widest else { return }
            let step = generator.within(1...max(1, spread / 2))
            let isBid = bid.price + ask.price < 2 * fair
            book.add(levelSize(), at: isBid ? bid.price + step : ask.price - step, isBid: isBid)
        }
    }

    /// Both sides as deep as they should be, further levels behind the last ones.
    mutating func refill() {
        if book.bids.isEmpty { book.add(levelSize(), at: fair - 1, isBid: true) }
        if book.asks.isEmpty { book.add(levelSize(), at: max(fair, (book.bids.first?.price ?? 0) + 1), isBid: false) }
        while book.bids.count < OrderBook.depth, let last = book.bids.last, last.price > 4 {
            book.add(levelSize(), at: last.price - generator.within(1...3), isBid: true)
        }
        while book.asks.count < OrderBook.depth, let last = book.asks.last {
            book.add(levelSize(), at: last.price + generator.within(1...3), isBid: false)
        }
    }

    private mutating func levelSize() -> Int64 { generator.within(1...6 * instrument.lot) }
    private mutating func orderCount() -> Int64 { generator.within(1...30) }
}
