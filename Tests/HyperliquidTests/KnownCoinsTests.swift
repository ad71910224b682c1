import Hyperliquid
import NIOConcurrencyHelpers
import TestPacing
import Testing

@Suite("Known coins", .overLoopback, .timeLimit(.minutes(30))) struct KnownCoinsTests {
    private func configuration(_ check: CoinCheck) -> ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.coinCheck = check
        return configuration
    }

    @Test func `an unknown coin is refused before it is sent, and the error names the nearest one`()
        async throws
    {
        try await withScript(configuration: configuration(.list(["BTC", "kPEPE"]))) { client, venue in
            let refused: [(any Feed, String)] = [
                (TradesFeed(coin: "btc"), "'BTC'"), (L2BookFeed(coin: "KPEPE"), "'kPEPE'"),
                (RawFeed(type: "bbo", fields: [("coin", .string("BCT"))]), "'BTC'"),
            ]
            for (feed, meant) in refused {
                let error = await #expect(throws: HyperliquidError.self) { try await subscribe(feed, client) }
                #expect(error?.code == .invalidFeed)
                #expect(error?.message.contains("did you mean \(meant)?") == true)
            }
            // What is listed, and what has no coin, is asked for as ever.
            try await subscribe(TradesFeed(coin: "BTC"), client)
            try await subscribe(AllMidsFeed(), client)
            #expect(try await venue.subscribeCount() == 2)
        }
    }

    private func subscribe(_ feed: some Feed, _ client: HyperliquidClient) async throws {
        try await client.subscribe(to: .feed(feed), onEvent: { _ in })
    }

    @Test func `a client without a list of coins sends every coin`() async throws {
        try await withScript(configuration: configuration(.none)) { client, venue in
            try await subscribe(TradesFeed(coin: "btc"), client)
            #expect(try await venue.subscribeCount() == 1)
        }
    }

    @Test(
        arguments: [
            ("btc", "BTC"), ("ETHH", "ETH"), ("Eth", "ETH"), ("xyz:sp500", "xyz:SP500"), ("PEPE", "kPEPE"),
            ("DOGE", nil), ("A", nil), ("", nil),
        ] as [(String, Coin?)])
    func `the nearest spelling differs by case, or by two letters at most`(name: String, nearest: Coin?) {
        let coins: Set<Coin> = ["BTC", "ETH", "eth2", "xyz:SP500", "kPEPE", "@107"]
        #expect(NearestName.find(for: name, in: coins) == nearest)
    }

    @Test func `an empty list of coins is refused`() {
        #expect(throws: HyperliquidError.self) {
            try HyperliquidClient(
                network: Addresses.dead(),
                configuration: configuration(.list([])))
        }
    }

    // MARK: What the venue lists

    @Test func `the universe of the simulated exchange has perpetuals, pairs and outcomes`() async throws {
        try await withExchange { client, _ in
            let universe = try await client.universe()
            #expect(universe["BTC"]?.kind == .perpetual(dex: "") && universe["BTC"]?.sizeDecimals == 5)
            #expect(universe["BTC"]?.maximumLeverage == 40)
            #expect(universe["xyz:SP500"]?.kind == .perpetual(dex: "xyz"))
            #expect(universe["@107"]?.name == "HYPE/USDC")
            #expect(universe["HYPE/USDC"]?.coin == "@107")
            #expect(universe["MATIC"]?.isDelisted == true)
            #expect(universe.markets.contains { if case .outcome = $0.kind { true } else { false } })
            #expect(universe["btc"] == nil && universe.nearest(to: "btc") == "BTC")
            // Every coin that is listed can be subscribed to.
            let last = try #require(universe.markets.last?.coin)
            try await subscribe(TradesFeed(coin: last), client)
        }
    }

    @Test func `what is not listed is refused, and costs nobody a connection`() async throws {
        try await withExchange(configuration: configuration(.learned)) { client, _ in
            try await subscribe(TradesFeed(coin: "BTC"), client)
            for (coin, words) in [
                ("btc", "did you mean 'BTC'?"), ("MATIC", "is delisted"), ("QQQQQQ", "is not listed"),
            ] {
                let error = await #expect(throws: HyperliquidError.self) {
                    try await subscribe(TradesFeed(coin: Coin(coin)), client)
                }
                #expect(error?.code == .invalidFeed)
                #expect(error?.message.contains(words) == true, "\(String(describing: error))")
            }
            try await subscribe(TradesFeed(coin: "@107"), client)
            #expect(await client.connectionInfo().connections.allSatisfy { $0.reconnectCount == 0 })
        }
    }

    @Test func `of a storm of misspelt coins none reaches the venue, and the others are live`() async throws {
        try await withExchange(configuration: configuration(.learned)) { client, _ in
            let universe = try await client.universe()
            let coins = universe.markets(.all).map(\.coin)
            let misspelt = coins.flatMap { coin in
                let name = coin.name
                return [name.lowercased(), name.uppercased(), name + "X", String(name.dropLast()), " " + name]
            }.filter { universe[Coin($0)] == nil }
            #expect(misspelt.count > 100)
            let refused = await withTaskGroup { group in
                for name in coins.map(\.name) + misspelt {
                    group.addTask { [self] in
                        do {
                            try await subscribe(RawFeed(type: "bbo", fields: [("coin", .string(name))]), client)
                            return nil as String?
                        } catch HyperliquidError.Code.invalidFeed {
                            return name
                        } catch {
                            return "\(name): \(error)"
                        }
                    }
                }
                var refused: [String] = []
                for await case let name? in group { refused.append(name) }
                return refused
            }
            #expect(refused.sorted() == misspelt.sorted())
            #expect(await client.connectionInfo().connections.allSatisfy { $0.reconnectCount == 0 })
            #expect(await client.subscriptions().count { $0.state == .live } == coins.count)
        }
    }

    @Test func `both names of a spot pair are one feed, spelt as the venue spells it`() async throws {
        try await withExchange(configuration: configuration(.learned)) { client, _ in
            let readable = try await client.subscribe(to: .trades("HYPE/USDC"))
            let indexed = try await client.subscribe(to: .trades("@107"))
            let raw = try await client.subscribe(to: .raw(type: "trades", fields: ["coin": "HYPE/USDC"]))
            #expect(readable.feed == indexed.feed && raw.feed.request == indexed.feed.request)
            #expect(await client.connectionInfo().connections.flatMap(\.feeds) == [indexed.feed.request])
            for try await event in readable {
                #expect(event.data?.first?.coin == "@107")
                break
            }
        }
    }

    @Test func `callers at the same time share one answer, and an old one is asked for again`() async throws {
        try await withExchange { client, _ in
            let counts = NIOLockedValueBox(0)
            try await client.onRawMessage { bytes in
                if String(decoding: bytes, as: UTF8.self).contains(#""type":"perpDexs""#) {
                    counts.withLockedValue { $0 += 1 }
                }
            }
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<5 { group.addTask { _ = try await client.universe() } }
                try await group.waitForAll()
            }
            #expect(counts.withLockedValue { $0 } == 1)
            _ = try await client.universe(maximumAge: .zero)
            #expect(counts.withLockedValue { $0 } == 2)
        }
    }

    @Test(
        arguments: [
            ("BTC", nil, nil), ("btc", "is not listed", "is not listed"),
            ("hype/usdc", "is not listed", "is not listed"),
            ("MATIC", "is delisted", "is delisted"), ("BTCX", "is not listed", nil), ("NEW", "is not listed", nil),
        ] as [(Coin, String?, String?)])
    func `without a newer answer only what is certain is refused`(coin: Coin, newest: String?, older: String?) {
        let universe = Universe([
            Universe.Market(coin: "BTC", kind: .perpetual(dex: "")),
            Universe.Market(coin: "MATIC", kind: .perpetual(dex: ""), isDelisted: true),
            Universe.Market(coin: "@107", kind: .spot(base: "HYPE", quote: "USDC")),
        ])
        #expect(universe.objection(to: coin, isNewest: true)?.problem == newest)
        #expect(universe.objection(to: coin, isNewest: false)?.problem == older)
    }

    @Test func `after the venue has ceased to answer, what is certain is still refused`() async throws {
        let listings = ListingState(newestAge: .zero, checkTimeout: .milliseconds(20))
        try await withScript(configuration: configuration(.learned), listings: listings) { client, venue in
            try await answerFour(on: venue)
            _ = try await client.universe()
            try await subscribe(TradesFeed(coin: "NEW"), client)
            #expect(try await venue.subscribeCount() == 1, "it may have been listed since")
            let error = await #expect(throws: HyperliquidError.self) {
                try await subscribe(TradesFeed(coin: "btc"), client)
            }
            #expect(error?.code == .invalidFeed)
        }
    }

    @Test func `a venue that answers no question makes nothing unavailable`() async throws {
        let listings = ListingState(checkTimeout: .milliseconds(20))
        try await withScript(configuration: configuration(.learned), listings: listings) { client, venue in
            try await subscribe(TradesFeed(coin: "btc"), client)
            #expect(try await venue.subscribeCount() == 1)
        }
    }

    @Test func `an answer that comes too late for the first coin is known to the next one`() async throws {
        let listings = ListingState(checkTimeout: .milliseconds(20))
        try await withScript(configuration: configuration(.learned), listings: listings) { client, venue in
            let listing = Listing(testDescription: "")
            for (question, answer) in listing.questions.dropFirst() {
                try await answerAlways(question, answer, on: venue)
            }
            try await subscribe(TradesFeed(coin: "btc"), client)
            try await venue.send(answer(try await number(of: listing.questions[0].0, on: venue), listing.dexes))
            _ = try await client.universe()
            let error = await #expect(throws: HyperliquidError.self) {
                try await subscribe(TradesFeed(coin: "Btc"), client)
            }
            #expect(error?.code == .invalidFeed)
        }
    }

    /// What a venue answers to the four questions, and the coin that is asked for; the feed is sent if `isSent`.
    struct Listing: CustomTestStringConvertible {
        let testDescription: String
        var coin: Coin = "btc"
        var dexes = "[null]"
        var perpetuals = #"{"universe":[{"name":"BTC","szDecimals":5,"maxLeverage":40}]}"#
        var spot = #"{"tokens":[],"universe":[]}"#
        var isSent = true

        /// The questions of a universe, and their answers.
        var questions: [(String, String)] {
            [
                (#"{"type":"perpDexs"}"#, dexes), (#"{"type":"meta","dex":""}"#, perpetuals),
                (#"{"type":"spotMeta"}"#, spot), (#"{"type":"outcomeMeta"}"#, #"{"outcomes":[]}"#),
            ]
        }
    }

    static let listings: [Listing] = [
        Listing(testDescription: "true ones", isSent: false),
        Listing(testDescription: "no perpetual", perpetuals: #"{"universe":[]}"#),
        Listing(testDescription: "no dex", dexes: "[]"),
        Listing(
            testDescription: "more dexes than can be", dexes: "[" + String(repeating: "null,", count: 64) + "null]"),
        Listing(testDescription: "another form", perpetuals: #"{"universe":7}"#),
        Listing(testDescription: "nothing", spot: "null"),
        Listing(
            testDescription: "a pair of unknown tokens", coin: "@9",
            spot: #"{"tokens":[],"universe":[{"name":"@9","tokens":[8,0],"index":9,"isCanonical":false}]}"#),
    ]

    @Test(arguments: listings) func `only a believable answer refuses a coin`(listing: Listing) async throws {
        try await withScript(configuration: configuration(.learned)) { client, venue in
            for (question, answer) in listing.questions { try await answerAlways(question, answer, on: venue) }
            let error: HyperliquidError?
            do throws(HyperliquidError) {
                try await client.subscribe(to: .trades(listing.coin), onEvent: { _ in })
                error = nil
            } catch let failure {
                error = failure
            }
            #expect(error?.code == (listing.isSent ? nil : .invalidFeed))
        }
    }

    /// Has a venue answer a question. Questions are asked at the same time, so that this one may have any number.
    private func answerAlways(
        _ question: String, _ answer: String, on venue: ScriptedVenue, until last: Int = 8
    ) async throws {
        for id in 1...last { try await venue.whenReceived(text(id, question), send: self.answer(id, answer)) }
    }

    /// Has a venue answer the first four questions, and no later one.
    private func answerFour(on venue: ScriptedVenue) async throws {
        for (question, answer) in Listing(testDescription: "").questions {
            try await answerAlways(question, answer, on: venue, until: 4)
        }
    }

    /// The number of a question that the venue has received.
    private func number(of question: String, on venue: ScriptedVenue) async throws -> Int {
        try await venue.facts.first { fact in
            guard case .received(_, let text) = fact else { return nil }
            return (1...8).first { self.text($0, question) == text }
        }
    }

    private func text(_ id: Int, _ question: String) -> String {
        #"{"method":"post","id":\#(id),"request":{"type":"info","payload":\#(question)}}"#
    }

    private func answer(_ id: Int, _ data: String) -> String {
        #"{"channel":"post","data":{"id":\#(id),"response":{"type":"info","payload":{"type":"x","data":\#(data)}}}}"#
    }

    @Test func `callers that share an answer have times of their own, and the first one may leave`() async throws {
        try await withScript { client, venue in
            let listing = Listing(testDescription: "")
            for (question, answer) in listing.questions.dropFirst() {
                try await answerAlways(question, answer, on: venue)
            }
            let first = Task { try await client.universe() }
            let question = listing.questions[0].0
            let number = try await number(of: question, on: venue)
            let hurried = await #expect(throws: HyperliquidError.self) { try await client.universe(timeout: .zero) }
            #expect(hurried?.code == .timedOut)
            let second = Task { try await client.universe(timeout: .seconds(Int64.max / 2)) }
            first.cancel()
            let left = await #expect(throws: HyperliquidError.self) { try await first.value }
            #expect(left?.code == .cancelled)
            try await venue.send(answer(number, listing.dexes))
            #expect(try await second.value["BTC"] != nil)
            #expect(try await client.universe(timeout: .zero)["BTC"] != nil, "the answer is kept")
        }
    }

    @Test func `without a newer answer the known one holds, whatever other feeds show`() async throws {
        try await withScript(listings: ListingState(evidencePause: .zero)) { client, venue in
            try await answerFour(on: venue)
            _ = try await client.universe()
            let mids = try await client.subscribe(to: .allMids())
            try await venue.send(#"{"channel":"allMids","data":{"mids":{"BTC":"1.0","NEW":"2.0"}}}"#)
            for try await _ in mids { break }
            #expect(try await client.universe(timeout: .milliseconds(20))["BTC"] != nil)
            let old = await #expect(throws: HyperliquidError.self) {
                try await client.universe(maximumAge: .zero, timeout: .milliseconds(20))
            }
            #expect(old?.code == .timedOut)
        }
    }

    @Test func `what is only registered before the client runs is not checked`() async throws {
        let client = try HyperliquidClient(network: Addresses.dead(), configuration: configuration(.learned))
        let waiting = try await client.subscribe(to: .trades("btc"), until: .registered)
        #expect(await client.subscription(waiting.id) != nil)
        await client.shutDown()
    }
}
