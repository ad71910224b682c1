internal import HyperliquidWire

/// The market of one coin: a book, which is moved by trades, and the tape, candles and volumes of these trades.
///
/// The market advances in blocks, and only when it is used. Its events come from a seeded generator of its own, so they
/// do not depend on when or how often it is used.
struct CoinMarket: Sendable {
    private(set) var instrument: Instrument
    private let blockMilliseconds: Int64
    private var generator: SplitMix64
    private(set) var book = MatchingBook()
    /// The price towards which the book moves, in ticks.
    private var fair: Int64
    /// The block of the next event; `Int64.max` for a delisted coin.
    private var nextBlock: Int64
    private(set) var tape = TradeTape()
    private(set) var candles = CoinCandles()
    /// The volume of the day, in size units.
    private var baseVolume: Int64
    /// The volume of the day, in products of ticks and size units.
    private var notionalVolume: Int64
    /// The open interest, in size units.
    private var openInterest: Int64
    /// The number of events so far.
    private(set) var version = 0
    /// The number of changes of the best bid or offer so far.
    private(set) var bestVersion = 0

    /// - Parameters:
    ///   - block: The present block.
    ///   - warmUp: The number of blocks before the present in which the market has already been active.
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

    /// The time of the next event, in milliseconds since 1970; `nil` for a delisted coin.
    var nextTime: Int64? { nextBlock == .max ? nil : nextBlock * blockMilliseconds }

    /// Performs all events up to a block.
    mutating func advance(to block: Int64) {
        guard nextBlock <= block else { return }
        tape.trim()
        while nextBlock <= block {
            let best = (book.bids.first, book.asks.first)
            performEvent(at: nextBlock * blockMilliseconds)
            noteChange(from: best)
            nextBlock += 1 + generator.below(2 * instrument.meanGap - 1)
        }
    }

    /// Lets a delisted coin be traded again.
    mutating func list(at block: Int64) {
        let best = (book.bids.first, book.asks.first)
        instrument.isDelisted = false
        nextBlock = block + 1 + generator.below(2 * max(instrument.meanGap, 1))
        refill()
        noteChange(from: best)
    }

    /// Ends the trade: the book is empty from now on.
    mutating func delist() {
        let best = (book.bids.first, book.asks.first)
        instrument.isDelisted = true
        nextBlock = .max
        book = MatchingBook()
        noteChange(from: best)
    }

    private mutating func noteChange(from best: (MatchingBook.Row?, MatchingBook.Row?)) {
        version += 1
        if best.0 != book.bids.first || best.1 != book.asks.first { bestVersion += 1 }
    }

    /// The mark price: the mid price in whole ticks, or the last fair price if the book is empty.
    var markPrice: Int64 { book.doubleMid.map { $0 / 2 } ?? fair }

    // MARK: Trades

