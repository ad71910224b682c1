/// The current book of a coin, combined from its feeds: `l2Book` (deep and slow), `l2Book` with `fast` (five levels,
/// ten times as often) and `bbo` (the best level, on each change).
///
/// Apply the events of one, two or all three feeds to it. It has no clock and changes only by events.
///
/// ```swift
/// var book = OrderBook(coin: "BTC")
/// for try await event in best {
///     book.apply(event)
///     print(book.bestBid?.price as Any, book.bestAsk?.price as Any)
/// }
/// ```
///
/// Each message covers the prices from the best one down to the worst one that it lists. It covers the whole side if
/// it is a full book, or lists fewer levels than its feed may send. In that range it replaces everything older, by the
/// venue's time. Of two messages with the same time, the deeper one counts; of two with the same time and depth, the
/// one that arrived later. Apart from that, the order of arrival does not matter, and the top is always that of the
/// newest message.
///
/// Deeper levels, which the newest message does not cover, stay as in the last message that covered them; each
/// ``BookLevel`` has its source and time. Between them and the levels of the newest message there may be orders that
/// no message has shown yet.
public struct OrderBook: Hashable, Sendable {
    /// The effect of an event on the book.
    public enum Outcome: Hashable, Sendable {
        /// The event changed the book.
        case applied
        /// Newer messages cover all of the event; nothing changed. ``OrderBook/outdatedCount`` counts it.
        case outdated
        /// The event was a gap or a fault: the book is stale until a message of that feed, or of a deeper one,
        /// arrives.
        case interrupted
        /// The event has another coin; nothing changed. ``OrderBook/refusedCount`` counts it.
        case otherCoin
        /// The prices are grouped (`nSigFigs`) and are no levels of this book; nothing changed.
        /// ``OrderBook/refusedCount`` counts the event.
        case grouped
        /// The levels are out of order, or a price occurs twice; nothing changed. ``OrderBook/refusedCount`` counts the
        /// event.
        case disordered
    }

    /// The maximum number of levels kept per side: 100, as many as five full books have. The deepest ones are dropped.
    public static let maximumLevelCount = 100

    /// The coin, as the venue spells it.
    public let coin: Coin
    private var bidSide = LayeredSide(isBid: true)
    private var askSide = LayeredSide(isBid: false)
    /// The venue's time of the newest message, in milliseconds since 1970; `nil` before the first message.
    public private(set) var newestTimeMilliseconds: Int64?
    /// The number of messages that newer ones covered completely.
    public private(set) var outdatedCount = 0
    /// The number of messages of another coin, with grouped prices or in disorder.
    public private(set) var refusedCount = 0
    /// The feeds that have sent messages, and those that must send one again before the book is reliable.
    private var heard: Set<BookSource> = []
    private var interrupted: Set<BookSource> = []

    /// Creates an empty book of `coin`.
    public init(coin: Coin) {
        self.coin = coin
    }

    // MARK: Applying events

    /// Applies an event of `l2Book`.
    ///
    /// - Parameters:
    ///   - event: The next event of the subscription.
    ///   - feed: The feed of the event. Without it, the variant is taken from the message's `fast` and `spread`
    /// fields, which older servers of the venue do not send, and a gap counts for every variant received so far.
    @discardableResult
    public mutating func apply(_ event: FeedEvent<L2Book>, of feed: L2BookFeed? = nil) -> Outcome {
        guard feed.map({ $0.coin == coin }) ?? true else { return refuse(.otherCoin) }
        guard feed?.nSigFigs == nil else { return refuse(.grouped) }
        guard let book = event.data else {
            return interrupt(feed.map { [$0.fast ? .fastBook : .fullBook] } ?? heard.subtracting([.bestBidOffer]))
        }
        guard book.coin == coin else { return refuse(.otherCoin) }
        guard book.spread == nil else { return refuse(.grouped) }
        return apply(book.bids, book.asks, book.timeMilliseconds, feed?.fast ?? book.isFast ? .fastBook : .fullBook)
    }

