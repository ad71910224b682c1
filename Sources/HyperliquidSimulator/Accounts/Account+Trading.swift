internal import HyperliquidWire

extension Account {
    /// Crosses the spread in a coin: builds a position up, or back when it has grown large.
    mutating func trade(_ coin: Int, on floor: inout Floor) {
        let instrument = floor.listing.instruments[coin]
        let isBuy = wantsToBuy(coin, instrument)
        _ = take(generator.within(1...2 * instrument.lot), of: coin, isBuy: isBuy, on: &floor)
    }

    /// An order that takes at once what it can; it is as large as what it got.
    mutating func take(
        _ size: Int64, of coin: Int, isBuy: Bool, type: String = "Limit", reducing: Bool = false,
        order existing: FrontendOrder? = nil, twapID: Int64? = nil, on floor: inout Floor
    ) -> [Fill] {
        let hash = twapID == nil ? TransactionHash(transaction: generator.next()) : .zero
        let trades = execute(size, of: coin, isBuy: isBuy, hash: hash, on: &floor)
        guard let worst = trades.last?.price else { return [] }
        let instrument = floor.listing.instruments[coin]
        let filled = trades.reduce(0) { $0 + $1.size }
        let limit = isBuy ? worst + worst / 200 : worst - worst / 200
        let placed =
            existing
            ?? makeOrder(
                instrument, isBuy: isBuy, limit: limit, size: filled, type: type, tif: "Ioc", on: &floor)
        let order = placed.with(size: placed.size, isReduceOnly: reducing)
        if existing == nil { report(order, .open) }
        return finish(order, with: trades, isTaker: true, twapID: twapID, coin, on: &floor)
    }

    /// Joins the best level of its own side and is hit there at once.
    mutating func makeTrade(_ coin: Int, on floor: inout Floor) {
        let instrument = floor.listing.instruments[coin]
        let isBuy = wantsToBuy(coin, instrument)
        let size = generator.within(1...2 * instrument.lot)
        guard let trade = beHit(size, of: coin, isBuy: isBuy, on: &floor) else { return }
        let order = makeOrder(
            instrument, isBuy: isBuy, limit: trade.price, size: size, type: "Limit", tif: "Alo", on: &floor)
        report(order, .open)
        _ = finish(order, with: [trade], isTaker: false, twapID: nil, coin, on: &floor)
    }

    /// Fills an order in full with these trades.
    private mutating func finish(
        _ order: FrontendOrder, with trades: [TradeRecord], isTaker: Bool, twapID: Int64?, _ coin: Int,
        on floor: inout Floor
    ) -> [Fill] {
        let fills = trades.map { fill($0, order, isTaker: isTaker, twapID: twapID, coin, floor.listing) }
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

    // MARK: On the floor, or in the past

    private mutating func execute(
        _ size: Int64, of coin: Int, isBuy: Bool, hash: TransactionHash, on floor: inout Floor
    ) -> [TradeRecord] {
        guard isPast else { return floor.take(size, of: coin, isBuy: isBuy, taker: address, hash: hash) }
        return [pastTrade(size, isBuy: isBuy, hash: hash, floor[coin])]
    }

    private mutating func beHit(
        _ size: Int64, of coin: Int, isBuy: Bool, on floor: inout Floor
    ) -> TradeRecord? {
        guard isPast else { return floor.hit(size, of: coin, makerBuys: isBuy, maker: address) }
        return pastTrade(size, isBuy: !isBuy, hash: TransactionHash(transaction: generator.next()), floor[coin])
    }

    /// A trade of long ago, near the price of now.
    private mutating func pastTrade(
        _ size: Int64, isBuy: Bool, hash: TransactionHash, _ market: CoinMarket
    ) -> TradeRecord {
        let mark = market.markPrice
        return TradeRecord(
            price: mark + generator.within(-mark / 100...mark / 100), size: size, time: clock, isBuy: isBuy,
            tradeID: Int64(generator.next() >> 14), hash: hash, buyer: address, seller: address)
    }

    /// Half of the time more of what it has, unless that is much already.
    private mutating func wantsToBuy(_ coin: Int, _ instrument: Instrument) -> Bool {
        if case .spot(_, let token) = instrument.kind {
            let held = balances.first { $0.token == token }?.cost ?? 0
            return held < 5_000_000_000 || (held < 20_000_000_000 && generator.chance(50))
        }
        let size = holdings.first { $0.coin == coin }?.size ?? 0
        guard size.magnitude > 8 * instrument.lot.magnitude else { return generator.chance(50) }
        return size < 0
    }
}

extension FrontendOrder {
    /// The same order with another unfilled size and reduce-only mark.
    fileprivate func with(size: ExactDecimal, isReduceOnly: Bool) -> FrontendOrder {
        FrontendOrder(
            coin: coin, side: side, limitPrice: limitPrice, size: size, orderID: orderID,
            timeMilliseconds: timeMilliseconds, originalSize: originalSize, triggerCondition: triggerCondition,
            isTrigger: isTrigger, triggerPrice: triggerPrice, children: children, isPositionStop: isPositionStop,
            isReduceOnly: isReduceOnly, orderType: orderType, timeInForce: timeInForce, clientOrderID: clientOrderID)
    }
}
