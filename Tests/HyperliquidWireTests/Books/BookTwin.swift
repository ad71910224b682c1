import HyperliquidWire

/// The plain and slow twin of the order book: it keeps every message and looks up each price in all of them.
struct BookTwin {
    private var log: [BookMessage] = []

    mutating func apply(_ message: BookMessage) {
        log.append(message)
    }

    var bids: [BookLevel] { side(\.bids) { $0 > $1 } }
    var asks: [BookLevel] { side(\.asks) { $0 < $1 } }

    private func side(_ prices: (BookMessage) -> [Int], isBetter: (Int, Int) -> Bool) -> [BookLevel] {
        Set(log.flatMap(prices)).sorted(by: isBetter).compactMap { price in
            let speakers = log.enumerated().filter { speaks($0.element, prices($0.element), for: price, isBetter) }
            let newest = speakers.max { left, right in
                (left.element.time, left.element.source, left.offset)
                    < (right.element.time, right.element.source, right.offset)
            }
            guard let message = newest?.element, prices(message).contains(price) else { return nil }
            let level = Level(price: ExactDecimal(price), size: ExactDecimal(Int(message.time)), orderCount: 1)
            return BookLevel(level, source: message.source, timeMilliseconds: message.time)
        }
    }

    /// Whether the message covers this price: a full book and a short side cover every price.
    private func speaks(
        _ message: BookMessage, _ listed: [Int], for price: Int, _ isBetter: (Int, Int) -> Bool
    ) -> Bool {
        let isWhole =
            switch message.source {
            case .fullBook: true
            case .fastBook: listed.count < 5
            case .bestBidOffer: listed.isEmpty
            }
        guard !isWhole, let worst = listed.last else { return true }
        return !isBetter(worst, price)
    }
}
