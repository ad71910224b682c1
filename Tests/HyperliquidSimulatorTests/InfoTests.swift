import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "Info requests": requests over REST.
@Suite("Requests") struct InfoTests {
    @Test func `every listed coin can be subscribed to, and every token has its own index`() {
        var exchange = VirtualExchange(size: .full) {
            $0.subscriptionLimit = 2000
            $0.messagesPerMinuteLimit = 10_000
        }
        exchange.open()
        let meta = JSON(exchange.ask(#"{"type":"meta"}"#).body)
        let spot = JSON(exchange.ask(#"{"type":"spotMeta"}"#).body)
        let tokens = spot["tokens"].array.compactMap { $0["index"].integer }
        #expect(tokens == Array(0..<Int64(tokens.count)))
        let names = (meta["universe"].array + spot["universe"].array).compactMap { $0["name"].text }
        #expect(Set(names).count == names.count)
        #expect(names.count > 400)
        for pair in spot["universe"].array {
            #expect(pair["tokens"].array.compactMap(\.integer).allSatisfy { tokens.indices.contains(Int($0)) })
        }
        for name in names { exchange.subscribe(#""type":"bbo","coin":"\#(name)""#) }
        exchange.run(.milliseconds(5))
        #expect(exchange.received("subscriptionResponse").count == names.count)
        #expect(exchange.ends.isEmpty)
    }

    @Test func `every listed dex has a universe`() {
        var exchange = VirtualExchange()
        let dexes = JSON(exchange.ask(#"{"type":"perpDexs"}"#).body)
        #expect(dexes[0].isNull)
        #expect(dexes[1]["name"].text == "xyz")
        let universe = JSON(exchange.ask(#"{"type":"meta","dex":"xyz"}"#).body)["universe"].array
        #expect(universe.first?["name"].text == "xyz:SP500")
    }

    @Test(
        "an unknown or unreadable request gets 422 and the venue's text",
        arguments: [
            "", "x", "[]", "{}", #"{"type":"noSuchType"}"#, #"{"type":"userFills","user":"0x1"}"#,
            #"{"type":"l2Book","coin":"BTC","nSigFigs":9}"#,
        ])
    func unknown(_ body: String) {
        var exchange = VirtualExchange()
        let answer = exchange.ask(body)
        #expect(answer.status == 422)
        #expect(answer.body == "Failed to deserialize the JSON body into the target type")
    }

    @Test(
        "a request of every known type gets JSON",
        arguments: [
            #""type":"meta""#, #""type":"spotMeta""#, #""type":"metaAndAssetCtxs","dex":"xyz""#,
            #""type":"spotMetaAndAssetCtxs""#, #""type":"perpDexs""#, #""type":"outcomeMeta""#, #""type":"allMids""#,
            #""type":"allMids","dex":"ALL_DEXS""#, #""type":"l2Book","coin":"NOPE""#,
            #""type":"recentTrades","coin":"BTC""#,
            #""type":"candleSnapshot","req":{"coin":"BTC","interval":"1m","startTime":0,"endTime":1999999999999}"#,
            #""type":"fundingHistory","coin":"ETH","startTime":0"#, #""type":"userAbstraction""#, #""type":"userRole""#,
            #""type":"userFills","aggregateByTime":true"#,
            #""type":"userFillsByTime","startTime":0"#, #""type":"userFunding","startTime":0"#,
            #""type":"userNonFundingLedgerUpdates","startTime":0"#, #""type":"historicalOrders""#,
            #""type":"userTwapSliceFills""#, #""type":"userTwapSliceFillsByTime","startTime":0"#,
            #""type":"twapHistory""#, #""type":"frontendOpenOrders""#, #""type":"openOrders","dex":"xyz""#,
            #""type":"orderStatus","oid":1"#, #""type":"clearinghouseState""#, #""type":"spotClearinghouseState""#,
            #""type":"activeAssetData","coin":"BTC""#,
        ])
    func known(_ fields: String) {
        var exchange = VirtualExchange()
        let answer = exchange.ask(#"{\#(fields),"user":"\#(alice)"}"#)
        #expect(answer.status == 200)
        #expect(JSON(answer.body).isPresent)
    }

    @Test func `userFillsByTime returns the fills of its interval, oldest first`() throws {
        var exchange = VirtualExchange()
        _ = exchange.ask(#"{"type":"userFills","user":"\#(alice)"}"#)
        exchange.run(.seconds(60))
        let all = JSON(exchange.ask(#"{"type":"userFills","user":"\#(alice)"}"#).body).array
        let times = all.compactMap { $0["time"].integer }
        #expect(times == times.sorted(by: >))
        let (start, end) = (times[times.count / 2], times[2])
        let body = #"{"type":"userFillsByTime","user":"\#(alice)","startTime":\#(start),"endTime":\#(end)}"#
        let page = JSON(exchange.ask(body).body).array.compactMap { $0["time"].integer }
        #expect(page == times.filter { (start...end).contains($0) }.sorted())
    }

    @Test(
        "candleSnapshot returns candles since the start of its interval, without a gap", arguments: ["1m", "1h", "1M"])
    func candles(_ interval: String) throws {
        var exchange = VirtualExchange()
        // A coin's market has no trades from before the last minute before the start.
        let began = exchange.milliseconds - 60_000
        exchange.run(.seconds(130))
        let start = exchange.milliseconds - (interval == "1M" ? 200 * 86_400_000 : 7_200_000)
        let body = #"{"type":"candleSnapshot","req":{"coin":"BTC","interval":"\#(interval)","startTime":\#(start)}}"#
        let candles = JSON(exchange.ask(body).body).array
        #expect(candles.count >= (interval == "1h" ? 3 : 7))
        #expect(try #require(candles.first?["t"].integer) <= start)
        #expect(try #require(candles.last?["T"].integer) >= exchange.milliseconds)
        for (earlier, later) in zip(candles, candles.dropFirst()) {
            #expect(try #require(earlier["T"].integer) + 1 == later["t"].integer)
            // Made-up candles fit the recorded ones.
            if try #require(earlier["T"].integer) < began {
                #expect(earlier["c"].decimal == later["o"].decimal)
            }
        }
        for candle in candles {
            let (open, close) = (try #require(candle["o"].decimal), try #require(candle["c"].decimal))
            #expect(try #require(candle["l"].decimal) <= min(open, close))
            #expect(try #require(candle["h"].decimal) >= max(open, close))
        }
    }
}
