internal import HyperliquidWire

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
                timeMilliseconds: clock, coin: instrument.coin, amount: .venue(-paid, scale: 6),
                positionSize: instrument.size(holdings[index].size), fundingRate: .venue(market.fundingRate, scale: 10))
            rows.fundings.append(funding)
            rows.events.append(.funding(funding))
        }
    }

    /// One thing that moves money but is neither trade nor funding; the kinds come in turn.
    mutating func changeLedger(_ round: Int, on floor: inout Floor) {
        // Deposits and rewards are larger, so that in the long run no account runs dry.
        let amount = generator.within(10_000...900_000) * (round % 8 == 0 ? 4000 : round % 8 == 7 ? 2000 : 1000)
        let other = Address(participant: UInt64(generator.below(64)))
        let movement = movement(round % 8, amount, with: other, dex: floor.listing.dexes[1].name)
        cash[0] += movement.main
        cash[1] += movement.builder
        balances[0].total += movement.spot * 100
        ledgerSum += movement.main + movement.builder + movement.spot
        let hash = TransactionHash(transaction: generator.next())
        rows.ledger.append(LedgerUpdate(timeMilliseconds: clock, hash: hash, delta: movement.delta))
    }

    /// A change of the ledger, with what it does to the cash of the main dex, of the builder dex and to the spot
    /// balance, in millionths of a USDC.
    private struct Movement {
        let delta: LedgerDelta
        var main: Int64 = 0
        var builder: Int64 = 0
        var spot: Int64 = 0
    }

    private func movement(_ kind: Int, _ amount: Int64, with other: Address, dex: String) -> Movement {
        let money = LedgerField.Value.decimal(.venue(amount, scale: 6))
        let (usdc, fee) = (LedgerField("usdc", money), LedgerField.Value.decimal(.venue(0, scale: 1)))
        func delta(_ type: LedgerUpdateKind, _ fields: LedgerField...) -> LedgerDelta {
            LedgerDelta(type: type, fields: fields)
        }
        switch kind {
        case 0: return Movement(delta: delta(.deposit, usdc), main: amount)
        case 1:
            let fields = delta(.accountClassTransfer, usdc, LedgerField("toPerp", .flag(true)))
            return Movement(delta: fields, main: amount, spot: -amount)
        case 2:
            let one = LedgerField("fee", .decimal(.venue(10, scale: 1)))
            let fields = delta(.withdraw, usdc, LedgerField("nonce", .integer(clock)), one)
            return Movement(delta: fields, main: -amount - 1_000_000)
        case 3:
            let fields = transferFields(money, from: address, to: other, feeToken: "USDC")
            return Movement(delta: LedgerDelta(type: .spotTransfer, fields: fields), spot: -amount)
        case 4:
            let ends = [LedgerField("user", .address(address)), LedgerField("destination", .address(other))]
            let fields = [usdc] + ends + [LedgerField("fee", fee)]
            return Movement(delta: LedgerDelta(type: .internalTransfer, fields: fields), main: -amount)
        case 5:
            let dexes = [LedgerField("sourceDex", .text("")), LedgerField("destinationDex", .text(dex))]
            let fields = dexes + transferFields(money, from: address, to: address, feeToken: "")
            return Movement(delta: LedgerDelta(type: .send, fields: fields), main: -amount, builder: amount)
        case 6:
            let fields = delta(LedgerUpdateKind(rawValue: "vaultDeposit"), LedgerField("vault", .address(other)), usdc)
            return Movement(delta: fields, main: -amount)
        default:
            let fields = delta(.rewardsClaim, LedgerField("amount", money), LedgerField("token", .text("USDC")))
            return Movement(delta: fields, spot: amount)
        }
    }

    private func transferFields(
        _ money: LedgerField.Value, from sender: Address, to receiver: Address, feeToken: String
    ) -> [LedgerField] {
        let nothing = LedgerField.Value.decimal(.venue(0, scale: 1))
        return [
            LedgerField("token", .text("USDC")), LedgerField("amount", money), LedgerField("usdcValue", money),
            LedgerField("user", .address(sender)), LedgerField("destination", .address(receiver)),
            LedgerField("fee", nothing), LedgerField("nativeTokenFee", nothing),
            LedgerField("nonce", .integer(clock)), LedgerField("feeToken", .text(feeToken)),
        ]
    }
}
