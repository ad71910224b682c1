import HyperliquidWire

extension Account {
    /// Funding, which the venue settles each hour, once a round.
    mutating func payFunding(on floor: inout Floor) {
        for index in holdings.indices where holdings[index].size != 0 {
            let market = floor[holdings[index].coin]
            let instrument = market.instrument
            let value = instrument.millionths(market.markPrice * holdings[index].size)
            let paid = Int64(Int128(value) * Int128(market.fundingRate) / 10_000_000_000)
            cash[instrument.dex ?? 0] -= paid
            holdings[index].fundingEver += paid
            holdings[index].fundingSinceOpen += paid
            holdings[index].fundingSinceChange += paid
            let funding = Funding(
                time: clock, coin: instrument.coin, amount: .venue(-paid, scale: 6),
                positionSize: instrument.size(holdings[index].size), fundingRate: .venue(market.fundingRate, scale: 10))
            rows.fundings.append(funding)
            rows.events.append(.funding(funding))
        }
    }

    /// One thing that moves money but is neither trade nor funding; the kinds come in turn.
    mutating func changeLedger(_ round: Int, on floor: inout Floor) {
        // Deposits and rewards are larger, so that in the long run no account runs dry.
        let amount = generator.within(10_000...900_000) * (round % 8 == 0 ? 4000 : round % 8 == 7 ? 2000 : 1000)
        let money = ExactDecimal.venue(amount, scale: 6)
        let other = Address(participant: UInt64(generator.below(64)))
        var writer = JSONWriter()
        writer.beginObject()
        switch round % 8 {
        case 0:
            writer.field("type", "deposit")
            writer.field("usdc", money)
            cash[0] += amount
            ledgerSum += amount
        case 1:
            writer.field("type", "accountClassTransfer")
            writer.field("usdc", money)
            writer.field("toPerp", true)
            cash[0] += amount
            balances[0].total -= amount * 100
        case 2:
            writer.field("type", "withdraw")
            writer.field("usdc", money)
            writer.field("nonce", clock)
            writer.field("fee", ExactDecimal.venue(10, scale: 1))
            cash[0] -= amount + 1_000_000
            ledgerSum -= amount + 1_000_000
        case 3: writeSpotTransfer(money, to: other, &writer)
        case 4:
            writer.field("type", "internalTransfer")
            writer.field("usdc", money)
            writer.field("user", address)
            writer.field("destination", other)
            writer.field("fee", ExactDecimal.venue(0, scale: 1))
            cash[0] -= amount
            ledgerSum -= amount
        case 5: writeSend(money, to: floor.listing.dexes[1].name, &writer)
        case 6:
            writer.field("type", "vaultDeposit")
            writer.field("vault", other)
            writer.field("usdc", money)
            cash[0] -= amount
            ledgerSum -= amount
        default:
            writer.field("type", "rewardsClaim")
            writer.field("amount", money)
            writer.field("token", "USDC")
            balances[0].total += amount * 100
            ledgerSum += amount
        }
        writer.endObject()
        if round % 8 == 3 { balances[0].total -= amount * 100 }
        if round % 8 == 5 {
            cash[0] -= amount
            cash[1] += amount
        }
        // Never nothing: it is an object with a type.
        guard let delta = LedgerDelta(json: writer.bytes) else { return }
        let hash = TransactionHash(transaction: generator.next())
        rows.ledger.append(LedgerUpdate(time: clock, hash: hash, delta: delta))
    }

    private func writeSpotTransfer(_ money: ExactDecimal, to other: Address, _ writer: inout JSONWriter) {
        writer.field("type", "spotTransfer")
        writer.field("token", "USDC")
        writer.field("amount", money)
        writer.field("usdcValue", money)
        writer.field("user", address)
        writer.field("destination", other)
        writer.field("fee", ExactDecimal.venue(0, scale: 1))
        writer.field("nativeTokenFee", ExactDecimal.venue(0, scale: 1))
        writer.field("nonce", clock)
        writer.field("feeToken", "USDC")
    }

    private func writeSend(_ money: ExactDecimal, to dex: String, _ writer: inout JSONWriter) {
        writer.field("type", "send")
        writer.field("user", address)
        writer.field("destination", address)
        writer.field("sourceDex", "")
        writer.field("destinationDex", dex)
        writer.field("token", "USDC")
        writer.field("amount", money)
        writer.field("usdcValue", money)
        writer.field("fee", ExactDecimal.venue(0, scale: 1))
        writer.field("nativeTokenFee", ExactDecimal.venue(0, scale: 1))
        writer.field("nonce", clock)
        writer.field("feeToken", "")
    }
}
