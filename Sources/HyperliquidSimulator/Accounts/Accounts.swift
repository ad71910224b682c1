internal import HyperliquidWire

/// The accounts that a client has asked about.
struct Accounts: Sendable {
    private var all: [Account] = []
    private var indices: [Address: Int] = [:]
    /// The time of the next action of any account, in milliseconds since 1970.
    private var earliest = Int64.max

    /// The number of accounts that are kept at most. If there are more, the oldest one is forgotten; it is made anew
    /// when a client asks about it.
    private static let limit = 512
    /// After an interval in which no client asked for anything, only the actions of this last part of it are performed;
    /// in milliseconds.
    private static let longestCatchUp: Int64 = 600_000

    /// Performs all actions up to `time`, in order of time.
    mutating func act(until time: Int64, in state: inout MarketState) {
        guard earliest <= time else { return }
        for index in all.indices { all[index].skip(to: time - Self.longestCatchUp) }
        while let index = next(), all[index].nextTime <= time {
            state.now = max(state.now, all[index].nextTime)
            all[index].actWhenDue(in: &state)
        }
        earliest = next().map { all[$0].nextTime } ?? .max
    }

    /// Ends the orders of all accounts in a coin that is no longer traded.
    mutating func delist(_ coin: Int, in state: MarketState) {
        for index in all.indices { all[index].endOrders(in: coin, of: state) }
    }

    /// The index of the account that acts next; if there are several, of the one that was made first.
    private func next() -> Int? { all.indices.min { all[$0].nextTime < all[$1].nextTime } }

    /// The account of an address, which is made if it does not exist yet.
    mutating func account(_ address: Address, in state: inout MarketState) -> Account {
        if let index = indices[address] { return all[index] }
        let account = Account(address, in: &state)
        if all.count < Self.limit {
            indices[address] = all.count
            all.append(account)
        } else {
            let index = indices.count % Self.limit
            indices[all[index].address] = nil
            indices[address] = index
            all[index] = account
        }
        earliest = min(earliest, account.nextTime)
        return account
    }

    private func nextTime(of address: Address) -> Int64? { indices[address].map { all[$0].nextTime } }

    // MARK: Messages

    /// The most rows of a marked snapshot; the venue's own number is not known (docs/protocol.md, "Q7").
    private static let snapshotCount = 50

    /// The position of a stream that is opened now: the number of rows made, or the version of the states.
    mutating func position(of topic: UserTopic, _ user: Address, in state: inout MarketState) -> Int {
        let account = account(user, in: &state)
        return switch topic {
        case .notification: account.rows.notifications.total
        case .orderUpdates: account.rows.orderUpdates.total
        case .events: account.rows.events.total
        case .fills: account.rows.fills.total
        case .fundings: account.rows.fundings.total
        case .ledger: account.rows.ledger.total
        case .historicalOrders: account.rows.history.total
        case .twapSliceFills: account.rows.twapSlices.total
        case .twapHistory: account.rows.twapHistory.total
        case .twapStates, .openOrders, .clearinghouse, .allClearinghouses, .spotState, .activeAssetData, .webData3:
            account.version
        }
    }

    /// The first messages of a subscription: a marked snapshot, a state, or none (docs/protocol.md, "R18", "R20" and
    /// "R21").
    mutating func firstMessages(of topic: UserTopic, _ user: Address, in state: inout MarketState) -> [[UInt8]] {
        let account = account(user, in: &state)
        let (rows, count) = (account.rows, Self.snapshotCount)
        switch topic {
        case .notification, .orderUpdates, .events: return []
        case .fills(let isAggregated):
            return [snapshot("userFills", user, rows.fills.newest(count).list(isAggregated: isAggregated))]
        case .fundings: return [snapshot("userFundings", user, Array(rows.fundings.newest(count)))]
        case .ledger: return [snapshot("userNonFundingLedgerUpdates", user, Array(rows.ledger.newest(count)))]
        case .historicalOrders:
            return [snapshot("userHistoricalOrders", user, rows.history.newest(count).reversed())]
        case .twapSliceFills: return [snapshot("userTwapSliceFills", user, Array(rows.twapSlices.newest(count)))]
        case .twapHistory: return [snapshot("userTwapHistory", user, Array(rows.twapHistory.newest(count)))]
        case .twapStates, .openOrders, .clearinghouse, .allClearinghouses, .spotState, .activeAssetData, .webData3:
            return [stateMessage(topic, account, in: &state)]
        }
    }

