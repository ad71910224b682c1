internal import HyperliquidWire

extension Account {
    mutating func makeOrder(
        _ instrument: Instrument, isBuy: Bool, limit: Int64, size: Int64, type: String, tif: String?,
        trigger: Int64? = nil, on floor: inout Floor
    ) -> FrontendOrder {
        let condition = trigger.map { "Price \(isBuy ? "below" : "above") \(instrument.price($0))" }
        return FrontendOrder(
            coin: instrument.coin, side: isBuy ? .buy : .sell, limitPrice: instrument.price(limit),
            size: instrument.size(size), orderID: floor.nextOrderID(), timeMilliseconds: clock,
            originalSize: instrument.size(size), triggerCondition: condition ?? "N/A", isTrigger: trigger != nil,
            triggerPrice: trigger.map(instrument.price) ?? .venue(0, scale: 1), children: [], isPositionStop: false,
            isReduceOnly: false, orderType: type, timeInForce: tif, clientOrderID: clientOrderID())
    }

    /// Every other order has an id of the client's own.
    private mutating func clientOrderID() -> String? {
        guard generator.chance(50) else { return nil }
        let digits = String(generator.next(), radix: 16)
        return "0x" + String(repeating: "0", count: 32 - digits.count) + digits
    }

    /// Tells everybody what has become of an order.
    mutating func report(_ order: FrontendOrder, _ status: OrderStatus) {
        let basic = BasicOrder(
            coin: order.coin, side: order.side, limitPrice: order.limitPrice, size: order.size, orderID: order.orderID,
            timeMilliseconds: order.timeMilliseconds, originalSize: order.originalSize,
            clientOrderID: order.clientOrderID,
            isReduceOnly: order.isReduceOnly ? true : nil)
        rows.orderUpdates.append(OrderUpdate(order: basic, status: status, statusTimeMilliseconds: clock))
        rows.history.append(OrderUpdate(order: order, status: status, statusTimeMilliseconds: clock))
        version += 1
    }

    // MARK: Deeds

    /// Places orders that rest well away from the price, one of them for spot or on the builder dex at times.
    mutating func rest(on floor: inout Floor) {
        let coin = [favourites.main, favourites.main, favourites.spot, favourites.builder][Int(generator.below(4))]
        let instrument = floor.listing.instruments[coin]
        let mark = floor[coin].markPrice
        let isBuy = coin == favourites.spot || generator.chance(50)
        let distance = mark * generator.within(10...40) / 1000
        let order = makeOrder(
            instrument, isBuy: isBuy, limit: isBuy ? mark - distance : mark + distance,
            size: generator.within(1...instrument.lot), type: "Limit", tif: generator.chance(70) ? "Gtc" : "Alo",
            on: &floor)
        orders.append(order)
        report(order, .open)
    }

    /// Cancels the oldest resting order; every third time the venue does it. A few stay.
    mutating func cancel(_ round: Int, on floor: inout Floor) {
        guard let index = orders.firstIndex(where: { !$0.isTrigger }), orders.count > 2 || round % 3 == 0 else {
            return
        }
        let order = orders.remove(at: index)
        guard round % 3 == 0 else { return report(order, .canceled) }
        report(order, OrderStatus(rawValue: "marginCanceled"))
        rows.events.append(.nonUserCancel([CancelledOrder(coin: order.coin, orderID: order.orderID)]))
    }

    /// Places a take-profit order, and in the next round it is triggered and takes.
    mutating func actOnTrigger(_ round: Int, on floor: inout Floor) {
        let coin = favourites.main
        let instrument = floor.listing.instruments[coin]
        guard let index = orders.firstIndex(where: \.isTrigger) else {
            let mark = floor[coin].markPrice
            let (isBuy, trigger) = (generator.chance(50), mark / 50)
            let price = isBuy ? mark - trigger : mark + trigger
            let order = makeOrder(
                instrument, isBuy: isBuy, limit: isBuy ? price + price / 20 : price - price / 20,
                size: instrument.lot / 2 + 1, type: "Take Profit Market", tif: nil, trigger: price, on: &floor)
            orders.append(order)
            return report(order, .open)
        }
        let order = orders.remove(at: index)
        report(order, .triggered)
        let size = Int64(order.originalSize.rescaled(to: instrument.sizeScale))
        if take(size, of: coin, isBuy: order.side == .buy, order: order, on: &floor).isEmpty {
            report(order, OrderStatus(rawValue: "marketOrderNoLiquidityRejected"))
        }
        if round % 5 == 4 { reportLiquidation(on: &floor) }
    }

    /// The account takes somebody else's position over.
    private mutating func reportLiquidation(on floor: inout Floor) {
        rows.events.append(
            .liquidation(
                Liquidation(
                    liquidationID: floor.nextOrderID() % 1_000_000, liquidator: address,
                    liquidatedUser: Address(participant: UInt64(generator.below(64))),
                    liquidatedNotional: .venue(generator.within(1_000_000...90_000_000), scale: 3),
                    liquidatedAccountValue: .venue(generator.within(1000...900_000), scale: 3))))
    }
}

extension ExactDecimal {
    /// The digits at another scale; the caller knows that none is lost.
    func rescaled(to scale: Int) -> Int128 {
        scale >= self.scale
            ? mantissa * Int128(powerOfTen(scale - self.scale)) : mantissa / Int128(powerOfTen(self.scale - scale))
    }
}
