import HyperliquidSimulator
import HyperliquidWire
import Testing

/// What holds of every market at every moment.
@Suite("Books and trades") struct BookTests {
    private static let coins = ["BTC", "kPEPE", "xyz:SP500", "PURR/USDC", "#14720", "@107"]

    /// A venue with everything about a few coins subscribed on one connection.
    private static func venue(seed: UInt64, types: [String], _ coins: [String] = coins) -> Venue {
        var venue = Venue(seed: seed)
        venue.open()
        for coin in coins {
            for type in types { venue.subscribe(#""coin":"\#(coin)",\#(type)"#) }
        }
        return venue
    }

    @Test("the best bid is below the best ask, always", arguments: 1...6)
    func neverCrossed(seed: UInt64) throws {
        var venue = Self.venue(seed: seed, types: [#""type":"bbo""#, #""type":"l2Book","fast":true"#])
        venue.run(.seconds(600))
        var counts: [String: Int] = [:]
        for message in venue.received() where message.channel != "subscriptionResponse" {
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
        // 1200 fast books of each coin alone.
        #expect(Self.coins.allSatisfy { (counts[$0] ?? 0) > 1200 }, "seed \(seed)")
    }

    @Test("trades move the book: each is made at a price that was quoted, and the best prices follow", arguments: 1...3)
    func tradesMoveTheBook(seed: UInt64) {
        var venue = Self.venue(seed: seed, types: [#""type":"trades""#, #""type":"bbo""#], ["ETH"])
        venue.run(.seconds(300))
        var best: [ExactDecimal] = []
        var moved = 0
        for message in venue.received() {
            if message.channel == "bbo" {
                best = message.data["bbo"].array.compactMap { $0["px"].decimal }
            } else if message.channel == "trades", best.count == 2 {
                // Blocks between two messages may have moved the price a little: stay within a thousandth.
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

    @Test("candles add up from the trades", arguments: ["1m", "3m"], [1, 2, 3])
    func candles(_ interval: String, _ seed: UInt64) throws {
        var venue = Self.venue(
            seed: seed, types: [#""type":"trades""#, #""type":"candle","interval":"\#(interval)""#], ["SOL"])
        let opened = venue.milliseconds
        venue.run(.seconds(900))
        let messages = venue.received()
        var last: [Int64: JSON] = [:]
        for candle in messages.filter({ $0.channel == "candle" }).map(\.data) {
            last[candle["t"].integer ?? 0] = candle
        }
        let whole = last.keys.filter { $0 > opened }.sorted().dropLast()
        #expect(whole.count >= (interval == "1m" ? 12 : 3), "seed \(seed)")
        for start in whole {
            let candle = try #require(last[start])
            let end = try #require(candle["T"].integer)
            // The tape is ordered by time; of one moment, by the order in which the trades came.
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
        var venue = Venue { $0.startMilliseconds = now }
        venue.open()
        venue.subscribe(#""type":"candle","coin":"BTC","interval":"1M""#)
        venue.run(.seconds(5))
        let candle = venue.received("candle").first?.data
        #expect(candle?["t"].integer == start)
        #expect(candle?["T"].integer == end)
    }

    @Test func `what a coin does depends on the seed and the time, not on who looks`() {
        func trades(seed: UInt64, isBusy: Bool) -> String {
            var venue = Self.venue(seed: seed, types: [#""type":"trades""#], ["BTC"])
            if isBusy {
                for type in ["allMids", "allDexsAssetCtxs", "fastAssetCtxs"] { venue.subscribe(#""type":"\#(type)""#) }
                for _ in 1...120 { venue.run(.milliseconds(500)) }
            } else {
                venue.run(.seconds(60))
            }
            return venue.received("trades").map(\.text).joined()
        }
        #expect(trades(seed: 4, isBusy: false) == trades(seed: 4, isBusy: true))
        #expect(trades(seed: 4, isBusy: false) != trades(seed: 5, isBusy: false))
    }
}
