internal import HyperliquidWire

extension CoinMarket {
    private var isSpotLike: Bool { !instrument.isPerp }

    /// The middle of best bid and offer; nothing without both.
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

    // MARK: Contexts

    /// What it cost yesterday: nothing moves it.
    private var previousDayPrice: Int64 {
        let draw = Int64(SplitMix64.hash(instrument.coin.name) % 81) - 40
        return instrument.basePrice + instrument.basePrice * draw / 1000
    }

    /// The premium of the mark over the oracle, in units of 10^-10.
    private var premium: Int64 {
        let difference = Int128(markPrice - fair) * 10_000_000_000 / Int128(fair)
        return Int64(difference)
    }

    /// The hourly rate, in units of 10^-10: an eighth of the premium towards the usual rate, bounded.
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
