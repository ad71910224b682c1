import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R6" to "R12".
@Suite("Subscriptions") struct SubscriptionRuleTests {
    @Test(
        "R6, R9: the echo has its own order of keys, options filled in, the user in lower case",
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
        var venue = Venue()
        venue.open()
        venue.subscribe(request)
        venue.run(.milliseconds(5))
        let first = venue.received().first?.text
        #expect(
            first == #"{"channel":"subscriptionResponse","data":{"method":"subscribe","subscription":\#(echo)}}"#)
        venue.unsubscribe(request)
        venue.run(.milliseconds(5))
        let last = venue.received().last?.text
        #expect(
            last == #"{"channel":"subscriptionResponse","data":{"method":"unsubscribe","subscription":\#(echo)}}"#)
    }

    @Test func `R7: a duplicate is refused on its connection and starts nothing, another connection is independent`() {
        var venue = Venue()
        venue.open(1)
        venue.open(2)
        venue.subscribe(#""type":"l2Book","coin":"BTC""#, on: 1)
        venue.run(.milliseconds(5))
        _ = venue.received(on: 1)
        venue.subscribe(#""coin":"BTC","type":"l2Book","nSigFigs":null,"fast":false"#, on: 1)
        venue.subscribe(#""type":"l2Book","coin":"BTC""#, on: 2)
        venue.run(.milliseconds(5))
        let echo = #"{\"type\":\"l2Book\",\"coin\":\"BTC\",\"nSigFigs\":null,\"mantissa\":null,\"fast\":false}"#
        #expect(
            venue.received(on: 1).map(\.text) == [#"{"channel":"error","data":"Already subscribed: \#(echo)"}"#])
        #expect(venue.received(on: 2).map(\.channel) == ["subscriptionResponse", "l2Book"])
    }

    @Test func `R8: nothing comes after the acknowledgement of an unsubscribe`() {
        var venue = Venue()
        venue.open()
        venue.subscribe(#""type":"bbo","coin":"BTC""#)
        venue.run(.seconds(5))
        _ = venue.received()
        venue.unsubscribe(#""type":"bbo","coin":"BTC""#)
        venue.run(.seconds(20))
        #expect(venue.received().map(\.channel) == ["subscriptionResponse"])
    }

    @Test(arguments: [(Duration.seconds(20), 3), (.zero, 0)])
    func `R8: as many late messages come as were configured, for so long`(_ span: Duration, _ count: Int) {
        var venue = Venue {
            $0.lateMessageCount = 3
            $0.lateMessageSpan = span
        }
        venue.open()
        venue.subscribe(#""type":"bbo","coin":"BTC""#)
        venue.run(.seconds(5))
        _ = venue.received()
        venue.unsubscribe(#""type":"bbo","coin":"BTC""#)
        venue.run(.seconds(20))
        #expect(venue.received().map(\.channel) == ["subscriptionResponse"] + Array(repeating: "bbo", count: count))
    }

    @Test(
        "R8: what is not subscribed, or with other options, is not unsubscribed, and the stream goes on",
        arguments: [#""type":"l2Book","coin":"BTC""#, #""type":"l2Book","coin":"ETH","fast":true"#])
    func otherOptions(_ request: String) {
        var venue = Venue()
        venue.open()
        venue.subscribe(#""type":"l2Book","coin":"BTC","fast":true"#)
        venue.run(.seconds(2))
        _ = venue.received()
        venue.unsubscribe(request)
        venue.run(.seconds(2))
        let messages = venue.received()
        #expect(messages.compactMap(\.data.text).first?.hasPrefix(#"Already unsubscribed: {"type":"l2Book""#) == true)
        #expect(messages.count { $0.channel == "l2Book" } == 4)
    }

    @Test(
        "R10: a poisonous subscription says nothing and kills its connection 90 to 155 ms later",
        arguments: [
            #""type":"trades","coin":"NOPE""#, #""type":"bbo","coin":"btc""#, #""type":"l2Book","coin":"Btc""#,
            #""type":"candle","coin":"NOPE","interval":"1m""#, #""type":"activeAssetCtx","coin":"@99999""#,
            #""type":"l2Book","coin":"BTC","nSigFigs":6"#, #""type":"l2Book","coin":"BTC","nSigFigs":1"#,
            #""type":"l2Book","coin":"BTC","mantissa":2"#, #""type":"l2Book","coin":"BTC","nSigFigs":4,"mantissa":2"#,
            #""type":"l2Book","coin":"BTC","nSigFigs":5,"mantissa":3"#,
            #""type":"activeAssetData","coin":"NOPE","user":"\#(alice)""#,
        ])
    func poison(_ request: String) throws {
        var venue = Venue()
        venue.open(1)
        venue.open(2)
        venue.subscribe(request)
        venue.run(.seconds(1))
        #expect(venue.received().isEmpty)
        #expect(venue.ends == [1: .dropped])
        let after = Instant.start.duration(to: try #require(venue.endTimes[1]))
        #expect((.milliseconds(90) ... .milliseconds(155)).contains(after))
    }

    @Test(
        "R11: what cannot be read is quoted, and the connection lives on",
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
        var venue = Venue()
        venue.open()
        venue.send(text)
        venue.run(.seconds(1))
        let messages = venue.received()
        #expect(messages.map(\.channel) == ["error"])
        #expect(messages.first?.data.text == "Error parsing JSON into valid websocket request: \(text)")
        venue.send(#"{"method":"ping"}"#)
        #expect(venue.received().map(\.channel) == ["pong"])
    }

    @Test(
        "parameters that are known but not accepted are named",
        arguments: [
            #""type":"candle","coin":"BTC","interval":"7m""#, #""type":"assetCtxs","dex":"nope""#,
            #""type":"activeAssetData","coin":"@107","user":"\#(alice)""#,
        ])
    func invalid(_ request: String) {
        var venue = Venue()
        venue.open()
        venue.subscribe(request)
        venue.run(.seconds(1))
        #expect(venue.received().first?.data.text?.hasPrefix("Invalid subscription {") == true)
        #expect(venue.ends.isEmpty)
    }

    @Test(
        "R12: the dead type is refused, in either way",
        arguments: [
            (ExchangeConfiguration.DeadTypeAnswer.invalidSubscription, "Invalid subscription {\"type\":\"webData2\""),
            (.unreadableRequest, "Error parsing JSON into valid websocket request: {\"method\":"),
        ])
    func deadType(_ answer: ExchangeConfiguration.DeadTypeAnswer, _ text: String) {
        var venue = Venue { $0.deadTypeAnswer = answer }
        venue.open()
        venue.subscribe(#""type":"webData2","user":"\#(alice)""#)
        venue.run(.seconds(1))
        #expect(venue.received().first?.data.text?.hasPrefix(text) == true)
    }
}
