internal import HyperliquidWire

/// The meaning of a subscription request, with coins and dexes by their index in the listing.
enum Topic: Hashable, Sendable {
    /// One dex, or all of them merged.
    enum DexScope: Hashable, Sendable {
        case one(Int)
        case all

        /// The dex's name as messages show it.
        func name(_ listing: Listing) -> String {
            switch self {
            case .one(let dex): listing.dexes[dex].name
            case .all: "ALL_DEXS"
            }
        }
    }

    case allMids(DexScope)
    case l2Book(Int, digits: Int?, mantissa: Int?, isFast: Bool)
    case bbo(Int)
    case trades(Int)
    case candle(Int, interval: Int)
    case activeContext(Int)
    case contexts(dex: Int)
    case spotContexts
    case allDexsContexts
    case fastContexts
    case outcomeUpdates
    case user(Address, UserTopic)
    case explorerBlocks
    case explorerTransactions

    /// Whether the messages are rows or changes, which add to earlier messages. Messages of other topics are full
    /// states.
    var addsUp: Bool {
        switch self {
        case .bbo, .trades, .candle, .activeContext, .fastContexts, .explorerBlocks, .explorerTransactions: true
        case .user(_, let topic): !topic.isState
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts, .outcomeUpdates: false
        }
    }

    /// The coin whose events have news for the topic; `nil` if the topic has a schedule of its own.
    var coin: Int? {
        switch self {
        case .l2Book(let coin, _, _, _), .bbo(let coin), .trades(let coin), .candle(let coin, _),
            .activeContext(let coin):
            coin
        case .allMids, .contexts, .spotContexts, .allDexsContexts, .fastContexts, .outcomeUpdates, .user,
            .explorerBlocks, .explorerTransactions:
            nil
        }
    }
}

/// The part of a user's account that a subscription shows.
enum UserTopic: Hashable, Sendable {
    case notification
    case orderUpdates
    case events
    case fills(isAggregated: Bool)
    case fundings
    case ledger
    case historicalOrders
    case twapSliceFills
    case twapHistory
    case twapStates(Topic.DexScope)
    case openOrders(Topic.DexScope)
    case clearinghouse(dex: Int)
    case allClearinghouses
    case spotState(ignoresPortfolioMargin: Bool)
    case activeAssetData(coin: Int)
    case webData3

    /// Whether every message is a full state.
    var isState: Bool {
        switch self {
        case .twapStates, .openOrders, .clearinghouse, .allClearinghouses, .spotState, .activeAssetData, .webData3:
            true
        case .notification, .orderUpdates, .events, .fills, .fundings, .ledger, .historicalOrders, .twapSliceFills,
            .twapHistory:
            false
        }
    }
}

/// The position of a stream: all news up to this position has been sent to the subscribers.
struct StreamCursor: Hashable, Sendable {
    /// The time of the last news, in milliseconds since 1970.
    var time: Int64
    /// The number of rows, trades or versions that have been sent.
    var position = 0
    /// The prices on which the next change of the compressed contexts builds; see ``CompressedContexts``.
    var prices: [Int64] = []
}

// MARK: Reading a request

/// The venue's reactions to a request that it does not serve (docs/protocol.md, "Error messages" and "Poisonous
/// subscriptions").
enum SubscriptionProblem: Error, Hashable, Sendable {
    /// The connection is dropped without a message.
    case poison
    /// The error `Invalid subscription {…}`.
    case invalid
    /// The error `Error parsing JSON into valid websocket request: {…}`.
    case unreadable
    /// The type is no longer served.
    case dead
}

extension Topic {
    /// Reads a request whose unknown fields have been removed.
    init(_ request: FeedRequest, _ listing: Listing) throws(SubscriptionProblem) {
        let reader = TopicReader(request: request, listing: listing)
        self =
            switch request.type {
            case "allMids": .allMids(try reader.dexScope())
            case "l2Book": try reader.book()
            case "bbo": .bbo(try reader.coin())
            case "trades": .trades(try reader.coin())
            case "candle": try reader.candle()
            case "activeAssetCtx": .activeContext(try reader.coin())
            case "assetCtxs": .contexts(dex: try reader.dex())
            case "spotAssetCtxs": .spotContexts
            case "allDexsAssetCtxs": .allDexsContexts
            case "fastAssetCtxs": .fastContexts
            case "outcomeMetaUpdates": .outcomeUpdates
            case "explorerBlock": .explorerBlocks
            case "explorerTxs": .explorerTransactions
            case "webData2": throw .dead
            default: .user(try reader.user(), try reader.userTopic())
            }
    }
}

