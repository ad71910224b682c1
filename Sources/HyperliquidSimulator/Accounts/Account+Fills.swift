internal import HyperliquidWire

extension Account {
    /// What a fill did to the account.
    struct FillOutcome {
        let start: ExactDecimal
        let direction: String
        /// In millionths of a USDC.
        let profit: Int64
        let fee: ExactDecimal
        let feeToken: String
    }

    /// Fees of the lowest tier, in hundred-thousandths.
    private static let (takerFee, makerFee): (Int64, Int64) = (45, 15)
    private static let (takerSpotFee, makerSpotFee): (Int64, Int64) = (70, 40)

    mutating func applyPerp(
        _ change: Int64, _ price: Int64, isTaker: Bool, _ coin: Int, _ listing: Listing
    ) -> FillOutcome {
        let instrument = listing.instruments[coin]
        let index = holding(of: coin, listing)
        let start = holdings[index].size
        let direction = holdings[index].direction(of: change)
        let profit = holdings[index].apply(change, price: price, instrument)
        let value = instrument.millionths(price * Int64(change.magnitude))
        let fee = value * (isTaker ? Self.takerFee : Self.makerFee) / 100_000
        cash[instrument.dex ?? 0] += profit - fee
        return FillOutcome(
            start: instrument.size(start), direction: direction, profit: profit, fee: .venue(fee, scale: 6),
            feeToken: "USDC")
    }

    /// Buys pay their fee in what they buy, sells in USDC.
    mutating func applySpot(
        _ change: Int64, _ price: Int64, isTaker: Bool, _ instrument: Instrument, _ listing: Listing
    ) -> FillOutcome {
        guard case .spot(_, let token) = instrument.kind else {
            return FillOutcome(start: .zero, direction: "Buy", profit: 0, fee: .zero, feeToken: "USDC")
        }
        let index = balance(of: token)
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
}
