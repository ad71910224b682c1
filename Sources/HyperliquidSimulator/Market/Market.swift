internal import HyperliquidWire

/// The seeded market, and the messages in which subscriptions show it. It changes only as time passes.
struct Market: Sendable {
    var state: MarketState
    var accounts = Accounts()
    /// How messages show the venue's clock.
    var time = ShownTime()
    let variants: FormatVariants

    /// Choices between the recorded forms of a message.
    struct FormatVariants: Hashable, Sendable {
        /// Whether books show `spread` and `fast` (docs/protocol.md, "R23a").
        var showsBookHints = true
        /// Whether a subscribe of a delisted perpetual kills its connection (docs/protocol.md, "Poisonous
        /// subscriptions").
        var killsDelistedCoins = false
        /// Whether outcome updates are wrapped in objects (docs/protocol.md, "R29a").
        var wrapsOutcomeUpdates = false
    }

    init(
        seed: UInt64, startMilliseconds: Int64, rates: MarketRates = .venue, size: MarketSize = .full,
        variants: FormatVariants = FormatVariants()
    ) {
        state = MarketState(seed: seed, now: startMilliseconds, rates: rates, size: size)
        self.variants = variants
    }

    private var rates: MarketRates { state.rates }

    /// Advances the clock. Accounts perform the actions that are due, in order; a coin's market is advanced when it is
    /// used.
    mutating func advance(toMilliseconds time: Int64) {
        guard time > state.now else { return }
        accounts.act(until: time, in: &state)
        state.now = time
    }

    /// The topic of a subscription request.
    ///
    /// - Throws: The venue's reason not to serve the request.
    func topic(of request: FeedRequest) throws(SubscriptionProblem) -> Topic {
        let topic = try readTopic(of: request)
        if let coin = topic.coin {
            let isKilled = variants.killsDelistedCoins && state.listing.instruments[coin].isDelisted
            if isKilled || !state.listing.isListed(coin) { throw .poison }
        }
        return topic
    }

    /// The topic of a request that may be live although its coin is not listed any more.
    func readTopic(of request: FeedRequest) throws(SubscriptionProblem) -> Topic { try Topic(request, state.listing) }

    /// The same topic; `nil` if the exchange has never served it, so that it is live nowhere.
    func liveTopic(of request: FeedRequest) -> Topic? { try? readTopic(of: request) }

    // MARK: Listings

    /// Lists a coin.
    /// - Returns: What those who follow the outcomes are told, if it is a side of one.
    mutating func list(_ coin: Coin) -> [UInt8]? {
        let listed = state.list(coin.name)
        return outcome(of: listed).map { outcomeMessage(.outcomeCreated(.recurring($0))) }
    }

    /// Delists a coin, and cancels the orders of accounts in it.
    /// - Returns: What those who follow the outcomes are told, if it is a side of one.
    mutating func delist(_ coin: Coin) -> [UInt8]? {
        let delisted = state.delist(coin.name)
        for index in delisted { accounts.delist(index, in: state) }
        return outcome(of: delisted).map { outcomeMessage(.outcomeSettled(Int64($0))) }
    }

    private func outcome(of coins: [Int]) -> Int? {
        guard let coin = coins.first, case .outcome(let outcome) = state.listing.instruments[coin].kind else {
            return nil
        }
        return outcome
    }

    // MARK: Streams

    /// Returns the coins in which accounts have traded since the last call. The streams of these coins have news.
    mutating func takeTouchedCoins() -> [Int] { state.takeTouchedCoins() }

    /// The position of a stream that is opened now. The present state has been sent already.
    mutating func cursor(of topic: Topic) -> StreamCursor {
        var cursor = StreamCursor(time: state.now)
        switch topic {
        case .trades(let coin), .candle(let coin, _): cursor.position = state[coin].tape.total
        case .bbo(let coin): cursor.position = state[coin].bestVersion
        case .activeContext(let coin): cursor.position = state[coin].version
        case .fastContexts: cursor.prices = CompressedContexts.prices(in: &state)
        case .user(let user, let topic): cursor.position = accounts.position(of: topic, user, in: &state)
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts, .outcomeUpdates, .explorerBlocks,
            .explorerTransactions:
            break
        }
        return cursor
    }

    /// The messages that a new subscription gets at once (docs/protocol.md, "R18" to "R22").
    mutating func firstMessages(of topic: Topic) -> [[UInt8]] {
        switch topic {
        case .trades(let coin):
            let market = state[coin]
            guard !market.tape.replay.isEmpty else { return [] }
            return [MessageEnvelope.message("trades", market.tape.replay.map(market.event))]
        case .candle(let coin, let interval):
            let market = state[coin]
            return market.candles.current(interval).map {
                [MessageEnvelope.message("candle", market.event($0, interval: interval))]
            } ?? []
        case .bbo(let coin): return [MessageEnvelope.message("bbo", state[coin].best(at: state.blockTime))]
        case .activeContext(let coin): return [activeContext(coin)]
        case .fastContexts:
            return [CompressedContexts.message(CompressedContexts.prices(in: &state), since: nil, state.listing)]
                .compactMap { $0 }
        case .outcomeUpdates: return []
        case .explorerBlocks: return [MessageEnvelope.bare(explorer.blocks(in: state.block - 20..<state.block))]
        case .explorerTransactions:
            return [MessageEnvelope.bare(explorer.transactions(in: state.block - 15..<state.block))]
        case .user(let user, let topic): return accounts.firstMessages(of: topic, user, in: &state)
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts:
            return [stateMessage(of: topic)].compactMap { $0 }
        }
    }

