internal import HyperliquidWire

/// What lies behind: candles and funding, made up for the time before the exchange began.
extension Market {
    /// What `/info` gives at most of candles and of funding rates (docs/protocol.md, "Back-fill").
    private static let (candleLimit, fundingLimit) = (5000, 500)

    mutating func candles(_ info: InfoRequest) -> [UInt8]? {
        guard let coin = floor.listing.position(of: info.text("coin")) else { return Array("[]".utf8) }
        guard let interval = CandleClock.index(of: info.text("interval")), let start = info.integer("startTime") else {
            return nil
        }
        let end = info.integer("endTime") ?? floor.now
        let market = floor[coin]
        let kept = market.candles.ended(interval) + [market.candles.current(interval)].compactMap { $0 }
        let before = kept.first.map { pastCandles(market, interval, before: $0, from: start) } ?? []
        let chosen = (before + kept).filter { $0.start <= end && $0.end > start }
        return Frame.bare(chosen.suffix(Self.candleLimit).map { market.event($0, interval: interval) })
    }

    /// Candles from before the first one that was lived through: each closes where the next one opens.
    private func pastCandles(
        _ market: CoinMarket, _ interval: Int, before first: CoinCandles.Candle, from start: Int64
    ) -> [CoinCandles.Candle] {
        var candles: [CoinCandles.Candle] = []
        var next = first
        while next.start > max(start, 0), candles.count < Self.candleLimit {
            let (open, end) = CandleClock.bounds(interval, at: next.start - 1)
            var generator = SplitMix64(seed: SplitMix64.mix(SplitMix64.hash(market.instrument.coin.name), UInt64(open)))
            let base = market.instrument.basePrice
            let price = base + generator.within(-base / 100...base / 100)
            let (low, high) = (min(price, next.open), max(price, next.open))
            let candle = CoinCandles.Candle(
                open: price, close: next.open, high: high + generator.below(max(2, base / 2000)),
                low: low - generator.below(max(2, base / 2000)),
                volume: market.instrument.lot * generator.within(10...300), count: Int(generator.within(5...400)),
                start: open, end: end, tradeTotal: 0)
            candles.append(candle)
            next = candle
        }
        return candles.reversed()
    }

    /// Hourly rates of a perpetual, each a little past its hour as at the venue.
    func fundingHistory(_ info: InfoRequest) -> [UInt8]? {
        guard let coin = floor.listing.position(of: info.text("coin")), floor.listing.instruments[coin].isPerp,
            let start = info.integer("startTime")
        else { return nil }
        let hour: Int64 = 3_600_000
        let end = min(info.integer("endTime") ?? floor.now, floor.now)
        let first = max(0, (start + hour - 1) / hour)
        guard first <= end / hour else { return Array("[]".utf8) }
        let seed = SplitMix64.hash(floor.listing.instruments[coin].coin.name)
        return json { writer in
            writer.beginArray()
            for index in (first...end / hour).prefix(Self.fundingLimit) {
                var generator = SplitMix64(seed: SplitMix64.mix(seed, UInt64(index)))
                writer.beginObject()
                writer.field("coin", floor.listing.instruments[coin].coin)
                writer.field("fundingRate", ExactDecimal.venue(generator.within(-50_000...200_000), scale: 10))
                writer.field("premium", ExactDecimal.venue(generator.within(-9_000_000...9_000_000), scale: 10))
                writer.field("time", index * hour + generator.below(60))
                writer.endObject()
            }
            writer.endArray()
        }
    }
}
