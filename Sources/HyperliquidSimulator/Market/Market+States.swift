internal import HyperliquidWire

extension Market {
    /// The whole state that a full-state feed shows.
    mutating func state(_ topic: Topic) -> [UInt8]? {
        switch topic {
        case .allMids(let scope): allMids(scope)
        case .l2Book(let coin, let digits, let mantissa, let isFast):
            Frame.message(
                "l2Book",
                floor[coin].shownBook(
                    digits: digits, mantissa: mantissa, isFast: isFast, hints: habits.showsBookHints,
                    at: floor.blockTime))
        case .contexts(let dex): Frame.message("assetCtxs", contexts(ofDex: dex))
        case .spotContexts: Frame.message("spotAssetCtxs", spotContexts())
        case .allDexsContexts:
            Frame.message(
                "allDexsAssetCtxs", AllDexsContexts(dexes: floor.listing.dexes.indices.map { contexts(ofDex: $0) }))
        case .bbo, .trades, .candle, .activeContext, .fastContexts, .outcomeUpdates, .user, .explorerBlocks,
            .explorerTransactions:
            nil
        }
    }

    // MARK: Mids

    /// The main dex' mids carry those of spot pairs and outcomes; coins without a book have none.
    mutating func mids(_ scope: Topic.DexScope) -> AllMids {
        let listing = floor.listing
        let (coins, dex): ([Int], String) =
            switch scope {
            case .one(let dex): (listing.coins(withDex: dex), listing.dexes[dex].name)
            case .all: (listing.dexes.indices.flatMap { listing.coins(withDex: $0) }, "ALL_DEXS")
            }
        var mids: [(Coin, ExactDecimal)] = []
        for coin in coins {
            let market = floor[coin]
            // A delisted coin keeps its last price here.
            mids.append((market.instrument.coin, market.midPrice ?? market.instrument.price(market.markPrice)))
        }
        return AllMids(mids, dex: dex)
    }

    private mutating func allMids(_ scope: Topic.DexScope) -> [UInt8] { Frame.message("allMids", mids(scope)) }

    // MARK: Contexts

    mutating func contexts(ofDex dex: Int) -> DexContexts {
        let listed = floor.listing.dexes[dex]
        return DexContexts(dex: listed.name, contexts: listed.coins.map { floor[$0].perpContext })
    }

    mutating func spotContexts() -> [SpotContext] {
        (Array(floor.listing.spot) + Array(floor.listing.outcomes)).map { floor[$0].spotContext }
    }

    mutating func activeContext(_ coin: Int) -> [UInt8] {
        let market = floor[coin]
        return Frame.message(
            market.instrument.isPerp ? "activeAssetCtx" : "activeSpotAssetCtx", market.activeContext)
    }

    // MARK: Compressed contexts

    /// Mark and doubled mid of every perpetual and spot pair; -1 where there is no mid.
    mutating func fastPrices() -> [Int64] {
        var prices: [Int64] = []
        prices.reserveCapacity(2 * floor.listing.outcomes.lowerBound)
        for coin in 0..<floor.listing.outcomes.lowerBound {
            let market = floor[coin]
            prices.append(market.markPrice)
            prices.append(market.book.doubleMid ?? -1)
        }
        return prices
    }

    /// The full state, all coins with both keys.
    mutating func fastContexts(_ cursor: StreamCursor?) -> [UInt8] {
        fastMessage(fastPrices(), since: nil) ?? []
    }

    /// What has changed since the cursor's prices; nothing when nothing has.
    mutating func fastContexts(_ cursor: inout StreamCursor) -> [UInt8]? {
        let prices = fastPrices()
        defer { cursor.prices = prices }
        return fastMessage(prices, since: cursor.prices)
    }

    private func fastMessage(_ prices: [Int64], since base: [Int64]?) -> [UInt8]? {
        var writer = JSONWriter()
        var isEmpty = true
        writer.beginObject()
        for coin in 0..<prices.count / 2 {
            let (mark, mid) = (prices[2 * coin], prices[2 * coin + 1])
            let hasMark = base.map { $0[2 * coin] != mark } ?? true
            let hasMid = base.map { $0[2 * coin + 1] != mid } ?? true
            guard hasMark || hasMid else { continue }
            isEmpty = false
            let instrument = floor.listing.instruments[coin]
            writer.key(instrument.coin.name)
            writer.beginObject()
            if hasMark { writer.field("markPx", instrument.price(mark)) }
            if hasMid {
                writer.field(
                    orNull: "midPx", mid < 0 ? nil : ExactDecimal.venue(mid * 5, scale: instrument.priceScale + 1))
            }
            writer.endObject()
        }
        writer.endObject()
        guard !isEmpty else { return nil }
        let text = Base64.encode(StoredDeflate.wrap(writer.bytes))
        return Frame.message("fastAssetCtxs", String(decoding: text, as: UTF8.self))
    }
}