    /// The news of a stream since it was last looked at.
    mutating func messages(of topic: Topic, cursor: inout StreamCursor) -> [[UInt8]] {
        let last = cursor.time
        cursor.time = state.now
        if let coin = topic.coin, !state.listing.isListed(coin) { return [] }
        switch topic {
        case .trades(let coin):
            let market = state[coin]
            let trades = market.tape.since(cursor.position)
            cursor.position = market.tape.total
            return trades.isEmpty ? [] : [MessageEnvelope.message("trades", trades.map(market.event))]
        case .candle(let coin, let interval):
            let market = state[coin]
            let candles = market.candles.since(cursor.position, interval)
            cursor.position = market.tape.total
            return candles.map { MessageEnvelope.message("candle", market.event($0, interval: interval)) }
        case .bbo(let coin):
            let market = state[coin]
            guard market.bestVersion != cursor.position else { return [] }
            cursor.position = market.bestVersion
            return [MessageEnvelope.message("bbo", market.best(at: state.blockTime))]
        case .activeContext(let coin):
            let version = state[coin].version
            guard version != cursor.position else { return [] }
            cursor.position = version
            return [activeContext(coin)]
        case .fastContexts:
            let (prices, base) = (CompressedContexts.prices(in: &state), cursor.prices)
            cursor.prices = prices
            return [CompressedContexts.message(prices, since: base, state.listing)].compactMap { $0 }
        case .outcomeUpdates: return [outcomeUpdates()]
        case .explorerBlocks: return explorerMessages(since: last) { $0.blocks(in: $1) }
        case .explorerTransactions: return explorerMessages(since: last) { $0.transactions(in: $1) }
        case .user(let user, let topic):
            return accounts.messages(of: topic, user, cursor: &cursor, last: last, in: &state)
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts:
            return [stateMessage(of: topic)].compactMap { $0 }
        }
    }

