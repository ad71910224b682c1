internal import HyperliquidWire

/// The answers of `/info` about the market (docs/protocol.md, "Info requests").
extension InfoRequest {
    /// The answer; `nil` if the type is not one about the market, or its fields are wrong.
    func marketAnswer(from market: inout Market) -> [UInt8]? {
        let listing = market.state.listing
        let dex = listing.dex(named: text("dex"))
        switch type {
        case "meta": return dex.map { dex in Self.json { listing.writeMeta(ofDex: dex, to: &$0) } }
        case "spotMeta": return Self.json(listing.writeSpotMeta)
        case "metaAndAssetCtxs":
            return dex.map { dex in
                let contexts = market.contexts(ofDex: dex).contexts
                return Self.json { writer in
                    writer.beginArray()
                    listing.writeMeta(ofDex: dex, to: &writer)
                    writer.array(contexts)
                    writer.endArray()
                }
            }
        case "spotMetaAndAssetCtxs":
            let contexts = market.spotContexts()
            return Self.json { writer in
                writer.beginArray()
                listing.writeSpotMeta(to: &writer)
                writer.array(contexts)
                writer.endArray()
            }
        case "perpDexs": return Self.json(listing.writePerpDexs)
        case "outcomeMeta": return Self.json(listing.writeOutcomeMeta)
        case "allMids":
            if text("dex") == "ALL_DEXS" { return Self.json(market.mids(.all)) }
            return dex.map { Self.json(market.mids(.one($0))) }
        case "l2Book": return book(from: &market)
        case "recentTrades":
            guard let coin = listing.index(of: text("coin")) else { return Self.null }
            let market = market.state[coin]
            return MessageEnvelope.bare(market.tape.replay.map(market.event))
        case "candleSnapshot": return candles(from: &market)
        case "fundingHistory": return fundingHistory(from: market)
        default: return nil
        }
    }

    private static func json(_ write: (inout JSONWriter) -> Void) -> [UInt8] {
        var writer = JSONWriter()
        write(&writer)
        return writer.bytes
    }

    /// Mid prices without an envelope.
    private static func json(_ mids: AllMids) -> [UInt8] {
        json { writer in
            writer.beginObject()
            for mid in mids { writer.field(mid.coin.name, mid.price) }
            writer.endObject()
        }
    }

    private func book(from market: inout Market) -> [UInt8]? {
        guard let coin = market.state.listing.index(of: text("coin")) else { return Self.null }
        let (digits, mantissa) = (integer("nSigFigs"), integer("mantissa"))
        guard digits.map({ (2...5).contains($0) }) ?? true, mantissa == nil || digits == 5,
            mantissa.map({ [1, 2, 5].contains($0) }) ?? true
        else { return nil }
        return MessageEnvelope.bare(
            market.state[coin].shownBook(
                digits: digits.map { Int($0) }, mantissa: mantissa.map { Int($0) }, isFast: false,
                hints: market.variants.showsBookHints, at: market.state.blockTime))
    }

    // MARK: History

    /// The largest numbers of candles and of funding rates in an answer (docs/protocol.md, "Back-fill").
    private static let (candleLimit, fundingLimit) = (5000, 500)

    private func candles(from market: inout Market) -> [UInt8]? {
        guard let coin = market.state.listing.index(of: text("coin")) else { return Array("[]".utf8) }
        guard let interval = CandleClock.index(of: text("interval")), let start = integer("startTime") else {
            return nil
        }
        let end = integer("endTime") ?? market.state.now
        let market = market.state[coin]
        let kept = market.candles.ended(interval) + [market.candles.current(interval)].compactMap { $0 }
        let before = kept.first.map { Self.pastCandles(market, interval, before: $0, from: start) } ?? []
        let chosen = (before + kept).filter { $0.start <= end && $0.end > start }
        return MessageEnvelope.bare(chosen.suffix(Self.candleLimit).map { market.event($0, interval: interval) })
    }

