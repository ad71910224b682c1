internal import Hyperliquid

/// An event that is shown to people as rows of text.
protocol TerminalRows {
    /// The number of rows. 1 by default.
    var rowCount: Int { get }
    /// The text of one row, with its numbers in columns.
    func row(_ index: Int) -> String
}

extension TerminalRows {
    var rowCount: Int { 1 }
    /// The first row, where only one is shown.
    var firstRow: String { rowCount > 0 ? row(0) : "no rows" }
}

extension Array: TerminalRows where Element: TerminalRows {
    var rowCount: Int { count }
    func row(_ index: Int) -> String { self[index].firstRow }
}

/// Pads text and numbers to columns.
enum Columns {
    /// Text aligned left.
    static func left(_ text: some CustomStringConvertible, _ width: Int) -> String {
        let text = text.description
        return text.count < width ? text + String(repeating: " ", count: width - text.count) : text
    }

    /// Text aligned right.
    static func right(_ text: some CustomStringConvertible, _ width: Int) -> String {
        let text = text.description
        return text.count < width ? String(repeating: " ", count: width - text.count) + text : text
    }

    /// The name of a coin, aligned left.
    static func coin(_ coin: Coin) -> String { left(KnownCoins.name(of: coin), 9) }

    static func side(_ side: Side) -> String {
        side == .buy ? "buy " : side == .sell ? "sell" : left(side.rawValue, 4)
    }

    /// `SIZE @ PRICE`.
    static func sizeAndPrice(_ size: ExactDecimal, _ price: ExactDecimal) -> String {
        "\(right(size, 11)) @ \(left(price, 10))"
    }

    static func optional(_ value: (some CustomStringConvertible)?) -> String { value?.description ?? "-" }

    /// The UTC time of day of a time in milliseconds since 1970.
    static func clock(_ milliseconds: Int64) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let ofDay = (milliseconds % 86_400_000 + 86_400_000) % 86_400_000
        let rest = ofDay % 1000
        let clock = "\(two(ofDay / 3_600_000)):\(two(ofDay / 60_000 % 60)):\(two(ofDay / 1000 % 60))"
        return clock + "." + (rest < 10 ? "00" : rest < 100 ? "0" : "") + "\(rest)"
    }
}

// MARK: Market feeds

extension Trade: TerminalRows {
    func row(_ index: Int) -> String { "\(Columns.side(side)) \(Columns.sizeAndPrice(size, price))" }
}

extension BestBidOffer: TerminalRows {
    func row(_ index: Int) -> String { Self.row(bid, ask) }

    /// The best levels of both sides.
    fileprivate static func row(_ bid: Level?, _ ask: Level?) -> String {
        "bid \(side(bid))  ask \(side(ask))"
    }

    private static func side(_ level: Level?) -> String {
        level.map { Columns.sizeAndPrice($0.size, $0.price) } ?? Columns.right("none", 24)
    }
}

extension L2Book: TerminalRows {
    func row(_ index: Int) -> String {
        "\(BestBidOffer.row(bids.first, asks.first))  \(bids.count) and \(asks.count) levels"
    }
}

extension Candle: TerminalRows {
    func row(_ index: Int) -> String {
        "\(interval.rawValue) of \(Columns.clock(openTimeMilliseconds).prefix(5))  open \(open)  high \(high)  low \(low)  "
            + "close \(close)  volume \(volume)  trades \(tradeCount)"
    }
}

extension AllMids: TerminalRows {
    func row(_ index: Int) -> String {
        let shown = filter { ["BTC", "ETH", "SOL"].contains($0.coin.description) }
        let mids = (shown.isEmpty ? Array(prefix(3)) : shown).map { "\(KnownCoins.name(of: $0.coin)) \($0.price)" }
        return "\(count) mids: \(mids.joined(separator: "  "))"
    }
}

extension PerpContext: TerminalRows {
    func row(_ index: Int) -> String {
        "mark \(Columns.left(markPrice, 10)) oracle \(Columns.left(oraclePrice, 10)) funding \(Columns.left(funding, 13)) "
            + "open interest \(openInterest)"
    }
}

extension SpotContext: TerminalRows {
    func row(_ index: Int) -> String {
        "\(KnownCoins.name(of: coin))  mark \(Columns.left(markPrice, 10)) mid \(Columns.left(Columns.optional(midPrice), 10)) "
            + "day volume \(dayNotionalVolume)"
    }
}

extension ActiveAssetContext: TerminalRows {
    func row(_ index: Int) -> String {
        switch context {
        case .perp(let context): context.row(0)
        case .spot(let context): context.row(0)
        }
    }
}

extension DexContexts: TerminalRows {
    func row(_ index: Int) -> String {
        let first = contexts.first.map { "; first: \($0.row(0))" } ?? ""
        return "\(dex.isEmpty ? "main dex" : dex): \(contexts.count) contexts\(first)"
    }
}

