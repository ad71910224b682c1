internal import HyperliquidWire

extension UserTopic {
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

extension Topic.DexScope {
    func name(_ listing: Listing) -> String {
        switch self {
        case .one(let dex): listing.dexes[dex].name
        case .all: "ALL_DEXS"
        }
    }
}

extension Accounts {
    func state(_ topic: UserTopic, _ account: Account, on floor: inout Floor) -> [UInt8] {
        let listing = floor.listing
        let user = account.address
        switch topic {
        case .twapStates(let scope):
            return Frame.message(
                "twapStates",
                TwapStates(dex: scope.name(listing), user: user, states: account.runningTwaps(scope, listing)))
        case .openOrders(let scope):
            return Frame.message(
                "openOrders",
                OpenOrders(dex: scope.name(listing), user: user, orders: account.openOrders(scope, listing)))
        case .clearinghouse(let dex):
            return Frame.message(
                "clearinghouseState",
                UserClearinghouseState(
                    dex: listing.dexes[dex].name, user: user, state: account.clearinghouse(dex: dex, on: &floor)))
        case .allClearinghouses:
            let states = listing.dexes.indices.map { dex in
                DexClearinghouseState(
                    dex: listing.dexes[dex].name, state: account.clearinghouse(dex: dex, on: &floor))
            }
            return Frame.message(
                "allDexsClearinghouseState", AllDexsClearinghouseState(user: user, states: states))
        case .spotState(let ignores):
            let balances = account.spotBalances(ignoringPortfolioMargin: ignores, listing)
            return Frame.message("spotState", SpotState(user: user, state: balances))
        case .activeAssetData(let coin):
            return Frame.message("activeAssetData", account.activeAssetData(coin, on: &floor))
        case .webData3, .notification, .orderUpdates, .events, .fills, .fundings, .ledger, .historicalOrders,
            .twapSliceFills, .twapHistory:
            return Frame.message("webData3", account.webData3(at: floor.now, listing))
        }
    }

    // MARK: Fills

    /// Fills as they were, or those of one order at one moment in one (`aggregateByTime`).
    static func fills(_ fills: ArraySlice<Fill>, isAggregated: Bool) -> [Fill] {
        guard isAggregated else { return Array(fills) }
        var merged: [Fill] = []
        for fill in fills {
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
    /// Both in one: sizes, profits and fees add up, the price is the mean by size, cut to the digits of the first.
    func merged(with other: Fill) -> Fill? {
        guard let size = try? size.adding(other.size), let fee = try? fee.adding(other.fee),
            let profit = try? closedProfit.adding(other.closedProfit),
            let left = try? price.multiplied(by: self.size), let right = try? other.price.multiplied(by: other.size),
            let value = try? left.adding(right)
        else { return nil }  // More digits than a decimal holds: they stay apart.
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
