internal import HyperliquidWire

/// Orders, trades and TWAPs, with their effects on positions, balances and rows.
extension Account {
    // MARK: Orders

    private mutating func makeOrder(
        _ instrument: Instrument, isBuy: Bool, limit: Int64, size: Int64, type: String, tif: String?,
        trigger: Int64? = nil, in state: inout MarketState
    ) -> FrontendOrder {
        let condition = trigger.map { "Price \(isBuy ? "below" : "above") \(instrument.price($0))" }
        return FrontendOrder(
            coin: instrument.coin, side: isBuy ? .buy : .sell, limitPrice: instrument.price(limit),
            size: instrument.size(size), orderID: state.nextOrderID(), timeMilliseconds: clock,
            originalSize: instrument.size(size), triggerCondition: condition ?? "N/A", isTrigger: trigger != nil,
            triggerPrice: trigger.map(instrument.price) ?? .venue(0, scale: 1), children: [], isPositionStop: false,
            isReduceOnly: false, orderType: type, timeInForce: tif, clientOrderID: clientOrderID())
    }

    /// A client order id for every second order; `nil` for the rest.
    private mutating func clientOrderID() -> String? {
        guard generator.chance(50) else { return nil }
        let digits = String(generator.next(), radix: 16)
        return "0x" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Records the new status of an order, for all feeds that show it.
    private mutating func report(_ order: FrontendOrder, _ status: OrderStatus) {
        let basic = BasicOrder(
            coin: order.coin, side: order.side, limitPrice: order.limitPrice, size: order.size, orderID: order.orderID,
            timeMilliseconds: order.timeMilliseconds, originalSize: order.originalSize,
            clientOrderID: order.clientOrderID,
            isReduceOnly: order.isReduceOnly ? true : nil)
        rows.orderUpdates.append(OrderUpdate(order: basic, status: status, statusTimeMilliseconds: clock))
        rows.history.append(OrderUpdate(order: order, status: status, statusTimeMilliseconds: clock))
        version += 1
    }

    /// Places an order that rests well away from the price: on the main dex, for spot or on the builder dex.
    mutating func placeRestingOrder(in state: inout MarketState) {
        let coin = [favourites.main, favourites.main, favourites.spot, favourites.builder][Int(generator.below(4))]
        let instrument = state.listing.instruments[coin]
        guard !instrument.isDelisted else { return }
        let mark = state[coin].markPrice
        let isBuy = coin == favourites.spot || generator.chance(50)
        let distance = mark * generator.within(10...40) / 1000
        let order = makeOrder(
            instrument, isBuy: isBuy, limit: isBuy ? mark - distance : mark + distance,
            size: generator.within(1...instrument.lot), type: "Limit", tif: generator.chance(70) ? "Gtc" : "Alo",
            in: &state)
        orders.append(order)
        report(order, .open)
    }

    /// Cancels the oldest resting order, every third time as the venue. A cancellation by the user leaves at least two
    /// open orders.
    mutating func cancelOldestOrder(_ round: Int, in state: inout MarketState) {
        guard let index = orders.firstIndex(where: { !$0.isTrigger }), orders.count > 2 || round % 3 == 0 else {
            return
        }
        let order = orders.remove(at: index)
        guard round % 3 == 0 else { return report(order, .canceled) }
        report(order, OrderStatus(rawValue: "marginCanceled"))
        rows.events.append(.nonUserCancel([CancelledOrder(coin: order.coin, orderID: order.orderID)]))
    }

    /// Cancels the orders in a coin that is no longer traded, and ends the TWAP in it.
    mutating func endOrders(in coin: Int, of state: MarketState) {
        clock = state.now
        let name = state.listing.instruments[coin].coin
        for order in orders where order.coin == name {
            report(order, OrderStatus(rawValue: "delistedCanceled"))
            rows.events.append(.nonUserCancel([CancelledOrder(coin: order.coin, orderID: order.orderID)]))
        }
        orders.removeAll { $0.coin == name }
        guard twap?.coin == coin else { return }
        reportTwap("terminated", state.listing)
        twap = nil
    }

    /// Places a take-profit order; in the next round it is triggered and executed.
    mutating func placeOrTriggerOrder(_ round: Int, in state: inout MarketState) {
        let coin = favourites.main
        let instrument = state.listing.instruments[coin]
        guard let index = orders.firstIndex(where: \.isTrigger) else {
            guard !instrument.isDelisted else { return }
            let mark = state[coin].markPrice
            let (isBuy, trigger) = (generator.chance(50), mark / 50)
            let price = isBuy ? mark - trigger : mark + trigger
            let order = makeOrder(
                instrument, isBuy: isBuy, limit: isBuy ? price + price / 20 : price - price / 20,
                size: instrument.lot / 2 + 1, type: "Take Profit Market", tif: nil, trigger: price, in: &state)
            orders.append(order)
            return report(order, .open)
        }
        let order = orders.remove(at: index)
        report(order, .triggered)
        let size = Int64(order.originalSize.rescaled(to: instrument.sizeScale))
        if take(size, of: coin, isBuy: order.side == .buy, order: order, in: &state).isEmpty {
            report(order, OrderStatus(rawValue: "marketOrderNoLiquidityRejected"))
        }
        if round % 5 == 4 { reportLiquidation(in: &state) }
    }

    /// Records that the account liquidated another user.
    private mutating func reportLiquidation(in state: inout MarketState) {
        rows.events.append(
            .liquidation(
                Liquidation(
                    liquidationID: state.nextOrderID() % 1_000_000, liquidator: address,
                    liquidatedUser: Address(participant: UInt64(generator.below(64))),
                    liquidatedNotional: .venue(generator.within(1_000_000...90_000_000), scale: 3),
                    liquidatedAccountValue: .venue(generator.within(1000...900_000), scale: 3))))
    }

    // MARK: Trades

    /// Crosses the spread in a coin. Increases the position, or reduces it if it is large.
    mutating func tradeAsTaker(_ coin: Int, in state: inout MarketState) {
        let instrument = state.listing.instruments[coin]
        let isBuy = wantsToBuy(coin, instrument)
        _ = take(generator.within(1...2 * instrument.lot), of: coin, isBuy: isBuy, in: &state)
    }

    /// Places an order that crosses the spread, and fills it. The size of the order is the filled size.
    private mutating func take(
        _ size: Int64, of coin: Int, isBuy: Bool, type: String = "Limit", reducing: Bool = false,
        order existing: FrontendOrder? = nil, twapID: Int64? = nil, in state: inout MarketState
    ) -> [Fill] {
        let hash = twapID == nil ? TransactionHash(transaction: generator.next()) : .zero
        let trades = execute(size, of: coin, isBuy: isBuy, hash: hash, in: &state)
        guard let worst = trades.last?.price else { return [] }
        let instrument = state.listing.instruments[coin]
        let filled = trades.reduce(0) { $0 + $1.size }
        let limit = isBuy ? worst + worst / 200 : worst - worst / 200
        let placed =
            existing
            ?? makeOrder(
                instrument, isBuy: isBuy, limit: limit, size: filled, type: type, tif: "Ioc", in: &state)
        let order = placed.with(size: placed.size, isReduceOnly: reducing)
        if existing == nil { report(order, .open) }
        return finish(order, with: trades, isTaker: true, twapID: twapID, coin, in: &state)
    }

    /// Places an order at the best level of its own side, where it is filled at once.
    mutating func tradeAsMaker(_ coin: Int, in state: inout MarketState) {
        let instrument = state.listing.instruments[coin]
        let isBuy = wantsToBuy(coin, instrument)
        let size = generator.within(1...2 * instrument.lot)
        guard let trade = executeAsMaker(size, of: coin, isBuy: isBuy, in: &state) else { return }
        let order = makeOrder(
            instrument, isBuy: isBuy, limit: trade.price, size: size, type: "Limit", tif: "Alo", in: &state)
        report(order, .open)
        _ = finish(order, with: [trade], isTaker: false, twapID: nil, coin, in: &state)
    }

    /// Fills an order in full with `trades`.
    private mutating func finish(
        _ order: FrontendOrder, with trades: [TradeRecord], isTaker: Bool, twapID: Int64?, _ coin: Int,
        in state: inout MarketState
    ) -> [Fill] {
        let fills = trades.map { fill($0, order, isTaker: isTaker, twapID: twapID, coin, state.listing) }
        report(order.with(size: .venue(0, scale: 1), isReduceOnly: order.isReduceOnly), .filled)
        if twapID == nil { rows.events.append(.fills(fills)) }
        for fill in fills {
            let verb = fill.side == .buy ? "Bought" : "Sold"
            rows.notifications.append(
                (isTaker ? "" : "Resting order filled: ") + "\(verb) \(fill.size) \(fill.coin) at $\(fill.price)")
        }
        return fills
    }

    private mutating func fill(
        _ trade: TradeRecord, _ order: FrontendOrder, isTaker: Bool, twapID: Int64?, _ coin: Int, _ listing: Listing
    ) -> Fill {
        let instrument = listing.instruments[coin]
        let change = order.side == .buy ? trade.size : -trade.size
        let outcome =
            instrument.isPerp
            ? applyPerp(change, trade.price, isTaker: isTaker, coin, listing)
            : applySpot(change, trade.price, isTaker: isTaker, instrument, listing)
        let fill = Fill(
            coin: instrument.coin, price: instrument.price(trade.price), size: instrument.size(trade.size),
            side: order.side, timeMilliseconds: clock, startPosition: outcome.start, direction: outcome.direction,
            closedProfit: .venue(outcome.profit, scale: 6), hash: trade.hash, orderID: order.orderID,
            isTaker: isTaker, fee: outcome.fee, feeToken: outcome.feeToken, tradeID: trade.tradeID, twapID: twapID,
            clientOrderID: order.clientOrderID)
        rows.fills.append(fill)
        return fill
    }

    // MARK: Execution, in the market or in the account's history

    private mutating func execute(
        _ size: Int64, of coin: Int, isBuy: Bool, hash: TransactionHash, in state: inout MarketState
    ) -> [TradeRecord] {
        guard isPast else { return state.take(size, of: coin, isBuy: isBuy, taker: address, hash: hash) }
        return [pastTrade(size, isBuy: isBuy, hash: hash, state[coin])]
    }

    private mutating func executeAsMaker(
        _ size: Int64, of coin: Int, isBuy: Bool, in state: inout MarketState
    ) -> TradeRecord? {
        guard isPast else { return state.hit(size, of: coin, makerBuys: isBuy, maker: address) }
        return pastTrade(size, isBuy: !isBuy, hash: TransactionHash(transaction: generator.next()), state[coin])
    }

    /// A trade in the account's history, near the present price.
    private mutating func pastTrade(
        _ size: Int64, isBuy: Bool, hash: TransactionHash, _ market: CoinMarket
    ) -> TradeRecord {
        let mark = market.markPrice
        return TradeRecord(
            price: mark + generator.within(-mark / 100...mark / 100), size: size, time: clock, isBuy: isBuy,
            tradeID: Int64(generator.next() >> 14), hash: hash, buyer: address, seller: address)
    }

    /// Whether the next trade is a buy: random, but a large position is reduced.
    private mutating func wantsToBuy(_ coin: Int, _ instrument: Instrument) -> Bool {
        if case .spot(_, let token) = instrument.kind {
            let held = balances.first { $0.token == token }?.cost ?? 0
            return held < 5_000_000_000 || (held < 20_000_000_000 && generator.chance(50))
        }
        let size = positions.first { $0.coin == coin }?.size ?? 0
        guard size.magnitude > 8 * instrument.lot.magnitude else { return generator.chance(50) }
        return size < 0
    }

    // MARK: Fills

    /// The effect of a fill on the account.
    private struct FillOutcome {
        /// The position or balance before the fill.
        let start: ExactDecimal
        let direction: String
        /// The realised profit, in millionths of a USDC.
        let profit: Int64
        let fee: ExactDecimal
        let feeToken: String
    }

    /// Fees of the lowest tier, in hundred-thousandths.
    private static let (takerFee, makerFee): (Int64, Int64) = (45, 15)
    private static let (takerSpotFee, makerSpotFee): (Int64, Int64) = (70, 40)

    private mutating func applyPerp(
        _ change: Int64, _ price: Int64, isTaker: Bool, _ coin: Int, _ listing: Listing
    ) -> FillOutcome {
        let instrument = listing.instruments[coin]
        let index = positionIndex(of: coin, listing)
        let start = positions[index].size
        let direction = positions[index].direction(of: change)
        let profit = positions[index].apply(change, price: price, instrument)
        let value = instrument.millionths(price * Int64(change.magnitude))
        let fee = value * (isTaker ? Self.takerFee : Self.makerFee) / 100_000
        cash[instrument.dex ?? 0, default: 0] += profit - fee
        return FillOutcome(
            start: instrument.size(start), direction: direction, profit: profit, fee: .venue(fee, scale: 6),
            feeToken: "USDC")
    }

    /// Applies a fill of a spot pair. A buy pays its fee in the token that it buys, a sale in USDC.
    private mutating func applySpot(
        _ change: Int64, _ price: Int64, isTaker: Bool, _ instrument: Instrument, _ listing: Listing
    ) -> FillOutcome {
        guard case .spot(_, let token) = instrument.kind else {
            return FillOutcome(start: .zero, direction: "Buy", profit: 0, fee: .zero, feeToken: "USDC")
        }
        let index = balanceIndex(of: token)
        let start = balances[index].total
        let amount = Int64(change.magnitude) * powerOfTen(8 - instrument.sizeScale)
        let value = instrument.millionths(price * Int64(change.magnitude))
        let rate = isTaker ? Self.takerSpotFee : Self.makerSpotFee
        guard change > 0 else {
            let costPart = start == 0 ? 0 : Int64(Int128(balances[index].cost) * Int128(amount) / Int128(start))
            balances[index].total -= amount
            balances[index].cost -= costPart
            let fee = value * rate / 100_000
            balances[0].total += (value - fee) * 100
            return FillOutcome(
                start: .venue(start, scale: 8), direction: "Sell", profit: value - costPart,
                fee: .venue(fee, scale: 6), feeToken: "USDC")
        }
        let fee = amount * rate / 100_000
        balances[index].total += amount - fee
        balances[index].cost += value
        balances[0].total -= value * 100
        return FillOutcome(
            start: .venue(start, scale: 8), direction: "Buy", profit: 0, fee: .venue(fee, scale: 8),
            feeToken: listing.tokenName(token))
    }

    // MARK: TWAP

    /// An order that is filled in two slices.
    struct Twap: Hashable, Sendable {
        let id: Int64
        let coin: Int
        let isBuy: Bool
        let size: Int64
        let startedAt: Int64
        var executed: Int64 = 0
        /// The value of the filled part, in millionths of a USDC.
        var executedNotional: Int64 = 0
    }

    /// Starts a TWAP and fills its first slice.
    mutating func startTwap(_ round: Int, in state: inout MarketState) {
        let coin = round % 4 == 3 ? favourites.builder : favourites.second
        guard !state.listing.instruments[coin].isDelisted else { return }
        let lot = state.listing.instruments[coin].lot
        twap = Twap(id: state.nextTwapID(), coin: coin, isBuy: round % 2 == 0, size: lot / 2 * 2 + 2, startedAt: clock)
        reportTwap("activated", state.listing)
        fillTwapSlice(isLast: false, in: &state)
    }

    /// Fills a slice of the running TWAP; the last slice ends it.
    mutating func fillTwapSlice(isLast: Bool, in state: inout MarketState) {
        guard var running = twap else { return }
        let size = isLast ? running.size - running.executed : running.size / 2
        let fills = take(
            size, of: running.coin, isBuy: running.isBuy, type: "Twap Slice", twapID: running.id, in: &state)
        let instrument = state.listing.instruments[running.coin]
        for fill in fills {
            let units = Int64(fill.size.rescaled(to: instrument.sizeScale))
            running.executed += units
            running.executedNotional += instrument.millionths(
                Int64(fill.price.rescaled(to: instrument.priceScale)) * units)
            rows.twapSlices.append(TwapSliceFill(fill: fill, twapID: running.id))
        }
        if !fills.isEmpty {
            rows.events.append(.twapSliceFills(fills.map { TwapSliceFill(fill: $0, twapID: running.id) }))
        }
        twap = running
        guard isLast else { return }
        reportTwap(running.executed < running.size ? "terminated" : "finished", state.listing)
        twap = nil
    }

    /// Records a change of the running TWAP. The times of TWAP records are seconds (docs/protocol.md, "userTwapHistory").
    private mutating func reportTwap(_ status: String, _ listing: Listing) {
        guard let twap else { return }
        let record = TwapRecord(
            timeSeconds: clock / 1000, state: twapState(of: twap, listing), status: TwapStatus(status: status),
            twapID: twap.id
        )
        rows.twapHistory.append(record)
        rows.events.append(.twapHistory([record]))
        version += 1
    }

    func twapState(of twap: Twap, _ listing: Listing) -> TwapState {
        let instrument = listing.instruments[twap.coin]
        return TwapState(
            coin: instrument.coin, user: address, side: twap.isBuy ? .buy : .sell, size: instrument.size(twap.size),
            executedSize: instrument.size(twap.executed), executedNotional: .venue(twap.executedNotional, scale: 6),
            durationMinutes: 5, isReduceOnly: false, isRandomized: true, timeMilliseconds: twap.startedAt)
    }
}

extension FrontendOrder {
    /// The same order with another unfilled size and another reduce-only mark.
    fileprivate func with(size: ExactDecimal, isReduceOnly: Bool) -> FrontendOrder {
        FrontendOrder(
            coin: coin, side: side, limitPrice: limitPrice, size: size, orderID: orderID,
            timeMilliseconds: timeMilliseconds, originalSize: originalSize, triggerCondition: triggerCondition,
            isTrigger: isTrigger, triggerPrice: triggerPrice, children: children, isPositionStop: isPositionStop,
            isReduceOnly: isReduceOnly, orderType: orderType, timeInForce: timeInForce, clientOrderID: clientOrderID)
    }
}
