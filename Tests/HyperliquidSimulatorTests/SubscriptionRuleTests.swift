import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R6" to "R12".
@Suite("Subscriptions") struct SubscriptionRuleTests {
    @Test(
        "R6, R9: the echo has the venue's order of keys, all options, and the user in lower case",
        arguments: [
            (#""coin":"ETH","type":"trades","more":1"#, #"{"type":"trades","coin":"ETH"}"#),
            (
                #""type":"l2Book","coin":"ETH""#,
                #"{"type":"l2Book","coin":"ETH","nSigFigs":null,"mantissa":null,"fast":false}"#
            ),
            (
                #""mantissa":2,"nSigFigs":5,"type":"l2Book","coin":"BTC","fast":true"#,
                #"{"type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":2,"fast":true}"#
            ),
            (#""type":"candle","coin":"ETH","interval":"1m""#, #"{"type":"candle","interval":"1m","coin":"ETH"}"#),
            (#""type":"allMids""#, #"{"type":"allMids"}"#),
            (#""type":"assetCtxs""#, #"{"type":"assetCtxs","dex":""}"#),
            (
                #""type":"userFills","user":"0xABCDEF1111111111111111111111111111111111""#,
                #"{"type":"userFills","user":"0xabcdef1111111111111111111111111111111111","aggregateByTime":false}"#
            ),
            (
                #""type":"spotState","user":"\#(alice)","ignorePortfolioMargin":true"#,
                #"{"type":"spotState","user":"\#(alice)","ignorePortfolioMargin":true}"#
            ),
            (
                #""type":"openOrders","user":"\#(alice)","dex":"xyz""#,
                #"{"type":"openOrders","user":"\#(alice)","dex":"xyz"}"#
            ),
            (#""type":"userEvents","user":"\#(alice)""#, #"{"type":"userEvents","user":"\#(alice)"}"#),
        ])
    func echo(_ request: String, _ echo: String) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(request)
        exchange.run(.milliseconds(5))
        let first = exchange.received().first?.text
        #expect(
            first == #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":\#(echo)}}"#)
        exchange.unsubscribe(request)
        exchange.run(.milliseconds(5))
        let last = exchange.received().last?.text
        #expect(
            last == #"{"channel":"subscriptionResponse","data":{"method":"unsubscribe","subscription":\#(echo)}}"#)
    }

    static let odd: [(fields: String, isSubscription: Bool)] = [
        (#""id":"unsubscribe:trades:BTC","method":"subscribe","subscription":{"type":"bbo","coin":"BTC"}"#, true),
        (#""subscription":{"type":"bbo","coin":"BTC"},"id":null,"request":7,"method":"subscribe""#, true),
        (
            #""method":"subscribe","id":{"a":[1.5e3]},"request":"x","x":1,"subscription":{"type":"bbo","coin":"BTC"}"#,
            true
        ),
        (#""subscription":[],"method":"ping","id":"1","request":false"#, false),
    ]

    @Test(arguments: odd)
    func `R11: keys that a method does not need are ignored, whatever their type`(
        fields: String, isSubscription: Bool
    ) {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.send("{\(fields)}")
        exchange.run(.milliseconds(10))
        let channels = exchange.received().map(\.channel)
        #expect(channels.first == (isSubscription ? "subscriptionResponse" : "pong"))
        #expect(!channels.contains("error"))
    }

    @Test func `R7: a duplicate is refused on its connection only`() {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(#""type":"l2Book","coin":"BTC""#, on: 1)
        exchange.run(.milliseconds(5))
        _ = exchange.received(on: 1)
        exchange.subscribe(#""coin":"BTC","type":"l2Book","nSigFigs":null,"fast":false"#, on: 1)
        exchange.subscribe(#""type":"l2Book","coin":"BTC""#, on: 2)
        exchange.run(.milliseconds(5))
        let echo = #"{\"type\":\"l2Book\",\"coin\":\"BTC\",\"nSigFigs\":null,\"mantissa\":null,\"fast\":false}"#
        #expect(
            exchange.received(on: 1).map(\.text) == [#"{"channel":"error","data":"Already subscribed: \#(echo)"}"#])
        #expect(exchange.received(on: 2).map(\.channel) == ["subscriptionResponse", "l2Book"])
    }

    @Test func `R8: no message follows the acknowledgement of an unsubscribe`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(5))
        _ = exchange.received()
        exchange.unsubscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(20))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse"])
    }

    @Test(arguments: [(Duration.seconds(20), 3), (.zero, 0)])
    func `R8: the configured number of late messages arrives within the configured time`(_ span: Duration, _ count: Int)
    {
        var exchange = VirtualExchange {
            $0.lateMessageCount = 3
            $0.lateMessageSpan = span
        }
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(5))
        _ = exchange.received()
        exchange.unsubscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(20))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse"] + Array(repeating: "bbo", count: count))
    }

    @Test(
        "R8: an unsubscribe with other options is refused, and the stream continues",
        arguments: [#""type":"l2Book","coin":"BTC""#, #""type":"l2Book","coin":"ETH","fast":true"#])
    func otherOptions(_ request: String) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"l2Book","coin":"BTC","fast":true"#)
        exchange.run(.seconds(2))
        _ = exchange.received()
        exchange.unsubscribe(request)
        exchange.run(.seconds(2))
        let messages = exchange.received()
        #expect(messages.compactMap(\.data.text).first?.hasPrefix(#"Already unsubscribed: {"type":"l2Book""#) == true)
        #expect(messages.count { $0.channel == "l2Book" } == 4)
    }

    @Test(
        "R10: a poisonous subscription kills its connection 90 to 155 ms later, without a message",
        arguments: [
            #""type":"trades","coin":"NOPE""#, #""type":"bbo","coin":"btc""#, #""type":"l2Book","coin":"Btc""#,
            #""type":"candle","coin":"NOPE","interval":"1m""#, #""type":"activeAssetCtx","coin":"@99999""#,
            #""type":"l2Book","coin":"BTC","nSigFigs":6"#, #""type":"l2Book","coin":"BTC","nSigFigs":1"#,
            #""type":"l2Book","coin":"BTC","mantissa":2"#, #""type":"l2Book","coin":"BTC","nSigFigs":4,"mantissa":2"#,
            #""type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":3"#,
            #""type":"activeAssetData","coin":"NOPE","user":"\#(alice)""#,
        ])
    func poison(_ request: String) throws {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(request)
        exchange.run(.seconds(1))
        #expect(exchange.received().isEmpty)
        #expect(exchange.ends == [1: .dropped])
        let after = Instant.start.duration(to: try #require(exchange.endTimes[1]))
        #expect((.milliseconds(90) ... .milliseconds(155)).contains(after))
    }

    @Test(
        "R11: an unreadable message is quoted in an error, and the connection stays open",
        arguments: [
            "hello", "{", "[]", #"{"method":"dance"}"#, #"{"method":"subscribe"}"#,
            #"{"method":"subscribe","subscription":{}}"#,
            #"{"method": "subscribe", "subscription": {"type": "noSuchType", "coin": "BTC"}}"#,
            #"{"method":"subscribe","subscription":{"type":"trades"}}"#,
            #"{"method":"subscribe","subscription":{"type":"trades","coin":7}}"#,
            #"{"method":"subscribe","subscription":{"type":"candle","coin":"BTC"}}"#,
            #"{"method":"subscribe","subscription":{"type":"l2Book","coin":"BTC","fast":"yes"}}"#,
            #"{"method":"subscribe","subscription":{"type":"userFills"}}"#,
            #"{"method":"subscribe","subscription":{"type":"userFills","user":"0x12"}}"#,
            #"{"method":"subscribe","subscription":{"type":"explorerBlock"}}"#,
            #"{"method":"post","id":-1,"request":{"type":"info","payload":{"type":"allMids"}}}"#,
            #"{"method":"post","request":{"type":"info","payload":{"type":"allMids"}}}"#,
        ])
    func unreadable(_ text: String) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.send(text)
        exchange.run(.seconds(1))
        let messages = exchange.received()
        #expect(messages.map(\.channel) == ["error"])
        #expect(messages.first?.data.text == "Error parsing JSON into valid websocket request: \(text)")
        exchange.send(#"{"method":"ping"}"#)
        #expect(exchange.received().map(\.channel) == ["pong"])
    }

    @Test(
        "a subscription with an invalid parameter is refused with its echo",
        arguments: [
            #""type":"candle","coin":"BTC","interval":"7m""#, #""type":"assetCtxs","dex":"nope""#,
            #""type":"activeAssetData","coin":"@107","user":"\#(alice)""#,
        ])
    func invalid(_ request: String) {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(request)
        exchange.run(.seconds(1))
        #expect(exchange.received().first?.data.text?.hasPrefix("Invalid subscription {") == true)
        #expect(exchange.ends.isEmpty)
    }

    @Test(
        "R12: the dead type gets the configured error",
        arguments: [
            (ExchangeConfiguration.DeadTypeAnswer.invalidSubscription, "Invalid subscription {\"type\":\"webData2\""),
            (.unreadableRequest, "Error parsing JSON into valid websocket request: {\"method\":"),
        ])
    func deadType(_ answer: ExchangeConfiguration.DeadTypeAnswer, _ text: String) {
        var exchange = VirtualExchange { $0.deadTypeAnswer = answer }
        exchange.open()
        exchange.subscribe(#""type":"webData2","user":"\#(alice)""#)
        exchange.run(.seconds(1))
        #expect(exchange.received().first?.data.text?.hasPrefix(text) == true)
    }
}
