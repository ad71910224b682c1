internal import HyperliquidWire

/// The compressed contexts of `fastAssetCtxs`: the prices of all perpetuals and spot pairs, in full or as changes.
enum CompressedContexts {
    /// The mark price and twice the mid price of every perpetual and spot pair, in turn, in ticks; -1 for a coin
    /// without a mid price.
    static func prices(in state: inout MarketState) -> [Int64] {
        let coinCount = state.listing.outcomes.lowerBound
        var prices: [Int64] = []
        prices.reserveCapacity(2 * coinCount)
        for coin in 0..<coinCount {
            let market = state[coin]
            prices.append(market.markPrice)
            prices.append(market.book.doubleMid ?? -1)
        }
        return prices
    }

    /// A message with the prices that differ from `base`, or with all prices if `base` is `nil`. `nil` if no price
    /// differs.
    static func message(_ prices: [Int64], since base: [Int64]?, _ listing: Listing) -> [UInt8]? {
        var writer = JSONWriter()
        var isEmpty = true
        writer.beginObject()
        for coin in 0..<prices.count / 2 {
            let (mark, mid) = (prices[2 * coin], prices[2 * coin + 1])
            let hasMark = base.map { $0[2 * coin] != mark } ?? true
            let hasMid = base.map { $0[2 * coin + 1] != mid } ?? true
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