extension FastContexts: TerminalRows {
    func row(_ index: Int) -> String {
        let shown = changed.prefix(3).map { coin in
            "\(KnownCoins.name(of: coin)) \(Columns.optional(self[coin]?.markPrice))"
        }
        return "\(changed.count) of \(count) changed: \(shown.joined(separator: "  "))"
    }
}

extension ExplorerBlock: TerminalRows {
    func row(_ index: Int) -> String { "block \(height)  \(transactionCount) transactions  of \(proposer)" }
}

extension ExplorerTransaction: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.left(actionType ?? "?", 14)) of \(user)  block \(block)\(error.map { "  failed: \($0)" } ?? "")"
    }
}

// MARK: User feeds

extension UserRows: TerminalRows {
    var rowCount: Int { rows.count }
    func row(_ index: Int) -> String {
        (rows[index] as? any TerminalRows)?.firstRow ?? EventLine.compact { rows[index].write(to: &$0) }
    }
}

extension Fill: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.coin(coin)) \(Columns.side(side)) \(Columns.sizeAndPrice(size, price)) \(Columns.left(direction, 12)) "
            + "closed profit \(closedProfit)  fee \(fee) \(feeToken ?? "")"
    }
}

extension TwapSliceFill: TerminalRows {
    func row(_ index: Int) -> String { "\(fill.row(0))  of TWAP \(twapID)" }
}

extension TwapState: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.coin(coin)) \(Columns.side(side)) \(executedSize) of \(size) in \(durationMinutes) min"
    }
}

extension TwapRecord: TerminalRows {
    func row(_ index: Int) -> String { "\(state.row(0))  \(status.status)\(status.reason.map { ": \($0)" } ?? "")" }
}

extension TwapStates: TerminalRows {
    var rowCount: Int { states.count }
    func row(_ index: Int) -> String { states[index].state.row(0) }
}

extension BasicOrder: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.coin(coin)) \(Columns.side(side)) \(Columns.sizeAndPrice(size, limitPrice)) order \(orderID)"
    }
}

extension FrontendOrder: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.coin(coin)) \(Columns.side(side)) \(Columns.sizeAndPrice(size, limitPrice)) order \(orderID)  \(orderType)"
    }
}

extension OrderUpdate: TerminalRows {
    func row(_ index: Int) -> String {
        let text = (order as? any TerminalRows)?.firstRow ?? EventLine.compact { order.write(to: &$0) }
        return "\(text)  \(status.rawValue)"
    }
}

extension OpenOrders: TerminalRows {
    var rowCount: Int { orders.count }
    func row(_ index: Int) -> String { orders[index].row(0) }
}

extension Funding: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.coin(coin)) paid \(Columns.right(amount, 12))  rate \(Columns.left(fundingRate, 13)) "
            + "position \(positionSize)"
    }
}

extension LedgerUpdate: TerminalRows {
    func row(_ index: Int) -> String {
        "\(Columns.clock(timeMilliseconds))  \(EventLine.compact { delta.write(to: &$0) })"
    }
}

extension UserNotification: TerminalRows {
    func row(_ index: Int) -> String { text }
}

extension UserEvent: TerminalRows {
    private var rows: (any TerminalRows)? {
        switch self {
        case .fills(let fills): fills
        case .funding(let funding): funding
        case .twapHistory(let records): records
        case .twapSliceFills(let fills): fills
        case .liquidation, .nonUserCancel, .unknown: nil
        }
    }

    var rowCount: Int { rows?.rowCount ?? 1 }
    func row(_ index: Int) -> String { rows?.row(index) ?? EventLine.compact { write(to: &$0) } }
}

extension ClearinghouseState: TerminalRows {
    func row(_ index: Int) -> String {
        "account value \(marginSummary.accountValue)  margin used \(marginSummary.totalMarginUsed)  "
            + "withdrawable \(withdrawable)  positions \(assetPositions.count)"
    }
}

extension UserClearinghouseState: TerminalRows {
    func row(_ index: Int) -> String { state.row(0) }
}

extension SpotState: TerminalRows {
    var rowCount: Int { state.balances.count }
    func row(_ index: Int) -> String {
        let balance = state.balances[index]
        return "\(Columns.left(balance.coin, 8)) total \(Columns.right(balance.total, 16))  hold \(balance.hold)"
    }
}

extension ActiveAssetData: TerminalRows {
    func row(_ index: Int) -> String {
        "mark \(markPrice)  largest trades \(maximumTradeSizes.map(\.description).joined(separator: ", "))"
    }
}

extension WebData3: TerminalRows {
    func row(_ index: Int) -> String {
        "server \(Columns.clock(userState.serverTimeMilliseconds))  ledger \(userState.cumulativeLedger)  dexes \(perpDexStates.count)"
    }
}
