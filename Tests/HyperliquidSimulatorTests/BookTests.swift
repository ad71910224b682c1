import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Invariants of every market.
@Suite("Books and trades") struct BookTests {
    private static let coins = ["BTC", "kPEPE", "xyz:SP500", "PURR/USDC", "#14720", "@107"]

    /// An exchange with one connection that has all given subscriptions of some coins.
    private static func exchange(seed: UInt64, types: [String], _ coins: [String] = coins) -> VirtualExchange {
        var exchange = VirtualExchange(seed: seed)
        exchange.open()
        for coin in coins {
            for type in types { exchange.subscribe(#""coin":"\#(coin)",\#(type)"#) }
        }
        return exchange
    }

    @Test("the best bid is always below the best ask", arguments: 1...6)
    func neverCrossed(seed: UInt64) throws {
        var exchange = Self.exchange(seed: seed, types: [#""type":"bbo""#, #""type":"l2Book","fast":true"#])
        exchange.run(.seconds(600))
        var counts: [String: Int] = [:]
        for message in exchange.received() where message.channel != "subscriptionResponse" {
            let sides: [[JSON]] =
                message.channel == "bbo"
                ? message.data["bbo"].array.map { [$0] } : message.data["levels"].array.map(\.array)
            let prices = sides.map { $0.compactMap { $0["px"].decimal } }
            try #require(prices.count == 2 && prices.allSatisfy { !$0.isEmpty }, "seed \(seed): \(message.text)")
            #expect(zip(prices[0], prices[0].dropFirst()).allSatisfy { $0 > $1 }, "seed \(seed)")
            #expect(zip(prices[1], prices[1].dropFirst()).allSatisfy { $0 < $1 }, "seed \(seed)")
            #expect(prices[0][0] < prices[1][0], "seed \(seed): \(message.text)")
            #expect(sides.flatMap { $0 }.allSatisfy { ($0["sz"].decimal ?? .zero) > .zero })
            counts[message.data["coin"].text ?? "", default: 0] += 1
        }
        // The fast books alone are 1200 per coin.
        #expect(Self.coins.allSatisfy { (counts[$0] ?? 0) > 1200 }, "seed \(seed)")
    }

    @Test("a trade is made near the best prices, which follow it", arguments: 1...3)
    func tradesMoveTheBook(seed: UInt64) {
        var exchange = Self.exchange(seed: seed, types: [#""type":"trades""#, #""type":"bbo""#], ["ETH"])
        exchange.run(.seconds(300))
        var best: [ExactDecimal] = []
        var moved = 0
        for message in exchange.received() {
            if message.channel == "bbo" {
                best = message.data["bbo"].array.compactMap { $0["px"].decimal }
            } else if message.channel == "trades", best.count == 2 {
                // Blocks between two messages may have moved the price a little: allow half a percent.
                for trade in message.data.array.suffix(1) {
                    let price = trade["px"].decimal?.doubleValue ?? 0
                    let middle = (best[0].doubleValue + best[1].doubleValue) / 2
                    #expect(abs(price - middle) < middle / 200, "seed \(seed)")
                    moved += 1
                }
            }
        }
        #expect(moved > 100, "seed \(seed)")
    }

    @Test("a candle is the sum of its trades", arguments: ["1m", "3m"], [1, 2, 3])
    func candles(_ interval: String, _ seed: UInt64) throws {
        var exchange = Self.exchange(
            seed: seed, types: [#""type":"trades""#, #""type":"candle","interval":"\#(interval)""#], ["SOL"])
        let opened = exchange.milliseconds
        exchange.run(.seconds(900))
        let messages = exchange.received()
        var last: [Int64: JSON] = [:]
        for candle in messages.filter({ $0.channel == "candle" }).map(\.data) {
            last[candle["t"].integer ?? 0] = candle
        }
        let whole = last.keys.filter { $0 > opened }.sorted().dropLast()
        #expect(whole.count >= (interval == "1m" ? 12 : 3), "seed \(seed)")
        for start in whole {
            let candle = try #require(last[start])
            let end = try #require(candle["T"].integer)
            // The tape is ordered by time, and trades of the same time by their order of arrival.
            let within = messages.filter { $0.channel == "trades" }.flatMap(\.data.array)
                .filter { (start...end).contains($0["time"].integer ?? 0) }
            let prices = within.compactMap { $0["px"].decimal }
            #expect(candle["o"].decimal == prices.first, "seed \(seed)")
            #expect(candle["c"].decimal == prices.last, "seed \(seed)")
            #expect(candle["h"].decimal == prices.max(), "seed \(seed)")
            #expect(candle["l"].decimal == prices.min(), "seed \(seed)")
            #expect(candle["n"].integer == Int64(prices.count), "seed \(seed)")
            let volume = try within.compactMap { $0["sz"].decimal }.reduce(ExactDecimal.zero) { try $0.adding($1) }
            #expect(candle["v"].decimal == volume, "seed \(seed)")
        }
    }

    @Test(
        "a month's candle spans its month",
        arguments: [
            (1_790_000_000_000, 1_788_220_800_000, 1_790_812_799_999),
            (1_709_200_000_000, 1_706_745_600_000, 1_709_251_199_999),
            (1_798_000_000_000, 1_796_083_200_000, 1_798_761_599_999),
        ])
    func month(_ now: Int64, _ start: Int64, _ end: Int64) {
        var exchange = VirtualExchange { $0.startMilliseconds = now }
        exchange.open()
        exchange.subscribe(#""type":"candle","coin":"BTC","interval":"1M""#)
        exchange.run(.seconds(5))
        let candle = exchange.received("candle").first?.data
        #expect(candle?["t"].integer == start)
        #expect(candle?["T"].integer == end)
    }

    @Test func `a coin's market depends on the seed and the time, not on other subscriptions`() {
        func trades(seed: UInt64, isBusy: Bool) -> String {
            var exchange = Self.exchange(seed: seed, types: [#""type":"trades""#], ["BTC"])
            if isBusy {
                for type in ["allMids", "allDexsAssetCtxs", "fastAssetCtxs"] {
                    exchange.subscribe(#""type":"\#(type)""#)
                }
                for _ in 1...120 { exchange.run(.milliseconds(500)) }
            } else {
                exchange.run(.seconds(60))
            }
            return exchange.received("trades").map(\.text).joined()
        }
        #expect(trades(seed: 4, isBusy: false) == trades(seed: 4, isBusy: true))
        #expect(trades(seed: 4, isBusy: false) != trades(seed: 5, isBusy: false))
    }
}
