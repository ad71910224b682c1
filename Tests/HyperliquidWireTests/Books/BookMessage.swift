import HyperliquidWire

/// A message in the short form of these tests: prices are integers and each level's size is the
/// message's time, so a level shows which message it comes from.
struct BookMessage: Sendable, CustomStringConvertible {
    let source: BookSource
    let time: Int64
    let bids: [Int]
    let asks: [Int]

    static func full(_ time: Int64, _ bids: [Int], _ asks: [Int]) -> BookMessage {
        BookMessage(source: .fullBook, time: time, bids: bids, asks: asks)
    }

    static func fast(_ time: Int64, _ bids: [Int], _ asks: [Int]) -> BookMessage {
        BookMessage(source: .fastBook, time: time, bids: bids, asks: asks)
    }

    static func bbo(_ time: Int64, _ bid: Int?, _ ask: Int?) -> BookMessage {
        BookMessage(source: .bestBidOffer, time: time, bids: bid.map { [$0] } ?? [], asks: ask.map { [$0] } ?? [])
    }

    var description: String { "\(source)@\(time) \(bids) \(asks)" }

    func levels(_ prices: [Int]) -> [Level] {
        prices.map { Level(price: ExactDecimal($0), size: ExactDecimal(Int(time)), orderCount: 1) }
    }

    func l2Book(coin: Coin = "BTC", spread: ExactDecimal? = nil) -> L2Book {
        L2Book(
            coin: coin, timeMilliseconds: time, bids: levels(bids), asks: levels(asks), spread: spread,
            isFast: source == .fastBook)
    }

    @discardableResult
    func apply(to book: inout OrderBook) -> OrderBook.Outcome {
        guard source == .bestBidOffer else { return book.apply(.update(l2Book())) }
        let best = BestBidOffer(coin: "BTC", timeMilliseconds: time, bid: levels(bids).first, ask: levels(asks).first)
        return book.apply(.update(best))
    }
}

extension OrderBook {
    /// A book of these messages, in this order of arrival.
    init(_ messages: [BookMessage]) {
        self.init(coin: "BTC")
        for message in messages { message.apply(to: &self) }
    }

    /// `100b10 99f5 | 101b10`: each level's price, the first letter of its source (b, f for fast, d for the deep
    /// full book) and its time.
    var shorthand: String { "\(Self.shorthand(bids)) | \(Self.shorthand(asks))" }

    private static func shorthand(_ levels: [BookLevel]) -> String {
        levels.map { level in
            let letter = [BookSource.bestBidOffer: "b", .fastBook: "f", .fullBook: "d"][level.source] ?? "?"
            let isSizeOfItsMessage = level.size == ExactDecimal(Int(level.timeMilliseconds))
            return "\(level.price)\(letter)\(level.timeMilliseconds)"
                + (isSizeOfItsMessage ? "" : " with the size of another message")
        }.joined(separator: " ")
    }
}
