import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R19" to "R23a", "R26" and "Market feeds": the messages of market feeds.
@Suite("Market feeds") struct MarketFeedTests {
    @Test func `R19: a trades subscription begins with about thirty earlier trades, unmarked`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"trades","coin":"BTC""#)
        let subscribed = exchange.milliseconds
        exchange.run(.milliseconds(5))
        let replay = exchange.received("trades").first?.data.array ?? []
        #expect(replay.count == 30)
        #expect(replay.allSatisfy { ($0["time"].integer ?? .max) <= subscribed })
        exchange.run(.seconds(3))
        let live = exchange.received("trades").flatMap(\.data.array)
        exchange.unsubscribe(#""type":"trades","coin":"BTC""#)
        exchange.subscribe(#""type":"trades","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        let again = exchange.received("trades").first?.data.array ?? []
        let ids = Set(again.compactMap { $0["tid"].integer })
        #expect(!live.isEmpty)
        #expect(live.suffix(30).allSatisfy { ids.contains($0["tid"].integer ?? 0) })
    }

    @Test func `R19a: a coin without recent trades sends no first message`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"trades","coin":"XAI""#)
        exchange.subscribe(#""type":"trades","coin":"MATIC""#)
        exchange.run(.seconds(1))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse", "subscriptionResponse"])
    }

    @Test(
        "R23: a book has a fixed number of levels and a fixed interval",
        arguments: [(#""fast":false"#, 20, Duration.seconds(5)), (#""fast":true"#, 5, .milliseconds(500))])
    func bookPace(_ variant: String, _ depth: Int, _ pace: Duration) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"l2Book","coin":"ETH",\#(variant)"#)
        exchange.run(.seconds(20))
        let books = exchange.received("l2Book")
        #expect(books.allSatisfy { book in book.data["levels"].array.allSatisfy { $0.array.count == depth } })
        for (earlier, later) in zip(books.dropFirst(), books.dropFirst(2)) {
            #expect(earlier.time.duration(to: later.time) == pace)
        }
    }

    @Test func `bbo sends a message only if the best bid or offer has changed`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"ETH""#)
        exchange.run(.seconds(120))
        let shown = exchange.received("bbo").map { $0.text.split(separator: #""bbo":"#).last }
        #expect(shown.count > 100)
        #expect(zip(shown, shown.dropFirst()).allSatisfy { $0 != $1 })
    }

    @Test func `R23a: books without hints do not show their variant`() {
        var exchange = VirtualExchange { $0.showsBookHints = false }
        exchange.open()
        exchange.subscribe(#""type":"l2Book","coin":"BTC","nSigFigs":3"#)
        exchange.subscribe(#""type":"l2Book","coin":"ETH","fast":true"#)
        exchange.run(.seconds(1))
        #expect(exchange.received("l2Book").allSatisfy { $0.data.keys == ["coin", "time", "levels"] })
    }

    @Test(
        "a grouped book has multiples of its width as prices, and bids below its asks",
        arguments: [
            (#""nSigFigs":2"#, "1000.0"), (#""nSigFigs":3"#, "100.0"), (#""nSigFigs":4"#, "10.0"),
            (#""nSigFigs":5"#, "1.0"), (#""nSigFigs":5,"mantissa":2"#, "2.0"), (#""nSigFigs":5,"mantissa":5"#, "5.0"),
        ])
    func groups(_ variant: String, _ width: String) throws {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"l2Book","coin":"BTC",\#(variant)"#)
        exchange.run(.seconds(11))
        let books = exchange.received("l2Book")
        #expect(books.count == 3)
        for book in books {
            #expect(book.data["spread"].text == width)
            let step = try #require(ExactDecimal(width)?.doubleValue)
            let sides = book.data["levels"].array.map { $0.array.compactMap { $0["px"].decimal } }
            for price in sides.flatMap({ $0 }) {
                #expect(price.doubleValue.truncatingRemainder(dividingBy: step) == 0)
            }
            #expect(sides[0] == sides[0].sorted(by: >))
            #expect(sides[1] == sides[1].sorted())
            #expect(sides[0][0] < sides[1][0])
            #expect(sides.allSatisfy { $0.count == 20 })
        }
    }

    @Test func `mid prices of the main dex include spot pairs and outcomes, those of a builder dex do not`() {
        var exchange = VirtualExchange()
        exchange.open()
        for dex in ["", "xyz", "ALL_DEXS"] { exchange.subscribe(#""type":"allMids","dex":"\#(dex)""#) }
        exchange.run(.milliseconds(5))
        let mids = exchange.received("allMids").map { ($0.data["dex"].text, $0.data["mids"].keys) }
        #expect(mids[0].0 == nil)
        #expect(mids[0].1.isSuperset(of: ["BTC", "kPEPE", "PURR/USDC", "@107", "#14720"]))
        #expect(mids[1].0 == "xyz")
        #expect(mids[1].1.contains("xyz:SP500") && mids[1].1.allSatisfy { $0.hasPrefix("xyz:") })
        #expect(mids[2].0 == "ALL_DEXS")
        #expect(mids[2].1 == mids[0].1.union(mids[1].1))
    }

    @Test func `a delisted coin has an empty book, no best levels and no mid price`() {
        var exchange = VirtualExchange()
        exchange.open()
        for type in ["bbo", "l2Book", "activeAssetCtx"] { exchange.subscribe(#""type":"\#(type)","coin":"MATIC""#) }
        exchange.run(.milliseconds(5))
        let messages = exchange.received().filter { $0.channel != "subscriptionResponse" }
        #expect(messages[0].data["bbo"].array.map(\.isNull) == [true, true])
        #expect(messages[1].data["levels"].array.map(\.array.count) == [0, 0])
        for key in ["midPx", "premium", "impactPxs"] { #expect(messages[2].data["ctx"][key].isNull) }
    }

    @Test(
        "R29a: outcome updates have the configured form",
        arguments: [true, false])
    func outcomes(isWrapped: Bool) throws {
        var exchange = VirtualExchange { $0.wrapsOutcomeUpdates = isWrapped }
        exchange.open()
        exchange.subscribe(#""type":"outcomeMetaUpdates""#)
        exchange.run(.seconds(50))
        let data = exchange.received("outcomeMetaUpdates").map(\.data)
        #expect(data.count >= 4)
        let updates = data.flatMap { isWrapped ? $0["updates"].array : $0.array }
        #expect(
            Set(updates.map(\.keys)) == [
                ["outcomeCreated"], ["outcomeSettled"], ["questionUpdated"], ["questionSettled"],
            ])
        for settled in updates.map({ $0["outcomeSettled"] }) where settled.isPresent {
            #expect((isWrapped ? settled["outcome"] : settled).integer != nil)
        }
    }

    @Test func `R26: a full market has hundreds of coins in its mid prices and contexts`() {
        var exchange = VirtualExchange(size: .full)
        exchange.open()
        for type in ["allMids", "allDexsAssetCtxs", "spotAssetCtxs"] { exchange.subscribe(#""type":"\#(type)""#) }
        exchange.run(.milliseconds(5))
        let messages = exchange.received().filter { $0.channel != "subscriptionResponse" }
        #expect(messages[0].data["mids"].keys.count > 450)
        #expect((messages[1].data["ctxs"][0][1].array.count) > 150)
        #expect(messages[1].bytes.count > 40_000)
        #expect(messages[2].data.array.count > 250)
    }

    @Test func `R26: a more active market sends more messages`() {
        func count(activity: Double) -> Int {
            var exchange = VirtualExchange {
                $0.activity = activity
                $0.messagesPerMinuteLimit = 10_000
            }
            exchange.open()
            for coin in ["BTC", "ETH", "SOL", "HYPE"] {
                for type in ["bbo", "trades", "l2Book"] { exchange.subscribe(#""type":"\#(type)","coin":"\#(coin)""#) }
            }
            exchange.run(.seconds(2))
            return exchange.received().count
        }
        let (slow, fast) = (count(activity: 1), count(activity: 50))
        #expect(fast > 20 * slow)
    }
}
