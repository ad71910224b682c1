internal import HyperliquidWire

/// The living market: what every subscription shows. Seeded, and advanced by time alone.
package struct Market: Sendable {
    var floor: Floor
    var accounts = Accounts()
    let habits: Habits

    /// How the venue writes what has more than one shape on record.
    struct Habits: Hashable, Sendable {
        /// Whether books show `spread` and `fast` (docs/protocol.md, "R23a").
        var showsBookHints = true
        /// Whether news of outcomes come wrapped in objects (docs/protocol.md, "R29a").
        var wrapsOutcomeUpdates = false
    }

    init(
        seed: UInt64, startMilliseconds: Int64, rates: MarketRates = .venue, size: MarketSize = .full,
        habits: Habits = Habits()
    ) {
        floor = Floor(seed: seed, now: startMilliseconds, rates: rates, size: size)
        self.habits = habits
    }

    /// The venue's clock, in milliseconds since 1970.
    var nowMilliseconds: Int64 { floor.now }
    private var rates: MarketRates { floor.rates }

    /// Moves the clock. Coins follow when somebody looks at them; accounts live through what is due, in order.
    mutating func advance(toMilliseconds time: Int64) {
        guard time > floor.now else { return }
        accounts.live(until: time, on: &floor)
        floor.now = time
    }

    /// Reads a subscription.
    func topic(of request: FeedRequest) throws(SubscriptionProblem) -> Topic {
        try Topic(request, floor.listing)
    }

    // MARK: Streams

    /// Where a stream starts that is opened now, the state of now having been shown.
    mutating func cursor(of topic: Topic) -> StreamCursor {
        var cursor = StreamCursor(time: floor.now)
        switch topic {
        case .trades(let coin), .candle(let coin, _): cursor.position = floor[coin].tape.total
        case .bbo(let coin): cursor.position = floor[coin].bestVersion
        case .activeContext(let coin): cursor.position = floor[coin].version
        case .fastContexts: cursor.prices = fastPrices()
        case .user(let user, let topic): cursor.position = accounts.position(of: topic, user, on: &floor)
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts, .outcomeUpdates, .explorerBlocks,
            .explorerTransactions:
            break
        }
        return cursor
    }

    /// What a new subscription is shown at once (docs/protocol.md, "R18" to "R22").
    mutating func firstMessages(of topic: Topic) -> [[UInt8]] {
        switch topic {
        case .trades(let coin):
            let market = floor[coin]
            guard !market.tape.replay.isEmpty else { return [] }
            return [Frame.message("trades", market.tape.replay.map(market.event))]
        case .candle(let coin, let interval):
            let market = floor[coin]
            return market.candles.current(interval).map {
                [Frame.message("candle", market.event($0, interval: interval))]
            } ?? []
        case .bbo(let coin): return [Frame.message("bbo", floor[coin].best(at: floor.blockTime))]
        case .activeContext(let coin): return [activeContext(coin)]
        case .fastContexts: return [fastContexts(nil)]
        case .outcomeUpdates: return []
        case .explorerBlocks: return [Frame.bare(explorer.blocks(in: floor.block - 20..<floor.block))]
        case .explorerTransactions: return [Frame.bare(explorer.transactions(in: floor.block - 15..<floor.block))]
        case .user(let user, let topic): return accounts.firstMessages(of: topic, user, on: &floor)
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts: return [state(topic)].compactMap { $0 }
        }
    }

    /// What a stream shows since it was last looked at.
    mutating func messages(of topic: Topic, cursor: inout StreamCursor) -> [[UInt8]] {
        let last = cursor.time
        cursor.time = floor.now
        switch topic {
        case .trades(let coin):
            let market = floor[coin]
            let trades = market.tape.since(cursor.position)
            cursor.position = market.tape.total
            return trades.isEmpty ? [] : [Frame.message("trades", trades.map(market.event))]
        case .candle(let coin, let interval):
            let market = floor[coin]
            let candles = market.candles.since(cursor.position, interval)
            cursor.position = market.tape.total
            return candles.map { Frame.message("candle", market.event($0, interval: interval)) }
        case .bbo(let coin):
            let market = floor[coin]
            guard market.bestVersion != cursor.position else { return [] }
            cursor.position = market.bestVersion
            return [Frame.message("bbo", market.best(at: floor.blockTime))]
        case .activeContext(let coin):
            let version = floor[coin].version
            guard version != cursor.position else { return [] }
            cursor.position = version
            return [activeContext(coin)]
        case .fastContexts: return [fastContexts(&cursor)].compactMap { $0 }
        case .outcomeUpdates: return [outcomeUpdates()]
        case .explorerBlocks: return explorerMessage(since: last) { $0.blocks(in: $1) }
        case .explorerTransactions: return explorerMessage(since: last) { $0.transactions(in: $1) }
        case .user(let user, let topic):
            return accounts.messages(of: topic, user, cursor: &cursor, last: last, on: &floor)
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts: return [state(topic)].compactMap { $0 }
        }
    }

    /// When a stream may next have something to show.
    func nextDue(of topic: Topic, cursor: StreamCursor) -> Int64 {
        switch topic {
        case .trades(let coin), .candle(let coin, _), .bbo(let coin): floor.nextTime(of: coin) ?? .max
        case .activeContext(let coin):
            max(cursor.time + rates.activeContext, floor.nextTime(of: coin) ?? .max)
        case .l2Book(_, _, _, let isFast): cursor.time + (isFast ? rates.fastBook : rates.book)
        case .allMids: cursor.time + rates.mids
        case .contexts, .spotContexts: cursor.time + rates.contexts
        case .allDexsContexts: cursor.time + rates.allDexsContexts
        case .fastContexts: cursor.time + rates.fastContexts
        case .outcomeUpdates: cursor.time + rates.outcomeUpdates
        case .explorerBlocks, .explorerTransactions: cursor.time + rates.explorer
        case .user(let user, let topic): accounts.nextDue(of: topic, user, cursor: cursor, rates: rates)
        }
    }
}
