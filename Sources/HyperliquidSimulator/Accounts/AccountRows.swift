internal import HyperliquidWire

/// The rows that an account's feeds and `/info` show: what has happened to it, oldest first.
struct AccountRows: Sendable {
    var fills = RowStore<Fill>()
    var orderUpdates = RowStore<OrderUpdate<BasicOrder>>()
    var history = RowStore<OrderUpdate<FrontendOrder>>()
    var events = RowStore<UserEvent>()
    var fundings = RowStore<Funding>()
    var ledger = RowStore<LedgerUpdate>()
    var twapSlices = RowStore<TwapSliceFill>()
    var twapHistory = RowStore<TwapRecord>()
    var notifications = RowStore<String>()
}

/// Rows in the order in which they were made. The newest are kept; all are counted.
struct RowStore<Row: Sendable>: Sendable {
    private(set) var rows: [Row] = []
    /// The number of rows ever made.
    private(set) var total = 0

    /// The number of rows that are kept at least: as many as `/info` returns at most (docs/protocol.md, "Back-fill").
    private static var keptCount: Int { 2000 }

    mutating func append(_ row: Row) {
        rows.append(row)
        total += 1
        if rows.count > 2 * Self.keptCount { rows.removeFirst(rows.count - Self.keptCount) }
    }

    /// The rows after the first `count`, as far as they are kept.
    func since(_ count: Int) -> ArraySlice<Row> { rows.suffix(max(0, total - count)) }

    /// Up to `count` of the newest rows, oldest first.
    func newest(_ count: Int) -> ArraySlice<Row> { rows.suffix(count) }
}

extension ArraySlice<Fill> {
    /// The fills as they were made. With `isAggregated` (the field `aggregateByTime`), the fills of one order at one
    /// moment are merged into one.
    func list(isAggregated: Bool) -> [Fill] {
        guard isAggregated else { return Array(self) }
        var merged: [Fill] = []
        for fill in self {
            guard let last = merged.last, last.orderID == fill.orderID, last.timeMilliseconds == fill.timeMilliseconds,
                let both = last.merged(with: fill)
            else {
                merged.append(fill)
                continue
            }
            merged[merged.count - 1] = both
        }
        return merged
    }
}

extension Fill {
    /// Both fills as one: sizes, profits and fees are summed, the price is the mean weighted by size, cut to the digits
    /// of the longer price. `nil` if a result has more digits than a decimal holds.
    fileprivate func merged(with other: Fill) -> Fill? {
        guard let size = try? size.adding(other.size), let fee = try? fee.adding(other.fee),
            let profit = try? closedProfit.adding(other.closedProfit),
            let left = try? price.multiplied(by: self.size), let right = try? other.price.multiplied(by: other.size),
            let value = try? left.adding(right)
        else { return nil }
        let scale = max(price.scale, other.price.scale)
        let mantissa = value.rescaled(to: scale + size.scale) / max(size.mantissa, 1)
        guard let mean = ExactDecimal(mantissa: mantissa, scale: scale) else { return nil }
        return Fill(
            coin: coin, price: mean, size: size, side: side, timeMilliseconds: timeMilliseconds,
            startPosition: startPosition, direction: direction, closedProfit: profit, hash: hash, orderID: orderID,
            isTaker: isTaker, fee: fee, feeToken: feeToken, tradeID: tradeID, twapID: twapID, builderFee: builderFee,
            feeTrialEscrow: feeTrialEscrow, clientOrderID: clientOrderID, liquidation: liquidation)
    }
}
