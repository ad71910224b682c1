internal import HyperliquidWire

extension Accounts {
    /// Rows that a marked snapshot shows: how many is open at the venue (docs/protocol.md, "Q7").
    private static let snapshotCount = 50

    /// How many rows a stream has shown that is opened now.
    mutating func position(of topic: UserTopic, _ user: Address, on floor: inout Floor) -> Int {
        let account = account(user, on: &floor)
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

    /// What a new subscription is shown: a marked snapshot, a state, or nothing
    /// (docs/protocol.md, "R18", "R20" and "R21").
    mutating func firstMessages(of topic: UserTopic, _ user: Address, on floor: inout Floor) -> [[UInt8]] {
        let account = account(user, on: &floor)
        let (rows, count) = (account.rows, Self.snapshotCount)
        switch topic {
        case .notification, .orderUpdates, .events: return []
        case .fills(let isAggregated):
            return [snapshot("userFills", user, Self.fills(rows.fills.newest(count), isAggregated: isAggregated))]
        case .fundings: return [snapshot("userFundings", user, Array(rows.fundings.newest(count)))]
        case .ledger: return [snapshot("userNonFundingLedgerUpdates", user, Array(rows.ledger.newest(count)))]
        case .historicalOrders:
            return [snapshot("userHistoricalOrders", user, rows.history.newest(count).reversed())]
        case .twapSliceFills: return [snapshot("userTwapSliceFills", user, Array(rows.twapSlices.newest(count)))]
        case .twapHistory: return [snapshot("userTwapHistory", user, Array(rows.twapHistory.newest(count)))]
        case .twapStates, .openOrders, .clearinghouse, .allClearinghouses, .spotState, .activeAssetData, .webData3:
            return [state(topic, account, on: &floor)]
        }
    }

    /// What has come since the stream was last looked at; a state also when its time has come.
    mutating func messages(
        of topic: UserTopic, _ user: Address, cursor: inout StreamCursor, last: Int64, on floor: inout Floor
    ) -> [[UInt8]] {
        let account = account(user, on: &floor)
        let rows = account.rows
        let shown = cursor.position
        cursor.position = position(of: topic, user, on: &floor)
        if cursor.position == shown {
            guard topic.isState, floor.now >= last + floor.rates.userStates else {
                cursor.time = last
                return []
            }
            return [state(topic, account, on: &floor)]
        }
        switch topic {
        case .notification:
            return rows.notifications.since(shown).map {
                Frame.message("notification", HyperliquidWire.UserNotification(text: $0))
            }
        case .orderUpdates: return [Frame.message("orderUpdates", Array(rows.orderUpdates.since(shown)))]
        case .events: return rows.events.since(shown).map { Frame.message("user", $0) }
        case .fills(let isAggregated):
            return [update("userFills", user, Self.fills(rows.fills.since(shown), isAggregated: isAggregated))]
        case .fundings: return [update("userFundings", user, Array(rows.fundings.since(shown)))]
        case .ledger: return [update("userNonFundingLedgerUpdates", user, Array(rows.ledger.since(shown)))]
        case .historicalOrders: return [update("userHistoricalOrders", user, rows.history.since(shown).reversed())]
        case .twapSliceFills: return [update("userTwapSliceFills", user, Array(rows.twapSlices.since(shown)))]
        case .twapHistory: return [update("userTwapHistory", user, Array(rows.twapHistory.since(shown)))]
        case .twapStates, .openOrders, .clearinghouse, .allClearinghouses, .spotState, .activeAssetData, .webData3:
            return [state(topic, account, on: &floor)]
        }
    }

    func nextDue(of topic: UserTopic, _ user: Address, cursor: StreamCursor, rates: MarketRates) -> Int64 {
        let next = nextTime(of: user) ?? .max
        return topic.isState ? min(next, cursor.time + rates.userStates) : next
    }

    private func snapshot<Row: UserRow>(_ channel: String, _ user: Address, _ rows: [Row]) -> [UInt8] {
        Frame.message(channel) { UserRows(user: user, rows: rows).write(isSnapshot: true, to: &$0) }
    }

    private func update<Row: UserRow>(_ channel: String, _ user: Address, _ rows: [Row]) -> [UInt8] {
        Frame.message(channel) { UserRows(user: user, rows: rows).write(isSnapshot: false, to: &$0) }
    }
}
