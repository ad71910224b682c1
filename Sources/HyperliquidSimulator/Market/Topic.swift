internal import HyperliquidWire

/// What a subscription asks for, read once: coins and dexes by their places.
enum Topic: Hashable, Sendable {
    /// One dex, or all of them merged.
    enum DexScope: Hashable, Sendable {
        case one(Int)
        case all
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

    /// Whether messages build on those before: rows, changes. The others are full states.
    var addsUp: Bool {
        switch self {
        case .bbo, .trades, .candle, .activeContext, .fastContexts, .explorerBlocks, .explorerTransactions: true
        case .user(_, let topic): !topic.isState
        case .allMids, .l2Book, .contexts, .spotContexts, .allDexsContexts, .outcomeUpdates: false
        }
    }

    /// The coin whose events it shows.
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

/// What a subscription asks of an account.
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
}
