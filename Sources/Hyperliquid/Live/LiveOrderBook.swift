internal import WebSocketTransport

/// The current book of a coin, kept up to date by the client from three feeds: the full book, the fast book and the best
/// prices.
///
/// Look at it with ``current``, or read its changes as a sequence. A slow reader gets the newest book and skips those in
/// between. The book ends with its last reference, and when the client shuts down.
///
/// ```swift
/// let book = try await client.orderBook("BTC")
/// for try await reading in book where reading.state == .valid {
///     print(reading.book.mid as Any, reading.book.spread as Any)
/// }
/// ```
public final class LiveOrderBook: AsyncSequence, Sendable {
    /// Whether the book can be relied upon.
    public enum State: Hashable, Sendable {
        /// No full book has come yet.
        case building
        /// The best bid is below the best ask, and nothing is outdated or missing.
        case valid
        /// The newest message has a bid at or above an ask.
        case crossed
        /// The book may have changed since this time of the venue, in milliseconds since 1970: a connection was lost and
        /// the missing part has not come yet, or nothing came for 15 s.
        case stale(sinceMilliseconds: Int64)
    }

    /// The book at a moment.
    public struct Reading: Hashable, Sendable {
        /// The book.
        public let book: OrderBook
        /// Whether it can be relied upon.
        public let state: State

        /// Makes a reading, for tests of code that reads one.
        public init(book: OrderBook, state: State) {
            self.book = book
            self.state = state
        }
    }

    /// The book at a moment.
    public typealias Element = Reading
    /// The error with which one of the feeds ended.
    public typealias Failure = HyperliquidError

    /// The book, and when its newest message came.
    struct Content: Sendable {
        var book: OrderBook
        var hasFullBook = false
        var arrival: Int64 = 0

        /// Applies an event; returns whether the book, or what is known of it, has changed.
        mutating func apply(_ outcome: OrderBook.Outcome, isFullBook: Bool = false) -> Bool {
            switch outcome {
            case .applied:
                if isFullBook { hasFullBook = true }
                arrival = SystemClock.monotonicNanoseconds
                return true
            case .interrupted: return true
            case .outdated, .otherCoin, .grouped, .disordered: return false
            }
        }

        /// The venue's present time is taken to be that of the newest message, plus what has passed here since it came.
        func reading(at now: Int64) -> Reading {
            guard hasFullBook else { return Reading(book: book, state: .building) }
            let time = (book.newestTimeMilliseconds ?? 0) + (now - arrival) / 1_000_000
            let state: State =
                switch book.state(at: time) {
                case .empty: .building
                case .valid: .valid
                case .crossed: .crossed
                case .stale(let since): .stale(sinceMilliseconds: since)
                }
            return Reading(book: book, state: state)
        }
    }

    /// The coin, as the venue spells it.
    public let coin: Coin
    private let live: LiveValue<Content>
    private let client: HyperliquidClient
    private let tokens: [SubscriptionToken]

    init(_ live: LiveValue<Content>, of client: HyperliquidClient, tokens: [SubscriptionToken]) {
        coin = live.current.value.book.coin
        self.live = live
        self.client = client
        self.tokens = tokens
    }

    /// The book now, and whether it can be relied upon.
    public var current: Reading { live.current.value.reading(at: SystemClock.monotonicNanoseconds) }

    /// Ends the book: its feeds are unsubscribed, and its sequences end.
    public func cancel() {
        for token in tokens { token.cancel() }
        live.end(nil)
    }

    /// Makes an iterator, which begins with the present book. Any number of them may be made.
    public func makeAsyncIterator() -> AsyncIterator { AsyncIterator(book: self, reader: LiveReader(live, of: client)) }

    /// Reads the changes of the book.
    public struct AsyncIterator: AsyncIteratorProtocol {
        // Holds the book, whose last reference ends it.
        private let book: LiveOrderBook
        private var reader: LiveReader<Content>

        init(book: LiveOrderBook, reader: LiveReader<Content>) {
            self.book = book
            self.reader = reader
        }

        /// Returns the newest book once it has changed, or `nil` at the end and when the task is cancelled.
        /// - Throws: ``HyperliquidError`` if one of the feeds failed.
        public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(HyperliquidError) -> Reading? {
            try await reader.next { content in content.reading(at: SystemClock.monotonicNanoseconds) }
        }

        /// Returns the newest book once it has changed, or `nil` at the end and when the task is cancelled.
        /// - Throws: ``HyperliquidError`` if one of the feeds failed.
        public mutating func next() async throws(HyperliquidError) -> Reading? { try await next(isolation: nil) }
    }
}

extension HyperliquidClient {
    /// Keeps the book of a coin: subscribes to the full book, the fast book and the best prices, and merges them.
    ///
    /// The two books need a connection each.
    /// - Parameters:
    ///   - coin: The coin, as the venue spells it.
    ///   - timeout: How long to wait for each acknowledgement, ``ClientConfiguration/acknowledgementTimeout`` by default.
    /// - Returns: The book, once all three feeds are acknowledged. Dropping it unsubscribes.
    /// - Throws: ``HyperliquidError``, as `subscribe` does.
    public func orderBook(
        _ coin: Coin, timeout: Duration? = nil
    ) async throws(HyperliquidError) -> LiveOrderBook {
        let live = LiveValue(LiveOrderBook.Content(book: OrderBook(coin: coin)))
        var tokens: [SubscriptionToken] = []
        for isFast in [false, true] {
            let feed = L2BookFeed(coin: coin, fast: isFast)
            let id = try await subscribe(
                to: .feed(feed), timeout: timeout,
                onEvent: { event in live.change { $0.apply($0.book.apply(event, of: feed), isFullBook: !isFast) } },
                onEnd: { live.end($0) })
            tokens.append(SubscriptionToken(id, of: self))
        }
        let id = try await subscribe(
            to: .bbo(coin), timeout: timeout,
            onEvent: { event in live.change { $0.apply($0.book.apply(event)) } }, onEnd: { live.end($0) })
        tokens.append(SubscriptionToken(id, of: self))
        return LiveOrderBook(live, of: self, tokens: tokens)
    }
}
