internal import HyperliquidWire

/// The states that an account's feeds and `/info` show.
extension Account {
    /// Positions and margin on one dex, at the present mark prices.
    func clearinghouse(dex: Int, in state: inout MarketState) -> ClearinghouseState {
        var sums = MarginSums(cash: cash[dex, default: 0])
        var shown: [AssetPosition] = []
        for position in positions where state.listing.instruments[position.coin].dex == dex {
            let market = state[position.coin]
            sums.add(position, market)
            guard position.size != 0 else { continue }
            shown.append(AssetPosition(type: "oneWay", position: Self.position(position, market)))
        }
        let summary = sums.summary
        return ClearinghouseState(
            marginSummary: summary, crossMarginSummary: summary,
            crossMaintenanceMarginUsed: .venue(sums.maintenance, scale: 6),
            withdrawable: .venue(max(0, sums.accountValue - sums.marginUsed), scale: 6), assetPositions: shown,
            timeMilliseconds: state.now)
    }

    /// Sums over the positions of a dex, in millionths of a USDC.
    private struct MarginSums {
        let cash: Int64
        var unrealized: Int64 = 0
        var net: Int64 = 0
        var notional: Int64 = 0
        var marginUsed: Int64 = 0
        var maintenance: Int64 = 0

        init(cash: Int64) { self.cash = cash }

        var accountValue: Int64 { cash + unrealized }

        mutating func add(_ position: PerpetualPosition, _ market: CoinMarket) {
            let value = market.instrument.millionths(market.markPrice * position.size)
            let magnitude = Int64(value.magnitude)
            unrealized += value - position.cost
            net += value
            notional += magnitude
            marginUsed += magnitude / Int64(position.leverage)
            maintenance += magnitude / Int64(2 * market.instrument.maximumLeverage)
        }

        var summary: MarginSummary {
            MarginSummary(
                accountValue: .venue(accountValue, scale: 6), totalNotional: .venue(notional, scale: 6),
                totalRawUSD: .venue(accountValue - net, scale: 6), totalMarginUsed: .venue(marginUsed, scale: 6))
        }
    }

    private static func position(_ position: PerpetualPosition, _ market: CoinMarket) -> Position {
        let instrument = market.instrument
        let value = instrument.millionths(market.markPrice * position.size)
        let profit = value - position.cost
        let margin = Int64(value.magnitude) / Int64(position.leverage)
        let entry = Int128(position.cost) * Int128(powerOfTen(instrument.sizeScale)) / Int128(position.size)
        let equity = max(1, Int64(position.cost.magnitude) / Int64(position.leverage))
        return Position(
            coin: instrument.coin, size: instrument.size(position.size),
            leverage: Leverage(type: "cross", value: position.leverage), entryPrice: .venue(Int64(entry), scale: 6),
            value: .venue(Int64(value.magnitude), scale: 6), unrealizedProfit: .venue(profit, scale: 6),
            returnOnEquity: .venue(Int64(Int128(profit) * 10_000_000_000 / Int128(equity)), scale: 10),
            liquidationPrice: nil, marginUsed: .venue(margin, scale: 6), maximumLeverage: instrument.maximumLeverage,
            cumulativeFunding: CumulativeFunding(
                allTime: .venue(position.fundingAllTime, scale: 6),
                sinceOpen: .venue(position.fundingSinceOpen, scale: 6),
                sinceChange: .venue(position.fundingSinceChange, scale: 6)))
    }

    // MARK: Balances, orders, TWAPs

    /// The balances of tokens. With `withOutcomes`, a balance of an outcome is added, which only the socket shows.
    func spotBalances(
        ignoringPortfolioMargin: Bool, withOutcomes: Bool = true, _ listing: Listing
    ) -> SpotBalances {
        let zero = ExactDecimal.venue(0, scale: 1)
        var shown = balances.map {
            SpotBalance(
                coin: listing.tokenName($0.token), token: $0.token, total: .venue($0.total, scale: 8), hold: zero,
                entryNotional: .venue($0.cost, scale: 6))
        }
        if withOutcomes, let side = listing.outcomes.first {
            // An outcome has no token. While it is active, its name begins with a plus sign
            // (docs/protocol.md, "spotState").
            let coin = "+" + listing.instruments[side].coin.name.dropFirst()
            shown.append(
                SpotBalance(
                    coin: coin, total: .venue(100, scale: 1), hold: zero, entryNotional: .venue(41, scale: 1)))
        }
        let available = TokenAmount(token: 0, amount: .venue(balances[0].total, scale: 8))
        return SpotBalances(
            balances: shown, availableAfterMaintenance: ignoringPortfolioMargin ? nil : [available])
    }

    func activeAssetData(_ coin: Int, in state: inout MarketState) -> ActiveAssetData {
        let market = state[coin]
        let instrument = market.instrument
        let dex = instrument.dex ?? 0
        var sums = MarginSums(cash: cash[dex, default: 0])
        for position in positions where state.listing.instruments[position.coin].dex == dex {
            sums.add(position, state[position.coin])
        }
        let leverage =
            positions.first { $0.coin == coin }?.leverage ?? max(1, min(20, instrument.maximumLeverage / 2))
        let available = max(0, sums.accountValue - sums.marginUsed)
        let price = max(1, instrument.millionths(market.markPrice * powerOfTen(instrument.sizeScale)))
        let units =
            Int128(available) * Int128(leverage) * Int128(powerOfTen(instrument.sizeScale)) / Int128(price)
        let size = instrument.size(Int64(units))
        return ActiveAssetData(
            user: address, coin: instrument.coin, leverage: Leverage(type: "cross", value: leverage),
            maximumTradeSizes: [size, size],
            availableToTrade: [.venue(available, scale: 6), .venue(available, scale: 6)],
            markPrice: instrument.price(market.markPrice))
    }

    func webData3(at time: Int64, _ listing: Listing) -> WebData3 {
        let isAgentKnown = address.seed % 2 == 0
        return WebData3(
            userState: WebData3UserState(
                user: address, serverTimeMilliseconds: time,
                agentAddress: isAgentKnown ? Address(participant: address.seed) : nil,
                agentValidUntilMilliseconds: isAgentKnown ? time / 86_400_000 * 86_400_000 + 90 * 86_400_000 : nil,
                cumulativeLedger: .venue(ledgerSum, scale: 6), isVault: false,
                abstraction: abstraction == "default" ? nil : abstraction),
            perpDexStates: listing.dexes.indices.map { dex in
                WebData3DexState(
                    totalVaultEquity: .venue(0, scale: 1), perpsAtOpenInterestCap: dex == 0 ? ["XAI"] : nil,
                    leadingVaults: dex == 0 ? [] : nil)
            })
    }

    /// The account's mode of sharing balances between dexes, in the venue's words.
    var abstraction: String { ["default", "unifiedAccount", "disabled"][Int(address.seed >> 8 % 3)] }

    /// The open orders of a dex. Those for spot pairs and outcomes belong to the main dex.
    func openOrders(_ scope: Topic.DexScope, _ listing: Listing) -> [FrontendOrder] {
        guard case .one(let dex) = scope else { return orders }
        return orders.filter { order in
            listing.index(of: order.coin.name).map { listing.instruments[$0].dex ?? 0 } == dex
        }
    }

    func runningTwaps(_ scope: Topic.DexScope, _ listing: Listing) -> [RunningTwap] {
        guard let twap else { return [] }
        if case .one(let dex) = scope, listing.instruments[twap.coin].dex ?? 0 != dex { return [] }
        return [RunningTwap(twapID: twap.id, state: twapState(of: twap, listing))]
    }
}
