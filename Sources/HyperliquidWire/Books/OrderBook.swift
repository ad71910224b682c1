/// A coin's book as it stands now, put together from its feeds: `l2Book` (deep, slow), `l2Book` with `fast`
/// (five levels, ten times as often) and `bbo` (the best level, as it changes).
///
/// Feed it with the events of one, two or all three; it keeps no clock and does nothing by itself.
///
/// ```swift
/// var book = OrderBook(coin: "BTC")
/// for try await event in best {
///     book.apply(event)
///     print(book.bestBid?.price as Any, book.bestAsk?.price as Any)
/// }
/// ```
///
/// Each message speaks for the prices from the best one down to the worst that it lists; for the whole side when it
/// is a full book, or lists fewer levels than its feed may send. What it says replaces whatever is older there, by
/// the venue's time; of two messages of one time the deeper one counts, of two equal ones the later arrival. So the
/// order of arrival does not matter, the top is always that of the newest message, and behind it deeper levels
/// remain as the last message that reached them left them: each ``BookLevel`` says which, and when. Between the
/// reach of a newer message and those older levels there may be orders that no message has shown yet.
public struct OrderBook: Hashable, Sendable {
    /// What became of an event.
    public enum Outcome: Hashable, Sendable {
        /// It is in the book.
        case applied
        /// A newer message had already spoken for all of it; nothing changed. Counted.
        case outdated
        /// It was a gap or could not be read: the book is stale until that feed, or a deeper one, has spoken again.
        case interrupted
        /// It is of another coin; nothing changed. Counted.
        case otherCoin
        /// Its prices are grouped (`nSigFigs`): they are no levels of this book. Nothing changed. Counted.
        case grouped
        /// Its levels are out of order, or one price stands twice; nothing changed. Counted.
        case disordered
    }

    /// The most levels that are kept of a side: 100, five full books. The deepest give way.
    public static let maximumLevelCount = 100

    /// The coin, as the venue spells it.
    public let coin: Coin
    private var bidSide = LayeredSide(isBid: true)
    private var askSide = LayeredSide(isBid: false)
    /// The venue's time of the newest message, in milliseconds since 1970; nothing before the first one.
    public private(set) var newestTimeMilliseconds: Int64?
    /// How many messages came after a newer one that spoke for all of theirs.
    public private(set) var outdatedCount = 0
    /// How many messages were of another coin, grouped or disordered.
    public private(set) var refusedCount = 0
    /// What has spoken so far, and what must speak again before the book can be relied on.
    private var heard: Set<BookSource> = []
    private var interrupted: Set<BookSource> = []

    /// An empty book of `coin`, as the venue spells it.
    public init(coin: Coin) {
        self.coin = coin
    }

    // MARK: Putting in

    /// Takes an event of `l2Book`.
    ///
    /// - Parameters:
    ///   - event: The next event of the subscription.
    ///   - feed: The feed it comes from. Without it the message's own hints tell the variant: `fast` and `spread`, which
    ///     older servers of the venue do not send; and a gap then counts for every variant heard so far.
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

    /// Takes an event of `bbo`.
    @discardableResult
    public mutating func apply(_ event: FeedEvent<BestBidOffer>) -> Outcome {
        guard let best = event.data else { return interrupt([.bestBidOffer]) }
        guard best.coin == coin else { return refuse(.otherCoin) }
        return apply(best.bid.map { [$0] } ?? [], best.ask.map { [$0] } ?? [], best.timeMilliseconds, .bestBidOffer)
    }

    /// Forgets everything, the counts included; for a venue whose clock was set back.
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
        // Its own feed is back; for shallower ones it speaks only if nothing is newer.
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

    // MARK: Looking at

    /// The bids, the highest price first.
    public var bids: [BookLevel] { bidSide.levels }
    /// The asks, the lowest price first.
    public var asks: [BookLevel] { askSide.levels }
    /// The highest bid; nothing when there is none.
    public var bestBid: BookLevel? { bidSide.levels.first }
    /// The lowest ask; nothing when there is none.
    public var bestAsk: BookLevel? { askSide.levels.first }

    /// The levels of a side, the best one first; none of a side that is neither bid nor ask.
    public func levels(of side: Side) -> [BookLevel] {
        side == .buy ? bids : side == .sell ? asks : []
    }

    /// The size of all levels of a side at `price` or better, in base units.
    /// - Throws: ``ExactDecimalOverflow`` when the sum has more than 35 digits.
    public func depth(of side: Side, through price: ExactDecimal) throws(ExactDecimalOverflow) -> ExactDecimal {
        var depth = ExactDecimal.zero
        for level in levels(of: side) {
            guard side == .buy ? level.price >= price : level.price <= price else { break }
            depth = try depth.adding(level.size)
        }
        return depth
    }

    /// Whether a gap came and the feed that had it, or a deeper one, has not spoken since.
    var isInterrupted: Bool { !interrupted.isEmpty }
}

extension OrderBook {
    /// Whether the book can be relied on.
    public enum State: Hashable, Sendable {
        /// No message has come yet, or the newest ones say that neither side has an order.
        case empty
        /// At least one side has levels, the best bid is below the best ask, and nothing is old or missing.
        case valid
        /// The newest message itself has a bid at or above an ask. It is shown as it came.
        case crossed
        /// Nothing is known since then, by the venue's clock in milliseconds since 1970: the newest message is older
        /// than the bound, or a gap came after it and what it hid has not been replaced yet.
        case stale(sinceMilliseconds: Int64)
    }

    /// Whether the book can be relied on at a moment.
    /// - Parameters:
    ///   - now: The venue's present time, in milliseconds since 1970.
    ///   - bound: How old the newest message may be: 15 s by default, three ticks of a full book, which the venue
    ///     sends whether or not it changed. Of `bbo` alone a quiet coin may say nothing for longer.
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

/// One price level of an ``OrderBook``, with where it comes from.
public struct BookLevel: Hashable, Sendable {
    /// Price, size and number of orders, as the venue sent them.
    public let level: Level
    /// The feed that said so.
    public let source: BookSource
    /// When it was so, by the venue's clock: milliseconds since 1970.
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
    /// How many orders stand at this price.
    public var orderCount: Int { level.orderCount }
}

/// Which feed a level of an ``OrderBook`` comes from, the shallowest first.
///
/// Of two messages of one venue time the deeper one counts.
public enum BookSource: Int, Hashable, Comparable, Sendable, CaseIterable {
    /// `bbo`: the best level of each side, each time one of them changes.
    case bestBidOffer
    /// `l2Book` with `fast`: five levels a side, about each half second.
    case fastBook
    /// `l2Book`: up to 20 levels a side, about each five seconds.
    case fullBook

    /// The most levels that the venue sends for a side; a side with fewer is whole (docs/protocol.md, "l2Book").
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
