import HyperliquidSimulator
import HyperliquidWire
import Testing

/// Coins that are listed and delisted while the exchange runs, and the names of spot pairs.
@Suite("Listings") struct ListingTests {
    /// A coin of each kind, with the request that lists it.
    struct Case: CustomTestStringConvertible {
        let coin: Coin
        let request: String
        let key: String
        var testDescription: String { coin.name }
    }

    static let cases = [
        Case(coin: "NEW", request: #"{"type":"meta"}"#, key: "universe"),
        Case(coin: "xyz:NEW", request: #"{"type":"meta","dex":"xyz"}"#, key: "universe"),
        Case(coin: "abc:NEW", request: #"{"type":"meta","dex":"abc"}"#, key: "universe"),
        Case(coin: "@300", request: #"{"type":"spotMeta"}"#, key: "universe"),
    ]

    private static func listed(_ exchange: inout VirtualExchange, _ listing: Case) -> JSON? {
        JSON(exchange.ask(listing.request).body)[listing.key].array.first { $0["name"].text == listing.coin.name }
    }

    @Test(arguments: cases) func `a coin is unknown, then listed, then delisted, then listed again`(_ listing: Case) {
        var exchange = VirtualExchange { $0.activity = 100 }
        exchange.open(1)
        let feed = #""type":"trades","coin":"\#(listing.coin)""#
        exchange.subscribe(feed, on: 1)
        exchange.run(.seconds(1))
        #expect(exchange.ends[1] == .dropped, "an unknown coin")
        #expect(Self.listed(&exchange, listing) == nil)

        exchange.fault(.list(listing.coin))
        exchange.open(2)
        exchange.subscribe(feed, on: 2)
        exchange.run(.seconds(30))
        #expect(Self.listed(&exchange, listing) != nil)
        let before = exchange.received("trades", on: 2).count
        #expect(before > 1 && exchange.ends[2] == nil)

        exchange.fault(.delist(listing.coin))
        exchange.run(.seconds(30))
        #expect(exchange.received("trades", on: 2).count <= 1, "no trades after it was delisted")
        let mark = Self.listed(&exchange, listing)
        #expect(listing.coin.name.hasPrefix("@") ? mark == nil : mark?["isDelisted"].flag == true)

        exchange.fault(.list(listing.coin))
        exchange.run(.seconds(30))
        #expect(exchange.received("trades", on: 2).count > 1, "the subscription goes on")
        #expect(Self.listed(&exchange, listing)?["isDelisted"].isPresent == false)
    }

    @Test func `a new coin has no trades from before it was listed`() throws {
        var exchange = VirtualExchange { $0.activity = 100 }
        exchange.run(.seconds(5))
        let listed = exchange.milliseconds
        exchange.open()
        for number in 0..<9 {
            exchange.fault(.list(Coin("NEW\(number)")))
            exchange.subscribe(#""type":"trades","coin":"NEW\#(number)""#)
        }
        exchange.run(.seconds(5))
        let trades = exchange.received("trades").flatMap(\.data.array)
        #expect(!trades.isEmpty)
        for trade in trades { #expect(try #require(trade["time"].integer) >= listed) }
    }

    @Test func `a delisted perpetual has empty books, and its orders are cancelled`() throws {
        var exchange = VirtualExchange { $0.activity = 100 }
        exchange.open()
        exchange.subscribe(#""type":"l2Book","coin":"BTC""#)
        for coin in ["BTC", "ETH", "SOL", "HYPE"] { exchange.subscribe(#""type":"bbo","coin":"\#(coin)""#) }
        exchange.subscribe(#""type":"orderUpdates","user":"\#(alice)""#)
        exchange.run(.seconds(20))
        for coin in ["BTC", "ETH", "SOL", "HYPE"] { exchange.fault(.delist(Coin(coin))) }
        exchange.run(.seconds(20))
        let messages = exchange.received()
        // The account trades one of these coins most.
        for coin in ["BTC", "ETH", "SOL", "HYPE"] {
            let last = messages.last { $0.channel == "bbo" && $0.data["coin"].text == coin }
            #expect(last?.data["bbo"].array.map(\.isNull) == [true, true])
        }
        #expect(messages.last { $0.channel == "l2Book" }?.data["levels"].array.map(\.array.count) == [0, 0])
        let statuses = messages.filter { $0.channel == "orderUpdates" }.flatMap(\.data.array)
        #expect(statuses.contains { $0["status"].text == "delistedCanceled" })
        let orders = JSON(exchange.ask(#"{"type":"openOrders","user":"\#(alice)"}"#).body).array
        #expect(!orders.contains { ["BTC", "ETH", "SOL", "HYPE"].contains($0["coin"].text) })
    }

    @Test(arguments: [false, true]) func `a subscribe to a delisted perpetual`(killsIt: Bool) {
        var exchange = VirtualExchange { $0.killsDelistedCoins = killsIt }
        exchange.fault(.delist("BTC"))
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(1))
        #expect((exchange.ends[1] == .dropped) == killsIt)
        #expect(exchange.received("bbo").count == (killsIt ? 0 : 1))
    }

    @Test func `a coin that is not mentioned any more brings nothing, and can be unsubscribed from`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"@107""#)
        exchange.subscribe(#""type":"l2Book","coin":"@107""#)
        exchange.run(.seconds(1))
        exchange.fault(.delist("@107"))
        _ = exchange.received()
        exchange.run(.seconds(30))
        #expect(exchange.received().isEmpty, "nothing more comes")
        exchange.unsubscribe(#""type":"bbo","coin":"@107""#)
        exchange.run(.seconds(1))
        #expect(exchange.received("subscriptionResponse").last?.data["method"].text == "unsubscribe")
        exchange.subscribe(#""type":"bbo","coin":"@107""#)
        exchange.run(.seconds(1))
        #expect(exchange.ends[1] == .dropped)
    }

    @Test func `those who follow the outcomes are told of a new and of a settled one`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.subscribe(#""type":"outcomeMetaUpdates""#)
        exchange.run(.milliseconds(10))
        exchange.fault(.list("#20001"))
        exchange.run(.milliseconds(10))
        let outcomes = JSON(exchange.ask(#"{"type":"outcomeMeta"}"#).body)["outcomes"].array
        #expect(outcomes.contains { $0["outcome"].integer == 2000 })
        exchange.fault(.delist("#20000"))
        exchange.run(.milliseconds(10))
        let updates = exchange.received("outcomeMetaUpdates").map { $0.data[0] }
        #expect(updates.count == 2)
        #expect(updates.first?["outcomeCreated"]["outcome"].integer == 2000)
        #expect(updates.last?["outcomeSettled"].integer == 2000)
        #expect(!exchange.ask(#"{"type":"outcomeMeta"}"#).body.contains("2000"))
    }

    @Test func `contexts and prices follow the listings, each at its place`() throws {
        var exchange = VirtualExchange { $0.activity = 100 }
        exchange.open()
        exchange.subscribe(#""type":"assetCtxs""#)
        exchange.subscribe(#""type":"allMids""#)
        exchange.subscribe(#""type":"fastAssetCtxs""#)
        exchange.run(.seconds(10))
        exchange.fault(.list("NEW"))
        exchange.fault(.list("@300"))
        exchange.fault(.delist("@1"))
        exchange.run(.seconds(10))
        let universe = JSON(exchange.ask(#"{"type":"meta"}"#).body)["universe"].array
        #expect(universe.last?["name"].text == "NEW")
        let messages = exchange.received()
        #expect(messages.last { $0.channel == "assetCtxs" }?.data["ctxs"].array.count == universe.count)
        let mids = try #require(messages.last { $0.channel == "allMids" }?.data["mids"].keys)
        #expect(mids.isSuperset(of: ["NEW", "@300", "@107"]) && !mids.contains("@1"))
        #expect(exchange.ends.isEmpty)
    }

    @Test func `the account of a trader has money on a dex that is listed later`() {
        var exchange = VirtualExchange()
        let request = #"{"type":"clearinghouseState","dex":"abc","user":"\#(alice)"}"#
        _ = exchange.ask(#"{"type":"clearinghouseState","user":"\#(alice)"}"#)
        #expect(exchange.ask(request).status == 422)
        exchange.fault(.list("abc:NEW"))
        #expect(exchange.ask(request).status == 200)
    }

    @Test(arguments: ["", "a b", "HYPE/USDC", "#5", "#12x", "#-20", "@x", "@-3", "xyz:", ":NEW", "a:b:c", "+14720"])
    func `a spelling that is none does nothing`(_ name: String) {
        var exchange = VirtualExchange()
        let before = ["meta", "spotMeta", "perpDexs", "outcomeMeta"].map { exchange.ask(#"{"type":"\#($0)"}"#).body }
        exchange.fault(.list(Coin(name)))
        let after = ["meta", "spotMeta", "perpDexs", "outcomeMeta"].map { exchange.ask(#"{"type":"\#($0)"}"#).body }
        // The readable name of a listed pair is a listed coin, which is traded already.
        #expect(before == after)
    }

    // MARK: Two names

    @Test func `both names of a spot pair are one subscription, whose messages have the first name`() {
        var exchange = VirtualExchange { $0.activity = 100 }
        exchange.open()
        exchange.subscribe(#""type":"bbo","coin":"HYPE/USDC""#)
        exchange.subscribe(#""type":"bbo","coin":"@107""#)
        exchange.run(.seconds(1))
        #expect(exchange.ends.isEmpty)
        let messages = exchange.received()
        let echoes = messages.filter { $0.channel == "subscriptionResponse" }
        #expect(echoes.map { $0.data["subscription"]["coin"].text } == ["HYPE/USDC"])
        #expect(messages.filter { $0.channel == "error" }.count == 1)
        #expect(Set(messages.filter { $0.channel == "bbo" }.map { $0.data["coin"].text }) == ["@107"])
        #expect(exchange.ask(#"{"type":"l2Book","coin":"HYPE/USDC"}"#).body.contains(#""coin":"@107""#))
    }
}