    /// When a stream may next have news, in milliseconds since 1970.
    func nextDue(of topic: Topic, cursor: StreamCursor) -> Int64 {
        switch topic {
        case .trades(let coin), .candle(let coin, _), .bbo(let coin): state.nextTime(of: coin) ?? .max
        case .activeContext(let coin):
            max(cursor.time + rates.activeContext, state.nextTime(of: coin) ?? .max)
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

    // MARK: States

    /// The message of a feed that always shows its whole state; `nil` for other feeds.
    private mutating func stateMessage(of topic: Topic) -> [UInt8]? {
        switch topic {
        case .allMids(let scope): allMids(scope)
        case .l2Book(let coin, let digits, let mantissa, let isFast):
            MessageEnvelope.message(
                "l2Book",
                state[coin].shownBook(
                    digits: digits, mantissa: mantissa, isFast: isFast, hints: variants.showsBookHints,
                    at: state.blockTime))
        case .contexts(let dex): MessageEnvelope.message("assetCtxs", contexts(ofDex: dex))
        case .spotContexts: MessageEnvelope.message("spotAssetCtxs", spotContexts())
        case .allDexsContexts:
            MessageEnvelope.message(
                "allDexsAssetCtxs", AllDexsContexts(dexes: state.listing.dexes.indices.map { contexts(ofDex: $0) }))
        case .bbo, .trades, .candle, .activeContext, .fastContexts, .outcomeUpdates, .user, .explorerBlocks,
            .explorerTransactions:
            nil
        }
    }

    // MARK: Mids

    /// The mid prices of one dex, or of all. Those of the main dex include spot pairs and outcomes.
    mutating func mids(_ scope: Topic.DexScope) -> AllMids {
        let listing = state.listing
        let (coins, dex): ([Int], String) =
            switch scope {
            case .one(let dex): (listing.coins(withDex: dex), listing.dexes[dex].name)
            case .all: (listing.dexes.indices.flatMap { listing.coins(withDex: $0) }, "ALL_DEXS")
            }
        var mids: [(Coin, ExactDecimal)] = []
        for coin in coins {
            let market = state[coin]
            // A coin without a mid price, such as a delisted coin with its empty book, is listed with its mark price.
            mids.append((market.instrument.coin, market.midPrice ?? market.instrument.price(market.markPrice)))
        }
        return AllMids(mids, dex: dex)
    }

    private mutating func allMids(_ scope: Topic.DexScope) -> [UInt8] {
        MessageEnvelope.message("allMids", mids(scope))
    }

    // MARK: Contexts

    mutating func contexts(ofDex dex: Int) -> DexContexts {
        let listed = state.listing.dexes[dex]
        return DexContexts(dex: listed.name, contexts: listed.coins.map { state[$0].perpContext })
    }

    mutating func spotContexts() -> [SpotContext] {
        (state.listing.spot + state.listing.outcomes).map { state[$0].spotContext }
    }

    private mutating func activeContext(_ coin: Int) -> [UInt8] {
        let market = state[coin]
        return MessageEnvelope.message(
            market.instrument.isPerp ? "activeAssetCtx" : "activeSpotAssetCtx", market.activeContext)
    }

    // MARK: Outcomes and the explorer

    /// The outcome update of the present time: an outcome is settled, or a new one is listed.
    private func outcomeUpdates() -> [UInt8] {
        let step = state.now / state.rates.outcomeUpdates
        let id = 20_000 + step % 100_000
        let update: OutcomeMetaUpdates.Update =
            switch step % 4 {
            case 0: .outcomeSettled(id - 40)
            case 1: .questionUpdated(question(id))
            case 2: .questionSettled(id / 10)
            default: .outcomeCreated(creation(id))
            }
        return outcomeMessage(update)
    }

    private func outcomeMessage(_ update: OutcomeMetaUpdates.Update) -> [UInt8] {
        MessageEnvelope.message(
            "outcomeMetaUpdates", OutcomeMetaUpdates([update], isWrapped: variants.wrapsOutcomeUpdates))
    }

    private func creation(_ id: Int64) -> OutcomeCreation {
        OutcomeCreation(
            outcome: id, name: "template:binaryPrice",
            description: "perp:HYPE|priceDescription:HYPE-USDC perp mark|seconds:60|threshold:38.42",
            sideSpecs: [.init(name: "template:Yes", token: nil), .init(name: "template:No", token: nil)],
            quoteToken: "USDC", venue: "out", deployerFeeScale: .venue(10, scale: 1))
    }

    private func question(_ id: Int64) -> QuestionUpdate {
        QuestionUpdate(
            question: id / 10, name: "template:sportsContestResult", description: "contestType:Match",
            fallbackOutcome: id, namedOutcomes: [id + 1, id + 2, id + 3], settledNamedOutcomes: [id + 1])
    }

    private var explorer: Explorer { Explorer(seed: state.seed, blockMilliseconds: state.rates.block) }

    /// The blocks made since a time, or rows of these blocks, oldest first.
    private func explorerMessages<Row: JSONWritable>(
        since time: Int64, _ rows: (Explorer, Range<Int64>) -> [Row]
    ) -> [[UInt8]] {
        let first = time / state.rates.block
        guard first < state.block else { return [] }
        return [MessageEnvelope.bare(rows(explorer, first..<state.block))]
    }
}

/// The chain's blocks and transactions, each derived from its number alone.
struct Explorer: Sendable {
    let seed: UInt64
    /// The time between two blocks.
    let blockMilliseconds: Int64

    /// Added to the block number, so that heights look like the venue's.
    private static let firstHeight: Int64 = 700_000_000

    private func draw(_ block: Int64, _ salt: UInt64) -> UInt64 { SplitMix64.mix(seed ^ UInt64(block), salt) }
    private func height(_ block: Int64) -> Int64 { block % 10_000_000_000 + Self.firstHeight }

    func blocks(in range: Range<Int64>) -> [ExplorerBlock] {
        range.map { block in
            ExplorerBlock(
                timeMilliseconds: block * blockMilliseconds, hash: TransactionHash(transaction: draw(block, 0)),
                height: height(block), transactionCount: Int(draw(block, 1) % 900) + 50,
                proposer: Address(participant: 1000 + draw(block, 2) % 24))
        }
    }

    /// Some transactions of each block: 4 to 11.
    func transactions(in range: Range<Int64>) -> [ExplorerTransaction] {
        range.flatMap { block in
            (0..<4 + draw(block, 3) % 8).map { index in
                let draw = draw(block, 100 + index)
                return ExplorerTransaction(
                    action: RawMessage(bytes: Array(Self.action(draw).utf8)), block: height(block),
                    error: draw % 23 == 0 ? "Order could not immediately match against any resting orders." : nil,
                    hash: TransactionHash(transaction: draw), timeMilliseconds: block * blockMilliseconds,
                    user: Address(participant: draw >> 8 % 64))
            }
        }
    }

    private static func action(_ draw: UInt64) -> String {
        let (asset, order) = (draw >> 10 % 200, 310_000_000_000 + draw >> 20 % 1_000_000)
        switch draw % 4 {
        case 0: return #"{"type":"cancel","cancels":[{"a":\#(asset),"o":\#(order)}]}"#
        case 1: return #"{"type":"updateLeverage","asset":\#(asset),"isCross":true,"leverage":10}"#
        case 2: return #"{"type":"noop"}"#
        default:
            return
                #"{"type":"order","orders":[{"a":\#(asset),"b":\#(draw >> 9 % 2 == 0),"p":"\#(draw >> 30 % 9000).5","#
                + #""s":"0.5","r":false,"t":{"limit":{"tif":"Gtc"}}}],"grouping":"na"}"#
        }
    }
}
