internal import HyperliquidEngine
internal import HyperliquidWire

/// Performs an operation `count` times. Returns a sum over all results, so that the compiler cannot leave any out.
typealias Operation = (_ count: Int) -> UInt64

/// Measures one synchronous part of the client: `micro NAME COUNT` performs it COUNT times, and prints the sum and the
/// nanoseconds per operation; `micro` lists the names. The work before the first operation does not depend on COUNT, so
/// the instructions of two runs can be subtracted.
@main struct Micro {
    private static var operations: KeyValuePairs<String, () -> Operation> {
        [
            "read-bbo": { reading(BestBidOfferFeed(coin: "BTC"), Message.bbo()) { weight($0.bid) &+ weight($0.ask) } },
            "read-l2Book": { reading(L2BookFeed(coin: "BTC"), Message.l2Book(), weight) },
            "read-l2Book-any-order": { reading(L2BookFeed(coin: "BTC"), Message.l2Book(space: " "), weight) },
            "read-trades": {
                reading(TradesFeed(coin: "BTC"), Message.trades()) { $0.reduce(0) { $0 &+ weight($1.price) } }
            },
            "read-allMids": { reading(AllMidsFeed(), Message.allMids()) { $0.reduce(0) { $0 &+ weight($1.price) } } },
            "read-candle": {
                reading(CandleFeed(coin: "BTC", interval: .oneMinute), Message.candle()) { weight($0.close) }
            },
            "decimal-from-text": decimalFromText,
            "decimal-to-text": decimalToText,
            "decimal-units": decimalUnits,
            "frame-150": { frame(byteCount: 150) },
            "frame-1600": { frame(byteCount: 1600) },
            "route-535": route,
            "buffer-batch-8": buffer,
            "place-1000": { placing(.packed) },
            "place-1000-isolated": { placing(.isolated(sharedLimit: 200)) },
            "place-1000-full": placingWithoutCapacity,
            "subscribe-release-1000": subscribing,
        ]
    }

    static func main() {
        let words = CommandLine.arguments.dropFirst()
        let wanted = operations.first { $0.key == words.first }
        guard let wanted, words.count == 2, let count = words.last.flatMap({ Int($0) }) else {
            for (name, _) in operations { print(name) }
            return
        }
        let operation = wanted.value()
        let clock = ContinuousClock()
        var sum: UInt64 = 0
        let duration = clock.measure { sum = operation(count) }
        print("sum \(sum) ns \(Int(duration / .nanoseconds(1)) / max(count, 1))")
    }
}

func weight(_ decimal: ExactDecimal) -> UInt64 { UInt64(bitPattern: decimal.units(atScale: 6) ?? 0) }

private func weight(_ level: Level?) -> UInt64 { level.map { weight($0.price) &+ weight($0.size) } ?? 0 }

private func weight(_ book: L2Book) -> UInt64 {
    book.bids.reduce(0) { $0 &+ weight($1) } &+ book.asks.reduce(0) { $0 &+ weight($1) }
}
