internal import HyperliquidWire

/// An account of the exchange: any address is one, made from the seed and the address.
///
/// It lives in rounds of ten deeds, so that within a round something happens on every feed of a user.
struct Account: Sendable {
    let address: Address
    var generator: SplitMix64
    /// The time of what it is doing, in milliseconds since 1970.
    var clock: Int64
    /// When it does something next.
    private(set) var nextTime: Int64
    /// Whether it lives through its past: then its trades are not on the tape.
    private(set) var isPast = true
    /// How many deeds it has done.
    private(set) var deedCount = 0
    /// Cash on each dex, in millionths of a USDC.
    var cash: [Int64]
    /// All that came and went but by trades and funding, in millionths of a USDC.
    var ledgerSum: Int64 = 0
    /// Positions, by the coin's place; closed ones stay, as the venue keeps them listed for a while.
    var holdings: [Holding] = []
    /// Balances by token, USDC first.
    var balances: [TokenBalance]
    /// Open orders, oldest first.
    var orders: [FrontendOrder] = []
    var twap: Twap?
    var rows = AccountRows()
    /// Counts what changed its states.
    var version = 0

    /// The perpetual it trades most, another one, one of a builder dex, and a spot pair, by their places.
    let favourites: Favourites

    struct Favourites: Hashable, Sendable {
        let main: Int
        let second: Int
        let builder: Int
        let spot: Int
    }

    /// So many deeds lie in its past: three rounds.
    private static let pastDeedCount: Int64 = 30
    /// A deed of the past took a minute.
    private static let pastPace: Int64 = 60_000

    init(_ address: Address, on floor: inout Floor) {
        self.address = address
        generator = SplitMix64(seed: SplitMix64.mix(floor.seed, address.seed))
        let listing = floor.listing
        favourites = Favourites(
            main: Int(generator.below(4)), second: 4 + Int(generator.below(12)),
            builder: listing.dexes[1].coins.lowerBound + Int(generator.below(3)),
            spot: listing.position(of: "@107") ?? listing.spot.lowerBound)
        cash = listing.dexes.map { _ in 0 }
        cash[0] = generator.within(50_000...150_000) * 1_000_000
        cash[1] = generator.within(20_000...50_000) * 1_000_000
        ledgerSum = cash.reduce(0, +)
        balances = [TokenBalance(token: 0, total: generator.within(20_000...90_000) * 100_000_000, cost: 0)]
        clock = floor.now - Self.pastDeedCount * Self.pastPace
        nextTime = 0
        while clock < floor.now - Self.pastPace / 2 {
            act(on: &floor)
            clock += Self.pastPace + generator.within(-9000...9000)
        }
        isPast = false
        clock = floor.now
        nextTime = floor.now + generator.within(1...floor.rates.accountLife)
    }

    /// Does what is due at `nextTime`, which is the floor's present.
    mutating func live(on floor: inout Floor) {
        clock = floor.now
        act(on: &floor)
        nextTime = clock + generator.within(max(1, floor.rates.accountLife / 2)...floor.rates.accountLife * 3 / 2)
    }

    /// Skips what lies too long ago: nobody has looked since.
    mutating func skip(to time: Int64) { nextTime = max(nextTime, time) }

    private mutating func act(on floor: inout Floor) {
        let (round, deed) = (deedCount / 10, deedCount % 10)
        deedCount += 1
        version += 1
        switch deed {
        case 0: trade(favourites.main, on: &floor)
        case 1: rest(on: &floor)
        case 2: changeLedger(round, on: &floor)
        case 3: makeTrade(favourites.second, on: &floor)
        case 4: startTwap(round, on: &floor)
        case 5: payFunding(on: &floor)
        case 6: cancel(round, on: &floor)
        case 7: trade(round % 2 == 0 ? favourites.spot : favourites.builder, on: &floor)
        case 8: fillTwapSlice(isLast: true, on: &floor)
        default: actOnTrigger(round, on: &floor)
        }
    }

    /// The place of a holding; made when there is none.
    mutating func holding(of coin: Int, _ listing: Listing) -> Int {
        if let index = holdings.firstIndex(where: { $0.coin == coin }) { return index }
        let leverage = max(1, min(20, listing.instruments[coin].maximumLeverage / 2))
        let index = holdings.firstIndex { $0.coin > coin } ?? holdings.count
        holdings.insert(Holding(coin: coin, leverage: leverage), at: index)
        return index
    }

    mutating func balance(of token: Int) -> Int {
        if let index = balances.firstIndex(where: { $0.token == token }) { return index }
        let index = balances.firstIndex { $0.token > token } ?? balances.count
        balances.insert(TokenBalance(token: token, total: 0, cost: 0), at: index)
        return index
    }
}
