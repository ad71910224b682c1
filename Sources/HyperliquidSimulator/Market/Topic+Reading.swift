internal import HyperliquidWire

/// What is wrong with a subscription, in the venue's ways of saying so
/// (docs/protocol.md, "Error messages" and "Poisonous subscriptions").
enum SubscriptionProblem: Error, Hashable, Sendable {
    /// The connection is killed without a word.
    case poison
    /// `Invalid subscription {…}`
    case invalid
    /// `Error parsing JSON into valid websocket request: {…}`
    case unreadable
    /// A type that was served once.
    case dead
}

extension Topic {
    /// Reads a canonical request.
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

/// Reads the fields of one subscription.
private struct TopicReader {
    let request: FeedRequest
    let listing: Listing

    /// A text; empty when it is absent.
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
        guard let position = listing.position(of: name) else { throw .poison }
        return position
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
