public import Hyperliquid

/// A bot that quotes at the best prices while they are valid, and quotes nothing while they may be out of date.
///
/// The bot decides from events alone, so a test can apply any events to it.
public struct QuotingBot: Sendable {
    /// The bot's quotes.
    public enum Stance: Hashable, Sendable {
        /// No quotes: the state of the market is not known.
        case standingAside
        /// A bid and an ask at these prices.
        case quoting(bid: ExactDecimal, ask: ExactDecimal)
    }

    /// The bot's present quotes.
    public private(set) var stance = Stance.standingAside
    private var book: OrderBook

    /// Creates a bot for one coin.
    public init(coin: Coin) {
        book = OrderBook(coin: coin)
    }

    /// Applies an event, and decides on the quotes.
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
