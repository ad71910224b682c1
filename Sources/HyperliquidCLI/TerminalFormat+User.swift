internal import Hyperliquid

extension UserRows: TerminalFormat {
    var rowCount: Int { rows.count }
    func row(_ index: Int) -> String {
        (rows[index] as? any TerminalFormat)?.firstRow ?? EventLine.compact { rows[index].write(to: &$0) }
    }
}

extension Fill: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.left(coin, 8)) \(Column.side(side)) \(Column.deal(size, price)) \(Column.left(direction, 12)) "
            + "closed profit \(closedProfit)  fee \(fee) \(feeToken ?? "")"
    }
}

extension TwapSliceFill: TerminalFormat {
    func row(_ index: Int) -> String { "\(fill.row(0))  of TWAP \(twapID)" }
}

extension TwapState: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.left(coin, 8)) \(Column.side(side)) \(executedSize) of \(size) in \(durationMinutes) min"
    }
}

extension TwapRecord: TerminalFormat {
    func row(_ index: Int) -> String { "\(state.row(0))  \(status.status)\(status.reason.map { ": \($0)" } ?? "")" }
}

extension TwapStates: TerminalFormat {
    var rowCount: Int { states.count }
    func row(_ index: Int) -> String { states[index].state.row(0) }
}

extension BasicOrder: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.left(coin, 8)) \(Column.side(side)) \(Column.deal(size, limitPrice)) order \(orderID)"
    }
}

extension FrontendOrder: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.left(coin, 8)) \(Column.side(side)) \(Column.deal(size, limitPrice)) order \(orderID)  \(orderType)"
    }
}

extension OrderUpdate: TerminalFormat {
    func row(_ index: Int) -> String {
        let text = (order as? any TerminalFormat)?.firstRow ?? EventLine.compact { order.write(to: &$0) }
        return "\(text)  \(status.rawValue)"
    }
}

extension OpenOrders: TerminalFormat {
    var rowCount: Int { orders.count }
    func row(_ index: Int) -> String { orders[index].row(0) }
}

extension Funding: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.left(coin, 8)) paid \(Column.right(amount, 12))  rate \(Column.left(fundingRate, 13)) "
            + "position \(positionSize)"
    }
}

extension LedgerUpdate: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.clock(timeMilliseconds))  \(EventLine.compact { delta.write(to: &$0) })"
    }
}

extension UserNotification: TerminalFormat {
    func row(_ index: Int) -> String { text }
}

extension UserEvent: TerminalFormat {
    private var rows: (any TerminalFormat)? {
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

extension ClearinghouseState: TerminalFormat {
    func row(_ index: Int) -> String {
        "account value \(marginSummary.accountValue)  margin used \(marginSummary.totalMarginUsed)  "
            + "withdrawable \(withdrawable)  positions \(assetPositions.count)"
    }
}

extension UserClearinghouseState: TerminalFormat {
    func row(_ index: Int) -> String { state.row(0) }
}

extension SpotState: TerminalFormat {
    var rowCount: Int { state.balances.count }
    func row(_ index: Int) -> String {
        let balance = state.balances[index]
        return "\(Column.left(balance.coin, 8)) total \(Column.right(balance.total, 16))  hold \(balance.hold)"
    }
}

extension ActiveAssetData: TerminalFormat {
    func row(_ index: Int) -> String {
        "mark \(markPrice)  largest trades \(maximumTradeSizes.map(\.description).joined(separator: ", "))"
    }
}

extension WebData3: TerminalFormat {
    func row(_ index: Int) -> String {
        "server \(Column.clock(userState.serverTimeMilliseconds))  registry \(userState.cumulativeLedger)  dexes \(perpDexStates.count)"
    }
}