    /// Applies an event of `bbo`.
    @discardableResult
    public mutating func apply(_ event: FeedEvent<BestBidOffer>) -> Outcome {
        guard let best = event.data else { return interrupt([.bestBidOffer]) }
        guard best.coin == coin else { return refuse(.otherCoin) }
        return apply(best.bid.map { [$0] } ?? [], best.ask.map { [$0] } ?? [], best.timeMilliseconds, .bestBidOffer)
    }

    /// Removes all levels and counts, for a venue whose clock was set back.
    public mutating func removeAll() {
        self = OrderBook(coin: coin)
    }

    private mutating func apply(
        _ bids: some BidirectionalCollection<Level>, _ asks: some BidirectionalCollection<Level>, _ time: Int64,
        _ source: BookSource
    ) -> Outcome {
        guard bidSide.isOrdered(bids), askSide.isOrdered(asks) else { return refuse(.disordered) }
        let stamp = LayeredSide.Stamp(time: time, source: source)
        let changesBids = bidSide.apply(bids, stamp)
        let changesAsks = askSide.apply(asks, stamp)
        heard.insert(source)
        // The feed itself is no longer interrupted, nor are shallower ones if this is the newest message.
        let isNewest = time >= newestTimeMilliseconds ?? time
        interrupted = interrupted.filter { $0 > source || ($0 < source && !isNewest) }
        guard changesBids || changesAsks else {
            outdatedCount += 1
            return .outdated
        }
        newestTimeMilliseconds = max(newestTimeMilliseconds ?? time, time)
        return .applied
    }

    private mutating func refuse(_ reason: Outcome) -> Outcome {
        refusedCount += 1
        return reason
    }

    private mutating func interrupt(_ sources: Set<BookSource>) -> Outcome {
        interrupted.formUnion(sources)
        return .interrupted
    }

    // MARK: Reading the book

    /// The bids, the highest price first.
    public var bids: [BookLevel] { bidSide.levels }
    /// The asks, the lowest price first.
    public var asks: [BookLevel] { askSide.levels }
    /// The highest bid; `nil` if there is none.
    public var bestBid: BookLevel? { bidSide.levels.first }
    /// The lowest ask; `nil` if there is none.
    public var bestAsk: BookLevel? { askSide.levels.first }

    /// The middle of the best bid and the best ask, exact; `nil` if a side is empty.
    public var mid: ExactDecimal? {
        guard let bestBid, let bestAsk, let sum = try? bestBid.price.adding(bestAsk.price) else { return nil }
        return try? sum.multiplied(by: 0.5).withoutTrailingZeros
    }

    /// The best ask less the best bid; `nil` if a side is empty. Negative while the book is crossed.
    public var spread: ExactDecimal? {
        guard let bestBid, let bestAsk else { return nil }
        return try? bestAsk.price.subtracting(bestBid.price)
    }

    /// The levels of a side, the best one first; empty if `side` is neither bid nor ask.
    public func levels(of side: Side) -> [BookLevel] {
        side == .buy ? bids : side == .sell ? asks : []
    }

    /// The size of all levels of a side at `price` or better, in base units.
    /// - Throws: ``ExactDecimalOverflow`` if the sum has more than 35 digits.
    public func depth(of side: Side, through price: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        var depth = ExactDecimal.zero
        for level in levels(of: side) {
            guard side == .buy ? level.price >= price : level.price <= price else { break }
            depth = try depth.adding(level.size)
        }
        return depth
    }

    /// The value of all levels of a side at `price` or better: the sum of price times size, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` if the sum has more than 35 digits.
    public func notional(of side: Side, through price: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        var notional = ExactDecimal.zero
        for level in levels(of: side) {
            guard side == .buy ? level.price >= price : level.price <= price else { break }
            notional = try notional.adding(level.level.notional)
        }
        return notional
    }

