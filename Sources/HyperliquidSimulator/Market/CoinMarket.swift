internal import HyperliquidWire

/// The living market of one coin: a book that trades move, and what adds up from the trades.
///
/// It lives in blocks and only where it is looked at: its events come from its own seeded generator, so it does not
/// matter when or how often it is asked.
struct CoinMarket: Sendable {
    let instrument: Instrument
    private let blockMilliseconds: Int64
    var generator: SplitMix64
    var book = OrderBook()
    /// Where the price wants to be, in ticks.
    var fair: Int64
    /// The block of its next event; far away for a coin that is not traded any more.
    private var nextBlock: Int64
    private(set) var tape = TradeTape()
    private(set) var candles = CoinCandles()
    /// Volumes of the day and open interest, in whole units.
    private(set) var baseVolume: Int64
    private(set) var notionalVolume: Int64
    private(set) var openInterest: Int64
    /// Counts events.
    private(set) var version = 0
    /// Counts changes of the best bid and offer.
    private(set) var bestVersion = 0

    init(_ instrument: Instrument, seed: UInt64, block: Int64, blockMilliseconds: Int64, warmUp: Int64) {
        self.instrument = instrument
        self.blockMilliseconds = blockMilliseconds
        generator = SplitMix64(seed: SplitMix64.mix(seed, SplitMix64.hash(instrument.coin.name)))
        fair = instrument.basePrice
        baseVolume = instrument.lot * 20_000 / max(instrument.meanGap, 1)
        notionalVolume = baseVolume * instrument.basePrice
        openInterest = baseVolume / 2
        nextBlock = .max
        guard !instrument.isDelisted else { return }
        nextBlock = block - warmUp + generator.below(2 * instrument.meanGap)
        refill()
        advance(to: block)
    }

    /// When something happens next, by the venue's clock; nothing when nothing ever does.
    var nextTime: Int64? { nextBlock == .max ? nil : nextBlock * blockMilliseconds }

    /// Lives through all events up to a block.
    mutating func advance(to block: Int64) {
        guard nextBlock <= block else { return }
        tape.trim()
        while nextBlock <= block {
            let best = (book.bids.first, book.asks.first)
            live(at: nextBlock * blockMilliseconds)
            noteChange(from: best)
            nextBlock += 1 + generator.below(2 * instrument.meanGap - 1)
        }
    }

    private mutating func noteChange(from best: (OrderBook.Row?, OrderBook.Row?)) {
        version += 1
        if best.0 != book.bids.first || best.1 != book.asks.first { bestVersion += 1 }
    }

    /// The mark: the middle of the book in whole ticks, the base where there is no book.
    var markPrice: Int64 { book.doubleMid.map { $0 / 2 } ?? instrument.basePrice }

    // MARK: Trades

    /// A taker crosses the spread; an account on either side is named on the trades.
    @discardableResult
    mutating func take(
        _ size: Int64, isBuy: Bool, at time: Int64, taker: Address? = nil, hash: TransactionHash? = nil
    ) -> [TradeRecord] {
        let best = (book.bids.first, book.asks.first)
        let hash = hash ?? TransactionHash(transaction: generator.next())
        let taker = taker ?? participant()
        let records = book.take(size, isBuy: isBuy).map { match in
            let maker = participant()
            return TradeRecord(
                price: match.price, size: match.size, time: time, isBuy: isBuy, tradeID: tradeID(), hash: hash,
                buyer: isBuy ? taker : maker, seller: isBuy ? maker : taker)
        }
        for trade in records { record(trade) }
        refill()
        noteChange(from: best)
        return records
    }

    /// Somebody takes the resting order of `maker` at the best price of its side.
    mutating func hit(_ size: Int64, makerBuys: Bool, at time: Int64, maker: Address) -> TradeRecord? {
        guard let best = makerBuys ? book.bids.first : book.asks.first else { return nil }
        let taker = participant()
        let trade = TradeRecord(
            price: best.price, size: size, time: time, isBuy: !makerBuys, tradeID: tradeID(),
            hash: TransactionHash(transaction: generator.next()), buyer: makerBuys ? maker : taker,
            seller: makerBuys ? taker : maker)
        record(trade)
        version += 1
        return trade
    }

    private mutating func record(_ trade: TradeRecord) {
        tape.append(trade)
        candles.record(price: trade.price, size: trade.size, time: trade.time, tradeTotal: tape.total)
        baseVolume += trade.size
        notionalVolume += trade.price * trade.size
        openInterest = max(instrument.lot, openInterest + (generator.chance(50) ? trade.size : -trade.size))
    }

    private mutating func participant() -> Address { Address(participant: UInt64(generator.below(64))) }

    /// The venue's ids have 50 bits.
    private mutating func tradeID() -> Int64 { Int64(generator.next() >> 14) }
}
