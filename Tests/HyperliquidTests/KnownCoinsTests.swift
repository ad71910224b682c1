import Hyperliquid
import TestPacing
import Testing

@Suite("Known coins", .overLoopback, .timeLimit(.minutes(30))) struct KnownCoinsTests {
    private func configuration(_ coins: Set<Coin>?) -> ClientConfiguration {
        var configuration = ClientConfiguration()
        configuration.knownCoins = coins
        return configuration
    }

    @Test func `an unknown coin is refused before it is sent, and the error names the nearest one`()
        async throws
    {
        try await withScript(configuration: configuration(["BTC", "kPEPE"])) { client, venue in
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
        try await withScript(configuration: configuration(nil)) { client, venue in
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
        #expect(ClientConfiguration.nearest(to: name, in: coins) == nearest)
    }

    @Test func `an empty list of coins is refused`() {
        #expect(throws: HyperliquidError.self) {
            try HyperliquidClient(
                network: Addresses.dead(),
                configuration: configuration([]))
        }
    }
}