/// Reads the fields of one request.
private struct TopicReader {
    let request: FeedRequest
    let listing: Listing

    /// The text of a field; empty if the field is absent.
    private func text(_ name: String) throws(SubscriptionProblem) -> String {
        switch request[name] {
        case .string(let text)?: return text
        case nil: return ""
        case .integer, .boolean, .null: throw .unreadable
        }
    }

    private func flag(_ name: String) throws(SubscriptionProblem) -> Bool {
        switch request[name] {
        case .boolean(let flag)?: return flag
        case nil: return false
        case .integer, .string, .null: throw .unreadable
        }
    }

    private func number(_ name: String) throws(SubscriptionProblem) -> Int? {
        switch request[name] {
        case .integer(let number)?: return Int(number)
        case nil: return nil
        case .boolean, .string, .null: throw .unreadable
        }
    }

    func coin() throws(SubscriptionProblem) -> Int {
        let name = try text("coin")
        guard !name.isEmpty else { throw .unreadable }
        guard let index = listing.indexOfAny(name) else { throw .poison }
        return index
    }

    func dex() throws(SubscriptionProblem) -> Int {
        guard let dex = listing.dex(named: try text("dex")) else { throw .invalid }
        return dex
    }

    func dexScope() throws(SubscriptionProblem) -> Topic.DexScope {
        try text("dex") == "ALL_DEXS" ? .all : .one(try dex())
    }

    func book() throws(SubscriptionProblem) -> Topic {
        let (digits, mantissa) = (try number("nSigFigs"), try number("mantissa"))
        let isFast = try flag("fast")
        let coin = try coin()
        if let digits, !(2...5).contains(digits) { throw .poison }
        if let mantissa, digits != 5 || ![1, 2, 5].contains(mantissa) { throw .poison }
        return .l2Book(coin, digits: digits, mantissa: mantissa, isFast: isFast)
    }

    func candle() throws(SubscriptionProblem) -> Topic {
        let name = try text("interval")
        guard !name.isEmpty else { throw .unreadable }
        let coin = try coin()
        guard let interval = CandleClock.index(of: name) else { throw .invalid }
        return .candle(coin, interval: interval)
    }

    func user() throws(SubscriptionProblem) -> Address {
        let text = try text("user")
        do throws(FeedParameterError) {
            return try Address(text)
        } catch {
            throw .unreadable
        }
    }

    func userTopic() throws(SubscriptionProblem) -> UserTopic {
        switch request.type {
        case "notification": return .notification
        case "orderUpdates": return .orderUpdates
        case "userEvents": return .events
        case "userFills": return .fills(isAggregated: try flag("aggregateByTime"))
        case "userFundings": return .fundings
        case "userNonFundingLedgerUpdates": return .ledger
        case "userHistoricalOrders": return .historicalOrders
        case "userTwapSliceFills": return .twapSliceFills
        case "userTwapHistory": return .twapHistory
        case "twapStates": return .twapStates(try dexScope())
        case "openOrders": return .openOrders(try dexScope())
        case "clearinghouseState": return .clearinghouse(dex: try dex())
        case "allDexsClearinghouseState": return .allClearinghouses
        case "spotState": return .spotState(ignoresPortfolioMargin: try flag("ignorePortfolioMargin"))
        case "activeAssetData": return try activeAssetData()
        case "webData3": return .webData3
        default: throw .unreadable
        }
    }

    private func activeAssetData() throws(SubscriptionProblem) -> UserTopic {
        let coin = try coin()
        guard listing.instruments[coin].isPerp else { throw .invalid }
        return .activeAssetData(coin: coin)
    }
}
