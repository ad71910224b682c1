internal import HyperliquidWire

/// The state of the market: the venue's clock, and the market of every coin that has been used.
///
/// The markets of the coins are advanced to the present when they are used.
struct MarketState: Sendable {
    private(set) var listing: Listing
    let rates: MarketRates
    let seed: UInt64
    /// The venue's time, in milliseconds since 1970.
    var now: Int64
    /// The number of blocks in which a coin's market has already been active when it is first used.
    private let warmUp: Int64
    private var coins: [CoinMarket?]
    /// Coins that have changed outside of their own events, because accounts have traded in them, or by a listing.
    private var touched: [Int] = []
    private var lastOrder: Int64 = 310_000_000_000
    private var lastTwap: Int64 = 1_770_000

    init(seed: UInt64, now: Int64, rates: MarketRates, size: MarketSize) {
        self.seed = seed
        self.now = now
        self.rates = rates
        listing = Listing.of(size)
        coins = Array(repeating: nil, count: listing.instruments.count)
        // This is long enough for about thirty trades of an active coin.
        warmUp = size == .full ? 400 : 150
    }

    /// The present block.
    var block: Int64 { now / rates.block }
    /// The time of the present block, in milliseconds since 1970.
    var blockTime: Int64 { block * rates.block }

    /// Advances a coin's market to the present.
    private mutating func advance(_ index: Int) {
        let block = block
        guard coins[index] == nil else {
            coins[index]?.advance(to: block)
            return
        }
        coins[index] = makeMarket(index)
    }

    private func makeMarket(_ index: Int) -> CoinMarket {
        let instrument = listing.instruments[index]
        let age = instrument.firstBlock.map { block - $0 } ?? warmUp
        return CoinMarket(
            instrument, seed: seed, block: block, blockMilliseconds: rates.block, warmUp: min(warmUp, age))
    }

    /// The present market of a coin.
    subscript(index: Int) -> CoinMarket {
        mutating get {
            advance(index)
            return coins[index] ?? makeMarket(index)
        }
    }

    /// The time of a coin's next event, in milliseconds since 1970; `nil` for a delisted or unused coin.
    func nextTime(of index: Int) -> Int64? { coins[index]?.nextTime }

    // MARK: Listings

    /// Lists a coin, which is traded from the present block on.
    /// - Returns: The indices of the coins that are traded from now on.
    mutating func list(_ name: String) -> [Int] {
        let block = block
        let listed = listing.list(name, block: block)
        while coins.count < listing.instruments.count { coins.append(nil) }
        for index in listed { coins[index]?.list(at: block) }
        touched += listed
        return listed
    }

    /// Delists a coin.
    /// - Returns: The indices of the coins that are no longer traded.
    mutating func delist(_ name: String) -> [Int] {
        let block = block
        let delisted = listing.delist(name)
        for index in delisted {
            coins[index]?.advance(to: block)
            coins[index]?.delist()
        }
        touched += delisted
        return delisted
    }

    // MARK: Trades of accounts

    /// Returns the coins in which accounts have traded, or that were listed or delisted, since the last call.
    mutating func takeTouchedCoins() -> [Int] {
        guard !touched.isEmpty else { return [] }
        defer { touched = [] }
        return touched
    }

    /// Matches an account's order with the book of a coin.
    mutating func take(
        _ size: Int64, of index: Int, isBuy: Bool, taker: Address, hash: TransactionHash? = nil
    ) -> [TradeRecord] {
        advance(index)
        touched.append(index)
        return coins[index]?.take(size, isBuy: isBuy, at: now, taker: taker, hash: hash) ?? []
    }

    /// Makes a participant take an account's order at the best price of a coin.
    mutating func hit(_ size: Int64, of index: Int, makerBuys: Bool, maker: Address) -> TradeRecord? {
        advance(index)
        touched.append(index)
        return coins[index]?.hit(size, makerBuys: makerBuys, at: now, maker: maker)
    }

    mutating func nextOrderID() -> Int64 {
        lastOrder += 1
        return lastOrder
    }

    mutating func nextTwapID() -> Int64 {
        lastTwap += 1
        return lastTwap
    }
}
