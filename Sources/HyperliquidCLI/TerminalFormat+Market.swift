internal import Hyperliquid

extension Trade: TerminalFormat {
    func row(_ index: Int) -> String { "\(Column.side(side)) \(Column.deal(size, price))" }
}

extension BestBidOffer: TerminalFormat {
    func row(_ index: Int) -> String { Self.row(bid, ask) }

    /// The best of both sides, the spread between them.
    fileprivate static func row(_ bid: Level?, _ ask: Level?) -> String {
        "bid \(side(bid))  ask \(side(ask))"
    }

    private static func side(_ level: Level?) -> String {
        level.map { Column.deal($0.size, $0.price) } ?? Column.right("none", 24)
    }
}

extension L2Book: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(BestBidOffer.row(bids.first, asks.first))  \(bids.count) and \(asks.count) levels"
    }
}

extension Candle: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(interval.rawValue) of \(Column.clock(openTimeMilliseconds).prefix(5))  open \(open)  high \(high)  low \(low)  "
            + "close \(close)  volume \(volume)  trades \(tradeCount)"
    }
}

extension AllMids: TerminalFormat {
    func row(_ index: Int) -> String {
        let shown = filter { ["BTC", "ETH", "SOL"].contains($0.coin.description) }
        let mids = (shown.isEmpty ? Array(prefix(3)) : shown).map { "\($0.coin) \($0.price)" }
        return "\(count) mids: \(mids.joined(separator: "  "))"
    }
}

extension PerpContext: TerminalFormat {
    func row(_ index: Int) -> String {
        "mark \(Column.left(markPrice, 10)) oracle \(Column.left(oraclePrice, 10)) funding \(Column.left(funding, 13)) "
            + "open interest \(openInterest)"
    }
}

extension SpotContext: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(coin)  mark \(Column.left(markPrice, 10)) mid \(Column.left(Column.optional(midPrice), 10)) "
            + "day volume \(dayNotionalVolume)"
    }
}

extension ActiveAssetContext: TerminalFormat {
    func row(_ index: Int) -> String {
        switch context {
        case .perp(let context): context.row(0)
        case .spot(let context): context.row(0)
        }
    }
}

extension DexContexts: TerminalFormat {
    func row(_ index: Int) -> String {
        let first = contexts.first.map { "; first: \($0.row(0))" } ?? ""
        return "\(dex.isEmpty ? "main dex" : dex): \(contexts.count) contexts\(first)"
    }
}

extension FastContexts: TerminalFormat {
    func row(_ index: Int) -> String {
        let shown = changed.prefix(3).map { coin in "\(coin) \(Column.optional(self[coin]?.markPrice))" }
        return "\(changed.count) of \(count) changed: \(shown.joined(separator: "  "))"
    }
}

extension ExplorerBlock: TerminalFormat {
    func row(_ index: Int) -> String { "block \(height)  \(transactionCount) transactions  of \(proposer)" }
}

extension ExplorerTransaction: TerminalFormat {
    func row(_ index: Int) -> String {
        "\(Column.left(actionType ?? "?", 14)) of \(user)  block \(block)\(error.map { "  failed: \($0)" } ?? "")"
    }
}
