import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R27" to "R30" and "Info requests".
@Suite("Posts, requests and the explorer") struct PostRuleTests {
    private static func post(_ id: Int, _ payload: String, type: String = "info") -> String {
        #"{"method":"post","id":\#(id),"request":{"type":"\#(type)","payload":\#(payload)}}"#
    }

    @Test func `R27: posts are answered by their ids, not always in order`() {
        var venue = Venue()
        venue.open()
        for id in 1...40 { venue.send(Self.post(id, #"{"type":"l2Book","coin":"ETH","nSigFigs":5,"mantissa":null}"#)) }
        venue.run(.seconds(1))
        let answers = venue.received("post")
        let ids = answers.compactMap { $0.data["id"].integer }
        #expect(ids.sorted() == Array(1...40))
        #expect(ids != ids.sorted())
        #expect(answers[0].data["response"]["type"].text == "info")
        #expect(answers[0].data["response"]["payload"]["type"].text == "l2Book")
        #expect(answers[0].data["response"]["payload"]["data"].keys == ["coin", "time", "levels", "spread"])
    }

    @Test func `R27: an unknown coin is answered with null, an unknown type with an error`() {
        var venue = Venue()
        venue.open()
        venue.send(Self.post(7, #"{"type":"l2Book","coin":"NOPE"}"#))
        venue.run(.seconds(1))
        venue.send(Self.post(8, #"{"type":"noSuchType"}"#))
        venue.run(.seconds(1))
        let answers = venue.received("post")
        #expect(answers[0].data["response"]["payload"]["data"].isNull)
        #expect(answers[1].data["response"]["type"].text == "error")
        #expect(answers[1].data["response"]["payload"].text?.hasPrefix("422") == true)
    }

    @Test func `R27: an action of a signer whom nobody knows is refused in the venue's words`() {
        var venue = Venue()
        venue.open()
        venue.send(
            Self.post(
                9, #"{"action":{"type":"noop"},"nonce":1,"signature":{"r":"0x1","s":"0x2","v":27}}"#, type: "action"))
        venue.run(.seconds(1))
        let payload = venue.received("post").first?.data["response"]["payload"]
        #expect(payload?["status"].text == "err")
        #expect(payload?["response"].text?.hasPrefix("User or API Wallet 0x") == true)
    }

    @Test func `R27: one post too many in flight is refused by its id`() {
        var venue = Venue { $0.postLimit = 10 }
        venue.open(1)
        venue.open(2)
        for id in 1...10 { venue.send(Self.post(id, #"{"type":"allMids"}"#), on: UInt64(1 + id % 2)) }
        venue.send(Self.post(11, #"{"type":"allMids"}"#), on: 2)
        venue.run(.milliseconds(10))
        #expect(venue.received(on: 2).map(\.data.text) == ["too many pending post requests id=11"])
        venue.run(.seconds(1))
        venue.send(Self.post(12, #"{"type":"allMids"}"#), on: 2)
        venue.run(.seconds(1))
        #expect(venue.received("post", on: 2).count == 6)
    }

    @Test func `R28: a post in flight when the socket dies is never answered`() {
        var venue = Venue()
        venue.open(1)
        venue.send(Self.post(1, #"{"type":"allMids"}"#))
        venue.fault(.kill(.all))
        venue.open(2)
        venue.run(.seconds(5))
        #expect(venue.received(on: 1).isEmpty)
        #expect(venue.received(on: 2).isEmpty)
    }

    // MARK: The explorer

    @Test(
        "R29: the explorer sends bare arrays, and acknowledges where it is set to",
        arguments: [true, false], ["explorerBlock", "explorerTxs"])
    func explorer(acknowledges: Bool, _ type: String) {
        var venue = Venue { $0.acknowledgesExplorer = acknowledges }
        venue.open(1, .explorer)
        venue.subscribe(#""type":"\#(type)""#)
        venue.run(.seconds(5))
        let messages = venue.received()
        #expect(messages.count { $0.channel == "subscriptionResponse" } == (acknowledges ? 1 : 0))
        let arrays = messages.filter(\.isArray)
        #expect(arrays.count > 5)
        let keys: Set<String> =
            type == "explorerBlock"
            ? ["blockTime", "hash", "height", "numTxs", "proposer"]
            : ["action", "block", "error", "hash", "time", "user"]
        #expect(arrays.flatMap(\.json.array).allSatisfy { $0.keys == keys })
    }

    @Test func `blocks of the explorer follow one another without a hole`() {
        var venue = Venue()
        venue.open(1, .explorer)
        venue.subscribe(#""type":"explorerBlock""#)
        venue.run(.seconds(10))
        let heights = venue.received().filter(\.isArray).flatMap(\.json.array).compactMap { $0["height"].integer }
        #expect(zip(heights, heights.dropFirst()).allSatisfy { $0 + 1 == $1 })
    }

    // MARK: What nobody expects

    @Test func `R30: strange keys, words and channels come where they are asked for, and nowhere else`() {
        func texts(_ share: Double) -> String {
            var venue = Venue { $0.schemaDrift = share }
            venue.open()
            for type in ["userHistoricalOrders", "userFills", "orderUpdates"] {
                venue.subscribe(#""type":"\#(type)","user":"\#(alice)""#)
            }
            venue.subscribe(#""type":"bbo","coin":"BTC""#)
            venue.run(.seconds(120))
            return venue.received().map(\.text).joined(separator: "\n")
        }
        let (plain, strange) = (texts(0), texts(0.5))
        for word in ["futureKey", #""data":{"futureField""#, "futureChannel", "Iceberg"] {
            #expect(!plain.contains(word))
            #expect(strange.contains(word))
        }
    }

    @Test func `R30: a strange message is still JSON`() {
        var venue = Venue { $0.schemaDrift = 1 }
        venue.open(1)
        venue.open(2, .explorer)
        venue.subscribe(#""type":"trades","coin":"BTC""#, on: 1)
        venue.subscribe(#""type":"explorerTxs""#, on: 2)
        venue.run(.seconds(20))
        #expect(venue.received(on: 1).allSatisfy { $0.json.isPresent })
        #expect(venue.received(on: 2).allSatisfy { $0.json.isPresent })
    }
}