    /// The messages with the news since the stream was last looked at. A state is sent when its interval is over, even
    /// without news.
    mutating func messages(
        of topic: UserTopic, _ user: Address, cursor: inout StreamCursor, last: Int64, in state: inout MarketState
    ) -> [[UInt8]] {
        let account = account(user, in: &state)
        let rows = account.rows
        let shown = cursor.position
        cursor.position = position(of: topic, user, in: &state)
        if cursor.position == shown {
            guard topic.isState, state.now >= last + state.rates.userStates else {
                cursor.time = last
                return []
            }
            return [stateMessage(topic, account, in: &state)]
        }
        switch topic {
        case .notification:
            return rows.notifications.since(shown).map {
                MessageEnvelope.message("notification", HyperliquidWire.UserNotification(text: $0))
            }
        case .orderUpdates: return [MessageEnvelope.message("orderUpdates", Array(rows.orderUpdates.since(shown)))]
        case .events: return rows.events.since(shown).map { MessageEnvelope.message("user", $0) }
        case .fills(let isAggregated):
            return [update("userFills", user, rows.fills.since(shown).list(isAggregated: isAggregated))]
        case .fundings: return [update("userFundings", user, Array(rows.fundings.since(shown)))]
        case .ledger: return [update("userNonFundingLedgerUpdates", user, Array(rows.ledger.since(shown)))]
        case .historicalOrders: return [update("userHistoricalOrders", user, rows.history.since(shown).reversed())]
        case .twapSliceFills: return [update("userTwapSliceFills", user, Array(rows.twapSlices.since(shown)))]
        case .twapHistory: return [update("userTwapHistory", user, Array(rows.twapHistory.since(shown)))]
        case .twapStates, .openOrders, .clearinghouse, .allClearinghouses, .spotState, .activeAssetData, .webData3:
            return [stateMessage(topic, account, in: &state)]
        }
    }

    /// When a stream may next have news, in milliseconds since 1970.
    func nextDue(of topic: UserTopic, _ user: Address, cursor: StreamCursor, rates: MarketRates) -> Int64 {
        let next = nextTime(of: user) ?? .max
        return topic.isState ? min(next, cursor.time + rates.userStates) : next
    }

    private func snapshot<Row: UserRow>(_ channel: String, _ user: Address, _ rows: [Row]) -> [UInt8] {
        MessageEnvelope.message(channel) { UserRows(user: user, rows: rows).write(isSnapshot: true, to: &$0) }
    }

    private func update<Row: UserRow>(_ channel: String, _ user: Address, _ rows: [Row]) -> [UInt8] {
        MessageEnvelope.message(channel) { UserRows(user: user, rows: rows).write(isSnapshot: false, to: &$0) }
    }

    private func stateMessage(_ topic: UserTopic, _ account: Account, in state: inout MarketState) -> [UInt8] {
        let listing = state.listing
        let user = account.address
        switch topic {
        case .twapStates(let scope):
            return MessageEnvelope.message(
                "twapStates",
                TwapStates(dex: scope.name(listing), user: user, states: account.runningTwaps(scope, listing)))
        case .openOrders(let scope):
            return MessageEnvelope.message(
                "openOrders",
                OpenOrders(dex: scope.name(listing), user: user, orders: account.openOrders(scope, listing)))
        case .clearinghouse(let dex):
            return MessageEnvelope.message(
                "clearinghouseState",
                UserClearinghouseState(
                    dex: listing.dexes[dex].name, user: user, state: account.clearinghouse(dex: dex, in: &state)))
        case .allClearinghouses:
            let states = listing.dexes.indices.map { dex in
                DexClearinghouseState(
                    dex: listing.dexes[dex].name, state: account.clearinghouse(dex: dex, in: &state))
            }
            return MessageEnvelope.message(
                "allDexsClearinghouseState", AllDexsClearinghouseState(user: user, states: states))
        case .spotState(let ignores):
            let balances = account.spotBalances(ignoringPortfolioMargin: ignores, listing)
            return MessageEnvelope.message("spotState", SpotState(user: user, state: balances))
        case .activeAssetData(let coin):
            return MessageEnvelope.message("activeAssetData", account.activeAssetData(coin, in: &state))
        case .webData3, .notification, .orderUpdates, .events, .fills, .fundings, .ledger, .historicalOrders,
            .twapSliceFills, .twapHistory:
            return MessageEnvelope.message("webData3", account.webData3(at: state.now, listing))
        }
    }
}
