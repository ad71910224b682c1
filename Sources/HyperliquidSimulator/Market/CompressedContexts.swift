internal import HyperliquidWire

/// The compressed contexts of `fastAssetCtxs`: the prices of all perpetuals and spot pairs, in full or as changes.
enum CompressedContexts {
    /// The mark price and twice the mid price of every perpetual and spot pair, in turn, in ticks; -1 for a coin
    /// without a mid price.
    static func prices(in state: inout MarketState) -> [Int64] {
        var prices: [Int64] = []
        prices.reserveCapacity(2 * state.listing.instruments.count)
        for coin in coins(in: state.listing) {
            let market = state[coin]
            prices.append(market.markPrice)
            prices.append(market.book.doubleMid ?? -1)
        }
        return prices
    }

    /// The coins in the order of their prices. A coin that is listed later comes last.
    private static func coins(in listing: Listing) -> [Int] {
        listing.instruments.indices.filter { if case .outcome = listing.instruments[$0].kind { false } else { true } }
    }

    /// A message with the prices that differ from `base`, or with all prices if `base` is `nil`. `nil` if no price
    /// differs.
    static func message(_ prices: [Int64], since base: [Int64]?, _ listing: Listing) -> [UInt8]? {
        var writer = JSONWriter()
        var isEmpty = true
        writer.beginObject()
        for (position, coin) in coins(in: listing).enumerated() where listing.isListed(coin) {
            let (mark, mid) = (prices[2 * position], prices[2 * position + 1])
            let known = base.flatMap { 2 * position < $0.count ? ($0[2 * position], $0[2 * position + 1]) : nil }
            let (hasMark, hasMid) = (known?.0 != mark, known?.1 != mid)
            guard hasMark || hasMid else { continue }
            isEmpty = false
            let instrument = listing.instruments[coin]
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
        return MessageEnvelope.message("fastAssetCtxs", String(decoding: text, as: UTF8.self))
    }
}

/// Raw DEFLATE (RFC 1951) without compression: blocks that store their bytes as they are.
private enum StoredDeflate {
    /// A stored block holds at most 65,535 bytes.
    private static let blockSize = 65_535

    static func wrap(_ bytes: [UInt8]) -> [UInt8] {
        var wrapped: [UInt8] = []
        wrapped.reserveCapacity(bytes.count + bytes.count / blockSize * 5 + 5)
        var start = 0
        repeat {
            let end = min(start + blockSize, bytes.count)
            let length = UInt16(end - start)
            wrapped.append(end == bytes.count ? 1 : 0)
            for value in [length, ~length] {
                wrapped.append(UInt8(truncatingIfNeeded: value))
                wrapped.append(UInt8(truncatingIfNeeded: value >> 8))
            }
            wrapped.append(contentsOf: bytes[start..<end])
            start = end
        } while start < bytes.count
        return wrapped
    }
}