    /// Matches a taker with the book, and records the trades.
    ///
    /// - Parameters:
    ///   - taker: The account that takes; a made-up participant by default.
    ///   - hash: The transaction of the trades; a made-up one by default.
    @discardableResult
    mutating func take(
        _ size: Int64, isBuy: Bool, at time: Int64, taker: Address? = nil, hash: TransactionHash? = nil
    ) -> [TradeRecord] {
        guard !instrument.isDelisted else { return [] }
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

    /// Records a trade in which a participant takes an order of `maker` at the best price of its side. `nil` if that
    /// side is empty.
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

    /// A trade id of 50 bits, as at the venue.
    private mutating func tradeID() -> Int64 { Int64(generator.next() >> 14) }

    // MARK: Events

    /// Performs one event: the price moves, and a participant trades, quotes or cancels.
    private mutating func performEvent(at time: Int64) {
        wander()
        let isBelowFair = (book.doubleMid ?? 0) < 2 * fair
        switch generator.below(100) {
        case 0..<45:
            take(generator.within(1...3 * instrument.lot), isBuy: isBelowFair == generator.chance(75), at: time)
        case 45..<65: quote(isBid: isBelowFair)
        case 65..<80: book.cancelBest(isBid: !isBelowFair)
        default:
            book.resize(
                at: Int(generator.below(6)), isBid: generator.chance(50), to: levelSize(), orderCount: orderCount())
        }
        closeSpread()
        refill()
    }

    /// Moves the fair price: a bounded random walk that is drawn back to the base price.
    private mutating func wander() {
        let base = instrument.basePrice
        let step = max(2, base / 8000)
        let pull = (base - fair) / 1024
        fair = min(max(fair + generator.within(-step...step) + pull, base * 3 / 4), base * 27 / 20)
    }

    /// Adds a level at the best price, or at a better one if the spread allows it.
    private mutating func quote(isBid: Bool) {
        guard let bid = book.bids.first, let ask = book.asks.first else { return }
        let gap = ask.price - bid.price - 1
        let step = gap > 0 ? generator.within(0...min(gap, 3)) : 0
        book.add(levelSize(), at: isBid ? bid.price + step : ask.price - step, isBid: isBid)
    }

    /// Narrows a wide spread, on the side towards the fair price.
    private mutating func closeSpread() {
        let widest = max(2, instrument.basePrice / 6000)
        for _ in 0..<6 {
            guard let bid = book.bids.first, let ask = book.asks.first else { return }
            let spread = ask.price - bid.price
            guard spread > widest else { return }
            let step = generator.within(1...max(1, spread / 2))
            let isBid = bid.price + ask.price < 2 * fair
            book.add(levelSize(), at: isBid ? bid.price + step : ask.price - step, isBid: isBid)
        }
    }

    /// Adds levels behind the last ones until both sides have their full depth.
    private mutating func refill() {
        if book.bids.isEmpty { book.add(levelSize(), at: fair - 1, isBid: true) }
        if book.asks.isEmpty { book.add(levelSize(), at: max(fair, (book.bids.first?.price ?? 0) + 1), isBid: false) }
        while book.bids.count < MatchingBook.depth, let last = book.bids.last, last.price > 4 {
            book.add(levelSize(), at: last.price - generator.within(1...3), isBid: true)
        }
        while book.asks.count < MatchingBook.depth, let last = book.asks.last {
            book.add(levelSize(), at: last.price + generator.within(1...3), isBid: false)
        }
    }

    private mutating func levelSize() -> Int64 { generator.within(1...6 * instrument.lot) }
    private mutating func orderCount() -> Int64 { generator.within(1...30) }

    // MARK: Events of feeds

    private var isSpotLike: Bool { !instrument.isPerp }

    /// The mid price; `nil` if a side of the book is empty.
    var midPrice: ExactDecimal? {
        book.doubleMid.map { .venue($0 * 5, scale: instrument.priceScale + 1) }
    }

    func event(_ trade: TradeRecord) -> Trade {
        Trade(
            coin: instrument.coin, side: trade.isBuy ? .buy : .sell, price: instrument.price(trade.price),
            size: instrument.size(trade.size), timeMilliseconds: trade.time, hash: trade.hash, tradeID: trade.tradeID,
            buyer: trade.buyer, seller: trade.seller)
    }

    func best(at time: Int64) -> BestBidOffer {
        let view = BookView(self, digits: nil, mantissa: nil, count: 1)
        return BestBidOffer(coin: instrument.coin, timeMilliseconds: time, bid: view.bids.first, ask: view.asks.first)
    }

    /// The book as a subscription shows it.
    ///
    /// - Parameter hints: Whether the message says which variant of the book it shows (docs/protocol.md, "R23a").
    func shownBook(digits: Int?, mantissa: Int?, isFast: Bool, hints: Bool, at time: Int64) -> L2Book {
        let view = BookView(self, digits: digits, mantissa: mantissa, count: isFast ? 5 : 20)
        return L2Book(
            coin: instrument.coin, timeMilliseconds: time, bids: view.bids, asks: view.asks,
            spread: digits == nil || !hints ? nil : view.width, isFast: isFast && hints)
    }

    func event(_ candle: CoinCandles.Candle, interval: Int) -> Candle {
        Candle(
            openTimeMilliseconds: candle.start, closeTimeMilliseconds: candle.end - 1, coin: instrument.coin,
            interval: CandleInterval(rawValue: CandleClock.intervals[interval].name),
            open: instrument.price(candle.open), close: instrument.price(candle.close),
            high: instrument.price(candle.high), low: instrument.price(candle.low),
            volume: instrument.size(candle.volume), tradeCount: candle.count)
    }

    /// The price of the day before, in ticks. It never changes.
    private var previousDayPrice: Int64 {
        let draw = Int64(SplitMix64.hash(instrument.coin.name) % 81) - 40
        return instrument.basePrice + instrument.basePrice * draw / 1000
    }

    /// The premium of the mark price over the oracle price, in units of 10^-10.
    private var premium: Int64 {
        let difference = Int128(markPrice - fair) * 10_000_000_000 / Int128(fair)
        return Int64(difference)
    }

    /// The hourly funding rate, in units of 10^-10: a base rate and an eighth of the premium, bounded.
    var fundingRate: Int64 { min(max(125_000 + premium / 8, -4_000_000), 4_000_000) }

    var perpContext: PerpContext {
        var impact: PerpContext.ImpactPrices?
        if let bid = book.bids.first, let ask = book.asks.first {
            impact = PerpContext.ImpactPrices(bid: instrument.price(bid.price), ask: instrument.price(ask.price))
        }
        return PerpContext(
            funding: .venue(instrument.isDelisted ? 0 : fundingRate, scale: 10),
            openInterest: instrument.size(instrument.isDelisted ? 0 : openInterest),
            prevDayPrice: instrument.price(previousDayPrice),
            dayNotionalVolume: instrument.notional(instrument.isDelisted ? 0 : notionalVolume),
            premium: impact == nil ? nil : .venue(premium, scale: 10), oraclePrice: instrument.price(fair),
            markPrice: instrument.price(markPrice), midPrice: midPrice, impactPrices: impact,
            dayBaseVolume: instrument.size(instrument.isDelisted ? 0 : baseVolume))
    }

    var spotContext: SpotContext {
        let supply = 600_000_000 + Int64(SplitMix64.hash(instrument.coin.name) % 400_000_000)
        return SpotContext(
            prevDayPrice: instrument.price(previousDayPrice), dayNotionalVolume: instrument.notional(notionalVolume),
            markPrice: instrument.price(markPrice), midPrice: midPrice,
            circulatingSupply: .venue(supply * 10 - 5, scale: 1), coin: instrument.coin,
            totalSupply: .venue(supply, scale: 0), dayBaseVolume: instrument.size(baseVolume))
    }

    var activeContext: ActiveAssetContext {
        ActiveAssetContext(
            coin: instrument.coin, context: isSpotLike ? .spot(spotContext) : .perp(perpContext))
    }
}

/// One trade, in ticks and size units.
struct TradeRecord: Hashable, Sendable {
    let price: Int64
    let size: Int64
    let time: Int64
    /// Whether the taker bought.
    let isBuy: Bool
    let tradeID: Int64
    let hash: TransactionHash
    let buyer: Address
    let seller: Address
}

/// The latest trades of a coin, and the number of all.
struct TradeTape: Hashable, Sendable {
    private var records: [TradeRecord] = []
    /// The number of trades ever made.
    private(set) var total = 0

    /// The trades that a new subscription is sent: about thirty (docs/protocol.md, "trades").
    private static let replayCount = 30
    /// The number of trades that are kept at least. Older ones have been sent to every stream.
    private static let keptCount = 64

    mutating func append(_ record: TradeRecord) {
        records.append(record)
        total += 1
        // While the market catches up with many blocks, no stream reads the tape. So it is shortened here.
        if records.count > 8192 { records.removeFirst(records.count - Self.keptCount) }
    }

    /// Forgets trades that every stream has been sent by now.
    mutating func trim() {
        if records.count > 4 * Self.keptCount { records.removeFirst(records.count - Self.keptCount) }
    }

    /// The trades after the first `count`, as far as they are kept.
    func since(_ count: Int) -> ArraySlice<TradeRecord> { records.suffix(max(0, total - count)) }

    /// The trades that a new subscription is sent.
    var replay: ArraySlice<TradeRecord> { records.suffix(Self.replayCount) }
}
