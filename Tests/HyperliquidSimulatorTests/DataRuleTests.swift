import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R16" to "R26".
@Suite("Data") struct DataRuleTests {
    /// The subscriptions of the API socket that send a first message, with its channel and the fields of its data.
    static let catalogue: [(request: String, channel: String, keys: Set<String>)] = [
        (#""type":"allMids""#, "allMids", ["mids"]),
        (#""type":"allMids","dex":"xyz""#, "allMids", ["mids", "dex"]),
        (#""type":"l2Book","coin":"BTC""#, "l2Book", ["coin", "time", "levels"]),
        (#""type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":5"#, "l2Book", ["coin", "time", "levels", "spread"]),
        (#""type":"l2Book","coin":"BTC","fast":true"#, "l2Book", ["coin", "time", "levels", "fast"]),
        (#""type":"bbo","coin":"xyz:SP500""#, "bbo", ["coin", "time", "bbo"]),
        (
            #""type":"candle","coin":"BTC","interval":"1M""#, "candle",
            ["t", "T", "s", "i", "o", "c", "h", "l", "v", "n"]
        ),
        (#""type":"activeAssetCtx","coin":"kPEPE""#, "activeAssetCtx", ["coin", "ctx"]),
        (#""type":"activeAssetCtx","coin":"PURR/USDC""#, "activeSpotAssetCtx", ["coin", "ctx"]),
        (#""type":"activeAssetCtx","coin":"@107""#, "activeSpotAssetCtx", ["coin", "ctx"]),
        (##""type":"activeAssetCtx","coin":"#14720""##, "activeSpotAssetCtx", ["coin", "ctx"]),
        (#""type":"assetCtxs""#, "assetCtxs", ["dex", "ctxs"]),
        (#""type":"allDexsAssetCtxs""#, "allDexsAssetCtxs", ["ctxs"]),
        (#""type":"userFills","user":"\#(alice)""#, "userFills", ["user", "fills", "isSnapshot"]),
        (#""type":"userFundings","user":"\#(alice)""#, "userFundings", ["user", "fundings", "isSnapshot"]),
        (
            #""type":"userNonFundingLedgerUpdates","user":"\#(alice)""#, "userNonFundingLedgerUpdates",
            ["user", "nonFundingLedgerUpdates", "isSnapshot"]
        ),
        (
            #""type":"userHistoricalOrders","user":"\#(alice)""#, "userHistoricalOrders",
            ["user", "orderHistory", "isSnapshot"]
        ),
        (
            #""type":"userTwapSliceFills","user":"\#(alice)""#, "userTwapSliceFills",
            ["user", "twapSliceFills", "isSnapshot"]
        ),
        (#""type":"userTwapHistory","user":"\#(alice)""#, "userTwapHistory", ["user", "history", "isSnapshot"]),
        (#""type":"twapStates","user":"\#(alice)""#, "twapStates", ["user", "dex", "states"]),
        (#""type":"openOrders","user":"\#(alice)","dex":"ALL_DEXS""#, "openOrders", ["user", "dex", "orders"]),
        (
            #""type":"clearinghouseState","user":"\#(alice)""#, "clearinghouseState",
            ["user", "dex", "clearinghouseState"]
        ),
        (
            #""type":"allDexsClearinghouseState","user":"\#(alice)""#, "allDexsClearinghouseState",
            ["user", "clearinghouseStates"]
        ),
        (#""type":"spotState","user":"\#(alice)""#, "spotState", ["user", "spotState"]),
        (
            #""type":"activeAssetData","user":"\#(alice)","coin":"ETH""#, "activeAssetData",
            ["user", "coin", "leverage", "maxTradeSzs", "availableToTrade", "markPx"]
        ),
        (#""type":"webData3","user":"\#(alice)""#, "webData3", ["userState", "perpDexStates"]),
    ]

    @Test(
        "R16, R17, R21: a state or snapshot with its channel and fields follows the acknowledgement",
        arguments: catalogue)
    func firstMessage(_ request: String, _ channel: String, _ keys: Set<String>) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(request)
        exchange.run(.milliseconds(5))
        let messages = exchange.received()
        #expect(messages.map(\.channel) == ["subscriptionResponse", channel])
        #expect(messages.last?.data.keys == keys)
    }

    @Test(
        "R20: a feed of events sends no first message",
        arguments: [
            #""type":"orderUpdates","user":"\#(alice)""#, #""type":"userEvents","user":"\#(alice)""#,
            #""type":"notification","user":"\#(alice)""#, #""type":"outcomeMetaUpdates""#,
        ])
    func nothingAtFirst(_ request: String) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(request)
        exchange.run(.milliseconds(5))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse"])
    }

    @Test(
        "R18: only the first message of a subscription is marked as a snapshot",
        arguments: [
            "userFills", "userFundings", "userNonFundingLedgerUpdates", "userHistoricalOrders", "userTwapSliceFills",
            "userTwapHistory",
        ])
    func snapshotMark(_ type: String) {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(#""type":"\#(type)","user":"\#(alice)""#, on: 1)
        exchange.run(.seconds(20))
        exchange.subscribe(#""type":"\#(type)","user":"\#(alice)""#, on: 2)
        exchange.run(.seconds(20))
        for connection in [UInt64(1), 2] {
            let messages = exchange.received(type, on: connection)
            #expect(messages.count > 1)
            #expect(messages.first?.data["isSnapshot"].flag == true)
            #expect(messages.dropFirst().allSatisfy { !$0.data["isSnapshot"].isPresent })
        }
    }

    @Test(
        "each feed of a user sends news within 15 s",
        arguments: [
            "orderUpdates", "userEvents", "notification", "userFills", "userFundings", "userNonFundingLedgerUpdates",
            "userHistoricalOrders", "userTwapSliceFills", "userTwapHistory", "twapStates", "openOrders",
            "clearinghouseState", "allDexsClearinghouseState", "spotState", "webData3",
        ], [1, 2, 3])
    func life(_ type: String, _ seed: UInt64) {
        var exchange = VirtualExchange(seed: seed)
        exchange.open()
        exchange.subscribe(#""type":"\#(type)","user":"\#(alice)""#)
        exchange.run(.milliseconds(5))
        _ = exchange.received()
        exchange.run(.seconds(15))
        #expect(!exchange.received().isEmpty, "seed \(seed)")
    }

    @Test func `R17: messages of orderUpdates, userEvents and notification name no user`() {
        var exchange = VirtualExchange()
        exchange.open()
        for type in ["orderUpdates", "userEvents", "notification"] {
            exchange.subscribe(#""type":"\#(type)","user":"\#(alice)""#)
        }
        exchange.run(.seconds(15))
        let messages = exchange.received()
        for message in messages where ["user", "notification"].contains(message.channel) {
            #expect(!message.data["user"].isPresent)
        }
        for message in messages where message.channel == "orderUpdates" {
            #expect(message.data.array.allSatisfy { $0.keys == ["order", "status", "statusTimestamp"] })
            #expect(message.data.array.allSatisfy { !$0["order"]["user"].isPresent })
        }
    }

    @Test(
        "R24: two variants on one connection send messages that look alike",
        arguments: [
            (#""type":"l2Book","coin":"BTC","nSigFigs":2"#, #""type":"l2Book","coin":"BTC","nSigFigs":5"#, "l2Book"),
            (
                #""type":"userFills","user":"\#(alice)""#,
                #""type":"userFills","user":"\#(alice)","aggregateByTime":true"#, "userFills"
            ),
            (
                #""type":"orderUpdates","user":"\#(alice)""#,
                #""type":"orderUpdates","user":"0x2222222222222222222222222222222222222222""#, "orderUpdates"
            ),
        ])
    func variants(_ first: String, _ second: String, _ channel: String) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(first)
        exchange.run(.seconds(20))
        let one = exchange.received(channel)
        exchange.subscribe(second)
        exchange.run(.seconds(20))
        let both = exchange.received(channel)
        #expect(both.count >= 2 * one.count - 2)
        #expect(Set(both.map(\.data.keys)).union(one.map(\.data.keys)).count <= 2)
    }

    @Test func `R25: events while a client is away appear only in the next snapshot`() {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.subscribe(#""type":"userFills","user":"\#(alice)""#, on: 1)
        exchange.subscribe(#""type":"orderUpdates","user":"\#(alice)""#, on: 1)
        exchange.run(.seconds(5))
        exchange.close(1)
        let left = exchange.milliseconds
        exchange.run(.seconds(30))
        exchange.open(2)
        exchange.subscribe(#""type":"userFills","user":"\#(alice)""#, on: 2)
        exchange.subscribe(#""type":"orderUpdates","user":"\#(alice)""#, on: 2)
        exchange.run(.milliseconds(5))
        let messages = exchange.received(on: 2)
        #expect(messages.filter { $0.channel == "orderUpdates" }.isEmpty)
        let snapshot = messages.first { $0.channel == "userFills" }
        #expect(snapshot?.data["fills"].array.contains { ($0["time"].integer ?? 0) > left } == true)
    }
}
