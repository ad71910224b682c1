internal import HyperliquidWire

/// An account of the exchange. Every address has one, made from the exchange's seed and the address.
///
/// The account acts in rounds of ten actions, chosen so that each round brings news on every feed of a user.
struct Account: Sendable {
    let address: Address
    var generator: SplitMix64
    /// The time of the current action, in milliseconds since 1970.
    var clock: Int64
    /// The time of the next action, in milliseconds since 1970.
    private(set) var nextTime: Int64
    /// Whether the account is still making up its history. Trades of its history are not on the public tape.
    private(set) var isPast = true
    private var actionCount = 0
    /// Cash by dex, in millionths of a USDC.
    var cash: [Int: Int64] = [:]
    /// The sum of all deposits, withdrawals and transfers, in millionths of a USDC.
    private(set) var ledgerSum: Int64 = 0
    /// Positions, ordered by the coin's index. Closed ones stay, as the venue keeps them listed for a while.
    var positions: [PerpetualPosition] = []
    /// Balances by token, USDC first.
    var balances: [TokenBalance]
    /// Open orders, oldest first.
    var orders: [FrontendOrder] = []
    var twap: Twap?
    var rows = AccountRows()
    /// The number of changes to the account's states.
    var version = 0
    /// The coins that the account trades.
    let favourites: Favourites

    /// Coins by their index in the listing.
    struct Favourites: Hashable, Sendable {
        /// The perpetual that is traded most.
        let main: Int
        /// Another perpetual of the main dex.
        let second: Int
        /// A perpetual of a builder dex.
        let builder: Int
        /// A spot pair.
        let spot: Int
    }

    /// The actions in an account's history: three rounds.
    private static let pastActionCount: Int64 = 30
    /// The mean time between two actions of the history, in milliseconds.
    private static let pastPace: Int64 = 60_000

    /// Makes the account with its history, up to the present of `state`.
    init(_ address: Address, in state: inout MarketState) {
        self.address = address
        generator = SplitMix64(seed: SplitMix64.mix(state.seed, address.seed))
        let listing = state.listing
        favourites = Favourites(
            main: Int(generator.below(4)), second: 4 + Int(generator.below(12)),
            builder: listing.dexes[1].coins[Int(generator.below(3))], spot: listing.indexOfAny("@107") ?? 0)
        cash[0] = generator.within(50_000...150_000) * 1_000_000
        cash[1] = generator.within(20_000...50_000) * 1_000_000
        ledgerSum = cash.values.reduce(0, +)
        balances = [TokenBalance(token: 0, total: generator.within(20_000...90_000) * 100_000_000, cost: 0)]
        clock = state.now - Self.pastActionCount * Self.pastPace
        nextTime = 0
        while clock < state.now - Self.pastPace / 2 {
            act(in: &state)
            clock += Self.pastPace + generator.within(-9000...9000)
        }
        isPast = false
        clock = state.now
        nextTime = state.now + generator.within(1...state.rates.accountAction)
    }

    /// Performs the action that is due at ``nextTime``, which must be the present of `state`.
    mutating func actWhenDue(in state: inout MarketState) {
        clock = state.now
        act(in: &state)
        nextTime = clock + generator.within(max(1, state.rates.accountAction / 2)...state.rates.accountAction * 3 / 2)
    }

    /// Leaves out the actions that are due before a time.
    mutating func skip(to time: Int64) { nextTime = max(nextTime, time) }

    private mutating func act(in state: inout MarketState) {
        let (round, action) = (actionCount / 10, actionCount % 10)
        actionCount += 1
        version += 1
        switch action {
        case 0: tradeAsTaker(favourites.main, in: &state)
        case 1: placeRestingOrder(in: &state)
        case 2: moveMoney(round, in: &state)
        case 3: tradeAsMaker(favourites.second, in: &state)
        case 4: startTwap(round, in: &state)
        case 5: payFunding(in: &state)
        case 6: cancelOldestOrder(round, in: &state)
        case 7: tradeAsTaker(round % 2 == 0 ? favourites.spot : favourites.builder, in: &state)
        case 8: fillTwapSlice(isLast: true, in: &state)
        default: placeOrTriggerOrder(round, in: &state)
        }
    }

    /// The index of the position in a coin. An empty one is made if there is none.
    mutating func positionIndex(of coin: Int, _ listing: Listing) -> Int {
        if let index = positions.firstIndex(where: { $0.coin == coin }) { return index }
        let leverage = max(1, min(20, listing.instruments[coin].maximumLeverage / 2))
        let index = positions.firstIndex { $0.coin > coin } ?? positions.count
        positions.insert(PerpetualPosition(coin: coin, leverage: leverage), at: index)
        return index
    }

    /// The index of the balance of a token. An empty one is made if there is none.
    mutating func balanceIndex(of token: Int) -> Int {
        if let index = balances.firstIndex(where: { $0.token == token }) { return index }
        let index = balances.firstIndex { $0.token > token } ?? balances.count
        balances.insert(TokenBalance(token: token, total: 0, cost: 0), at: index)
        return index
    }

    // MARK: Funding and the ledger

    /// Pays funding on every position, once per round; the venue settles it each hour.
    private mutating func payFunding(in state: inout MarketState) {
        for index in positions.indices where positions[index].size != 0 {
            let market = state[positions[index].coin]
            let instrument = market.instrument
            let value = instrument.millionths(market.markPrice * positions[index].size)
            let paid = Int64(Int128(value) * Int128(market.fundingRate) / 10_000_000_000)
            cash[instrument.dex ?? 0, default: 0] -= paid
            positions[index].pay(funding: paid)
            let funding = Funding(
                timeMilliseconds: clock, coin: instrument.coin, amount: .venue(-paid, scale: 6),
                positionSize: instrument.size(positions[index].size), fundingRate: .venue(market.fundingRate, scale: 10)
            )
            rows.fundings.append(funding)
            rows.events.append(.funding(funding))
        }
    }

    /// Moves money in a way that is neither a trade nor funding, with another kind of movement each time.
    private mutating func moveMoney(_ round: Int, in state: inout MarketState) {
        // Deposits and rewards are larger, so that no account runs out of money.
        let amount = generator.within(10_000...900_000) * (round % 8 == 0 ? 4000 : round % 8 == 7 ? 2000 : 1000)
        let other = Address(participant: UInt64(generator.below(64)))
        let movement = movement(round % 8, amount, with: other, dex: state.listing.dexes[1].name)
        cash[0, default: 0] += movement.main
        cash[1, default: 0] += movement.builder
        balances[0].total += movement.spot * 100
        ledgerSum += movement.main + movement.builder + movement.spot
        let hash = TransactionHash(transaction: generator.next())
        rows.ledger.append(LedgerUpdate(timeMilliseconds: clock, hash: hash, delta: movement.delta))
    }

    /// A ledger update, and the changes that it makes to the cash of the main dex, to the cash of the builder dex and
    /// to the spot balance, in millionths of a USDC.
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
        let noFee = LedgerField.Value.decimal(.venue(0, scale: 1))
        return [
            LedgerField("token", .text("USDC")), LedgerField("amount", money), LedgerField("usdcValue", money),
            LedgerField("user", .address(sender)), LedgerField("destination", .address(receiver)),
            LedgerField("fee", noFee), LedgerField("nativeTokenFee", noFee),
            LedgerField("nonce", .integer(clock)), LedgerField("feeToken", .text(feeToken)),
        ]
    }
}

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