    /// The price down to which the levels of a side, the best ones first, are worth at least `notional` together: the
    /// worst price of a market order of that value.
    /// - Parameters:
    ///   - side: The side whose orders are taken: `.sell` to buy.
    ///   - notional: The value, in quote units.
    /// - Returns: `nil` if all levels together are worth less.
    /// - Throws: ``ExactDecimalOverflow`` if a sum has more than 35 digits.
    public func price(of side: Side, forNotional notional: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal? {
        var sum = ExactDecimal.zero
        for level in levels(of: side) {
            sum = try sum.adding(level.level.notional)
            if sum >= notional { return level.price }
        }
        return nil
    }

    /// Whether a gap came and neither its feed nor a deeper one has sent a message since.
    private var isInterrupted: Bool { !interrupted.isEmpty }
}

extension OrderBook {
    /// Whether the book is reliable.
    public enum State: Hashable, Sendable {
        /// No message has come yet, or the newest ones show no order on either side.
        case empty
        /// At least one side has levels, the best bid is below the best ask, and nothing is outdated or missing.
        case valid
        /// The newest message itself has a bid at or above an ask. Its levels are shown as received.
        case crossed
        /// The book may have changed since that time of the venue's clock, in milliseconds since 1970: the newest
        /// message is older than the bound, or a gap came after it and the missing part has not been replaced yet.
        case stale(sinceMilliseconds: Int64)
    }

    /// Returns whether the book is reliable at a moment.
    /// - Parameters:
    ///   - now: The venue's present time, in milliseconds since 1970.
    ///   - bound: The greatest age of the newest message: 15 s by default, three ticks of a full book, which the
    /// venue sends even if it did not change. With `bbo` alone, a quiet coin may have no message for longer.
    public func state(at now: Int64, staleAfter bound: Duration = .seconds(15)) -> State {
        guard let newestTimeMilliseconds else { return .empty }
        // A peer's time is any 64-bit number, so the difference may overflow.
        let (age, isFarOff) = now.subtractingReportingOverflow(newestTimeMilliseconds)
        let isOld = isFarOff ? now > newestTimeMilliseconds : Duration.milliseconds(age) > bound
        if isInterrupted || isOld { return .stale(sinceMilliseconds: newestTimeMilliseconds) }
        switch (bestBid, bestAsk) {
        case (let bid?, let ask?): return bid.price < ask.price ? .valid : .crossed
        case (nil, nil): return .empty
        case (nil, _?), (_?, nil): return .valid
        }
    }
}

/// One price level of an ``OrderBook`` with its source.
public struct BookLevel: Hashable, Sendable {
    /// The price, the size and the number of orders, as the venue sent them.
    public let level: Level
    /// The feed that sent the level.
    public let source: BookSource
    /// The time of its message, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64

    /// Creates a level.
    public init(_ level: Level, source: BookSource, timeMilliseconds: Int64) {
        self.level = level
        self.source = source
        self.timeMilliseconds = timeMilliseconds
    }

    /// The price, in quote units per base unit.
    public var price: ExactDecimal { level.price }
    /// The size of all orders at this price, in base units.
    public var size: ExactDecimal { level.size }
    /// The number of orders at this price.
    public var orderCount: Int { level.orderCount }
}

/// The feed of a level of an ``OrderBook``, the shallowest first.
///
/// Of two messages with the same venue time the deeper one counts.
public enum BookSource: Int, Hashable, Comparable, Sendable, CaseIterable {
    /// `bbo`: the best level of each side, whenever one of them changes.
    case bestBidOffer
    /// `l2Book` with `fast`: five levels per side, about every half second.
    case fastBook
    /// `l2Book`: up to 20 levels per side, about every five seconds.
    case fullBook

    /// The most levels that the venue sends per side. A side with fewer levels is complete (docs/protocol.md,
    /// "l2Book").
    public var levelLimit: Int {
        switch self {
        case .bestBidOffer: 1
        case .fastBook: 5
        case .fullBook: 20
        }
    }

    /// Orders by depth.
    public static func < (lhs: BookSource, rhs: BookSource) -> Bool { lhs.rawValue < rhs.rawValue }
}