    /// Made-up candles from before the first one that was recorded: each closes where the next one opens.
    private static func pastCandles(
        _ market: CoinMarket, _ interval: Int, before first: CoinCandles.Candle, from start: Int64
    ) -> [CoinCandles.Candle] {
        var candles: [CoinCandles.Candle] = []
        var next = first
        while next.start > max(start, 0), candles.count < candleLimit {
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

    /// Made-up hourly rates of a perpetual, each a little past its hour as at the venue.
    private func fundingHistory(from market: Market) -> [UInt8]? {
        let listing = market.state.listing
        guard let coin = listing.index(of: text("coin")), listing.instruments[coin].isPerp,
            let start = integer("startTime")
        else { return nil }
        let hour: Int64 = 3_600_000
        let end = min(integer("endTime") ?? market.state.now, market.state.now)
        let first = max(0, (start + hour - 1) / hour)
        guard first <= end / hour else { return Array("[]".utf8) }
        let seed = SplitMix64.hash(listing.instruments[coin].coin.name)
        return Self.json { writer in
            writer.beginArray()
            for index in (first...end / hour).prefix(Self.fundingLimit) {
                var generator = SplitMix64(seed: SplitMix64.mix(seed, UInt64(index)))
                writer.beginObject()
                writer.field("coin", listing.instruments[coin].coin)
                writer.field("fundingRate", ExactDecimal.venue(generator.within(-50_000...200_000), scale: 10))
                writer.field("premium", ExactDecimal.venue(generator.within(-9_000_000...9_000_000), scale: 10))
                writer.field("time", index * hour + generator.below(60))
                writer.endObject()
            }
            writer.endArray()
        }
    }
}

/// The tables of instruments that `/info` shows.
extension Listing {
    /// Writes the universe of a dex: the coins in the order of their contexts.
    fileprivate func writeMeta(ofDex dex: Int, to writer: inout JSONWriter) {
        let instruments = dexes[dex].coins.map { self.instruments[$0] }
        writer.beginObject()
        writer.key("universe")
        writer.beginArray()
        for instrument in instruments {
            writer.beginObject()
            writer.field("szDecimals", instrument.sizeScale)
            writer.field("name", instrument.coin)
            writer.field("maxLeverage", instrument.maximumLeverage)
            writer.field("marginTableId", instrument.maximumLeverage)
            if dex > 0 { writer.field("onlyIsolated", true) }
            if instrument.isDelisted { writer.field("isDelisted", true) }
            writer.endObject()
        }
        writer.endArray()
        writer.key("marginTables")
        writer.beginArray()
        for leverage in Set(instruments.map(\.maximumLeverage)).sorted() {
            Self.writeMarginTable(leverage, to: &writer)
        }
        writer.endArray()
        writer.field("collateralToken", 0)
        writer.endObject()
    }

    /// Writes a margin table of one tier, whose id is its leverage.
    private static func writeMarginTable(_ leverage: Int, to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(leverage)
        writer.beginObject()
        writer.field("description", "")
        writer.key("marginTiers")
        writer.beginArray()
        writer.beginObject()
        writer.field("lowerBound", ExactDecimal.venue(0, scale: 1))
        writer.field("maxLeverage", leverage)
        writer.endObject()
        writer.endArray()
        writer.endObject()
        writer.endArray()
    }

    fileprivate func writePerpDexs(to writer: inout JSONWriter) {
        writer.beginArray()
        writer.null()
        for dex in dexes.dropFirst() {
            writer.beginObject()
            writer.field("name", dex.name)
            writer.field("fullName", dex.name.uppercased())
            writer.field("deployer", Address(participant: SplitMix64.hash(dex.name)))
            writer.field(orNull: "oracleUpdater", nil as Address?)
            writer.field(orNull: "feeRecipient", nil as Address?)
            writer.field("assetToStreamingOiCap", array: [] as [String])
            writer.field("assetToFundingMultiplier", array: [] as [String])
            writer.endObject()
        }
        writer.endArray()
    }

    // MARK: Spot

    fileprivate func writeSpotMeta(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("universe")
        writer.beginArray()
        for instrument in spot.map({ instruments[$0] }) {
            guard case .spot(let pair, let token) = instrument.kind else { continue }
            writer.beginObject()
            writer.field("tokens", array: [token, 0])
            writer.field("name", instrument.coin)
            writer.field("index", pair)
            writer.field("isCanonical", pair == 0)
            writer.endObject()
        }
        writer.endArray()
        writer.key("tokens")
        writer.beginArray()
        for token in 0..<tokenCount { writeToken(token, to: &writer) }
        writer.endArray()
        writer.endObject()
    }

    private func writeToken(_ token: Int, to writer: inout JSONWriter) {
        let digits = String(SplitMix64.mix(UInt64(token), 7), radix: 16)
        writer.beginObject()
        writer.field("name", tokenName(token))
        writer.field("szDecimals", token == 0 ? 8 : 2)
        writer.field("weiDecimals", 8)
        writer.field("index", token)
        writer.field("tokenId", "0x" + String(repeating: "0", count: 32 - digits.count) + digits)
        writer.field("isCanonical", token < 2)
        writer.field(orNull: "evmContract", nil as String?)
        writer.field(orNull: "fullName", nil as String?)
        writer.endObject()
    }

    // MARK: Outcomes

    fileprivate func writeOutcomeMeta(to writer: inout JSONWriter) {
        var numbers: [Int] = []
        for instrument in outcomes.map({ instruments[$0] }) {
            if case .outcome(let outcome) = instrument.kind, numbers.last != outcome { numbers.append(outcome) }
        }
        writer.beginObject()
        writer.key("outcomes")
        writer.array(numbers.map(OutcomeCreation.recurring))
        writer.endObject()
    }
}

extension OutcomeCreation {
    /// The description of a listed outcome.
    static func recurring(_ outcome: Int) -> OutcomeCreation {
        OutcomeCreation(
            outcome: Int64(outcome), name: "Recurring",
            description: "class:priceBinary|underlying:BTC|targetPrice:64000|period:1d",
            sideSpecs: [.init(name: "Yes", token: nil), .init(name: "No", token: nil)], quoteToken: "USDC")
    }
}
