public import Hyperliquid

/// A bot that would quote around the best prices while it can trust them, and stands aside while it cannot.
///
/// It decides from events alone, so a test can show it every one of them.
public struct QuotingBot: Sendable {
    /// What the bot does now.
    public enum Stance: Hashable, Sendable {
        /// It does not know the market.
        case standingAside
        /// It would bid and offer at these prices.
        case quoting(bid: ExactDecimal, ask: ExactDecimal)
    }

    /// What the bot does now.
    public private(set) var stance = Stance.standingAside
    private var book: OrderBook

    /// A bot for one coin.
    public init(coin: Coin) {
        book = OrderBook(coin: coin)
    }

    /// Takes an event and decides.
    public mutating func apply(_ event: FeedEvent<BestBidOffer>) {
        book.apply(event)
        guard book.state(at: book.newestTimeMilliseconds ?? 0) == .valid, let bid = book.bestBid, let ask = book.bestAsk
        else {
            stance = .standingAside
            return
        }
        stance = .quoting(bid: bid.price, ask: ask.price)
    }
}
