internal import HyperliquidWire

/// The trading floor: every coin's market, each lived through as far as somebody has looked.
struct Floor: Sendable {
    let listing: Listing
    let rates: MarketRates
    let seed: UInt64
    /// The venue's clock, in milliseconds since 1970.
    var now: Int64
    private let warmUp: Int64
    private var coins: [CoinMarket?]
    /// Coins in which accounts have traded outside the coins' own events, since this was emptied.
    var touched: [Int] = []
    private var lastOrder: Int64 = 310_000_000_000
    private var lastTwap: Int64 = 1_770_000

    init(seed: UInt64, now: Int64, rates: MarketRates, size: MarketSize) {
        self.seed = seed
        self.now = now
        self.rates = rates
        listing = Listing.of(size)
        coins = Array(repeating: nil, count: listing.instruments.count)
        // So long a coin has lived before the start: long enough for about thirty trades of a lively one.
        warmUp = size == .full ? 400 : 150
    }

    /// The block that holds the present.
    var block: Int64 { now / rates.block }
    /// When the last block was made.
    var blockTime: Int64 { block * rates.block }

    /// Brings a coin's market to the present.
    mutating func advance(_ index: Int) {
        let block = block
        guard coins[index] == nil else {
            coins[index]?.advance(to: block)
            return
        }
        coins[index] = CoinMarket(
            listing.instruments[index], seed: seed, block: block, blockMilliseconds: rates.block, warmUp: warmUp)
    }

    /// A coin's market at present.
    subscript(index: Int) -> CoinMarket {
        mutating get {
            advance(index)
            return coins[index]
                ?? CoinMarket(
                    listing.instruments[index], seed: seed, block: block, blockMilliseconds: rates.block, warmUp: warmUp
                )
        }
    }

    /// When a coin moves next, once it has been looked at.
    func nextTime(of index: Int) -> Int64? { coins[index]?.nextTime }

    // MARK: Accounts' trades

    mutating func take(
        _ size: Int64, of index: Int, isBuy: Bool, taker: Address, hash: TransactionHash? = nil
    ) -> [TradeRecord] {
        advance(index)
        touched.append(index)
        return coins[index]?.take(size, isBuy: isBuy, at: now, taker: taker, hash: hash) ?? []
    }

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
