import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R27" to "R30" and "Info requests".
@Suite("Posts, requests and the explorer") struct PostRuleTests {
    private static func post(_ id: Int, _ payload: String, type: String = "info") -> String {
        #"{"method":"post","id":\#(id),"request":{"type":"\#(type)","payload":\#(payload)}}"#
    }

    @Test func `R27: every post gets an answer with its id, not always in order`() {
        var exchange = VirtualExchange()
        exchange.open()
        for id in 1...40 {
            exchange.send(Self.post(id, #"{"type":"l2Book","coin":"ETH","nSigFigs":5,"mantissa":null}"#))
        }
        exchange.run(.seconds(1))
        let responses = exchange.received("post")
        let ids = responses.compactMap { $0.data["id"].integer }
        #expect(ids.sorted() == Array(1...40))
        #expect(ids != ids.sorted())
        #expect(responses[0].data["response"]["type"].text == "info")
        #expect(responses[0].data["response"]["payload"]["type"].text == "l2Book")
        #expect(responses[0].data["response"]["payload"]["data"].keys == ["coin", "time", "levels", "spread"])
    }

    @Test func `R27: a post about an unknown coin gets null, one of an unknown type an error`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.send(Self.post(7, #"{"type":"l2Book","coin":"NOPE"}"#))
        exchange.run(.seconds(1))
        exchange.send(Self.post(8, #"{"type":"noSuchType"}"#))
        exchange.run(.seconds(1))
        let responses = exchange.received("post")
        #expect(responses[0].data["response"]["payload"]["data"].isNull)
        #expect(responses[1].data["response"]["type"].text == "error")
        #expect(responses[1].data["response"]["payload"].text?.hasPrefix("422") == true)
    }

    @Test func `R27: an action is refused with the venue's text for an unknown signer`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.send(
            Self.post(
                9, #"{"action":{"type":"noop"},"nonce":1,"signature":{"r":"0x1","s":"0x2","v":27}}"#, type: "action"))
        exchange.run(.seconds(1))
        let payload = exchange.received("post").first?.data["response"]["payload"]
        #expect(payload?["status"].text == "err")
        #expect(payload?["response"].text?.hasPrefix("User or API Wallet 0x") == true)
    }

    @Test func `R27: a post beyond the limit in flight is refused with its id`() {
        var exchange = VirtualExchange { $0.postLimit = 10 }
        exchange.open(1)
        exchange.open(2)
        for id in 1...10 { exchange.send(Self.post(id, #"{"type":"allMids"}"#), on: UInt64(1 + id % 2)) }
        exchange.send(Self.post(11, #"{"type":"allMids"}"#), on: 2)
        exchange.run(.milliseconds(10))
        #expect(exchange.received(on: 2).map(\.data.text) == ["too many pending post requests id=11"])
        exchange.run(.seconds(1))
        exchange.send(Self.post(12, #"{"type":"allMids"}"#), on: 2)
        exchange.run(.seconds(1))
        #expect(exchange.received("post", on: 2).count == 6)
    }

    @Test func `R28: a post in flight at the end of its connection gets no answer`() {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.send(Self.post(1, #"{"type":"allMids"}"#))
        exchange.fault(.kill(.all))
        exchange.open(2)
        exchange.run(.seconds(5))
        #expect(exchange.received(on: 1).isEmpty)
        #expect(exchange.received(on: 2).isEmpty)
    }

    // MARK: The explorer

    @Test(
        "R29: the explorer sends bare arrays, and acknowledges if configured",
        arguments: [true, false], ["explorerBlock", "explorerTxs"])
    func explorer(acknowledges: Bool, _ type: String) {
        var exchange = VirtualExchange { $0.acknowledgesExplorer = acknowledges }
        exchange.open(1, .explorer)
        exchange.subscribe(#""type":"\#(type)""#)
        exchange.run(.seconds(5))
        let messages = exchange.received()
        #expect(messages.count { $0.channel == "subscriptionResponse" } == (acknowledges ? 1 : 0))
        let arrays = messages.filter(\.isArray)
        #expect(arrays.count > 5)
        let keys: Set<String> =
            type == "explorerBlock"
            ? ["blockTime", "hash", "height", "numTxs", "proposer"]
            : ["action", "block", "error", "hash", "time", "user"]
        #expect(arrays.flatMap(\.json.array).allSatisfy { $0.keys == keys })
    }

    @Test func `the explorer sends consecutive blocks`() {
        var exchange = VirtualExchange()
        exchange.open(1, .explorer)
        exchange.subscribe(#""type":"explorerBlock""#)
        exchange.run(.seconds(10))
        let heights = exchange.received().filter(\.isArray).flatMap(\.json.array).compactMap { $0["height"].integer }
        #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 + 1 == $1 })
    }

    // MARK: Schema drift

    @Test func `R30: unknown keys, words and channels appear only with schema drift`() {
        func texts(_ share: Double) -> String {
            var exchange = VirtualExchange { $0.schemaDrift = share }
            exchange.open()
            for type in ["userHistoricalOrders", "userFills", "orderUpdates"] {
                exchange.subscribe(#""type":"\#(type)","user":"\#(alice)""#)
            }
            exchange.subscribe(#""type":"bbo","coin":"BTC""#)
            exchange.run(.seconds(120))
            return exchange.received().map(\.text).joined(separator: "\n")
        }
        let (plain, drifted) = (texts(0), texts(0.5))
        for word in ["futureKey", #""data":{"futureField""#, "futureChannel", "Iceberg"] {
            #expect(!plain.contains(word))
            #expect(drifted.contains(word))
        }
    }

    @Test func `R30: a message with an addition is still JSON`() {
        var exchange = VirtualExchange { $0.schemaDrift = 1 }
        exchange.open(1)
        exchange.open(2, .explorer)
        exchange.subscribe(#""type":"trades","coin":"BTC""#, on: 1)
        exchange.subscribe(#""type":"explorerTxs""#, on: 2)
        exchange.run(.seconds(20))
        #expect(exchange.received(on: 1).allSatisfy { $0.json.isPresent })
        #expect(exchange.received(on: 2).allSatisfy { $0.json.isPresent })
    }
}
