import Hyperliquid
import HyperliquidSimulator
import TestPacing
import Testing

/// Feed types written outside the package, with its public API only, from the socket to the subscriber.
@Suite("User-defined feeds", .overLoopback, .timeLimit(.minutes(30))) struct UserDefinedFeedTests {
    /// Serves an exchange and runs a client against it for the time of `body`.
    private func withVenue(_ body: (HyperliquidClient, SimulatedExchange) async throws -> Void) async throws {
        let exchange = try await Addresses.startExchange()
        do {
            let network = HyperliquidNetwork.custom(api: exchange.url, explorer: exchange.explorerURL)
            try await withHyperliquidClient(network: network) { try await body($0, exchange) }
        } catch {
            await exchange.stop()
            throw error
        }
        await exchange.stop()
    }

    private func next<F: Feed>(
        _ events: inout Subscription<F>.AsyncIterator
    ) async throws -> FeedEvent<F.Event> {
        try #require(await events.next())
    }

    @Test func `a user's feed decodes its own way, is routed by its key, and opens with a snapshot`() async throws {
        try await withVenue { client, _ in
            var bitcoin = try await client.subscribe(to: .bidMoves("BTC")).makeAsyncIterator()
            var ether = try await client.subscribe(to: .bidMoves("ETH")).makeAsyncIterator()
            for coin in ["BTC", "ETH"] {
                let event = coin == "BTC" ? try await next(&bitcoin) : try await next(&ether)
                guard case .snapshot(let move) = event else {
                    Issue.record("the first event of \(coin) is \(event)")
                    return
                }
                #expect(move.coin.name == coin)
                #expect(move.number == 1)
            }
            #expect(await client.connectionInfo().connections.map(\.feeds.count) == [2])
            for _ in 2...4 {
                let move = try #require(try await next(&bitcoin).data)
                #expect(move.coin == "BTC")
            }
        }
    }

    @Test func `a user's feed keeps its memory from message to message until it is subscribed anew`() async throws {
        try await withVenue { client, exchange in
            var moves = try await client.subscribe(to: .bidMoves("BTC")).makeAsyncIterator()
            var last: BidMove?
            for number in 1...4 {
                let move = try #require(try await next(&moves).data)
                #expect(move.number == number)
                #expect(move.price != last?.price)
                last = move
            }
            await exchange.perform(.kill(.all))
            while true {
                if case .gap(let gap) = try await next(&moves) {
                    #expect(gap.reason == .reconnected)
                    break
                }
            }
            guard case .snapshot(let move) = try await next(&moves) else {
                Issue.record("no snapshot follows the gap")
                return
            }
            #expect(move.number == 1)
        }
    }

    @Test func `a user's feed shares one subscription with the package's feed of the same identity`() async throws {
        try await withVenue { client, _ in
            var moves = try await client.subscribe(to: .bidMoves("BTC")).makeAsyncIterator()
            var best = try await client.subscribe(to: .bbo("BTC")).makeAsyncIterator()
            #expect(try await next(&moves).data?.coin == "BTC")
            #expect(try await next(&best).data?.coin == "BTC")
            let connections = await client.connectionInfo().connections
            #expect(connections.map(\.feeds) == [[BestBidOfferFeed(coin: "BTC").request]])
            #expect(await client.subscriptions().count == 2)
        }
    }

    @Test func `a user's ambiguous feeds are kept on connections of their own`() async throws {
        try await withVenue { client, _ in
            var coarse = try await client.subscribe(to: .bidCount("BTC", nSigFigs: 2)).makeAsyncIterator()
            var fine = try await client.subscribe(to: .bidCount("BTC", nSigFigs: 5)).makeAsyncIterator()
            #expect(try await next(&coarse).data != nil)
            #expect(try await next(&fine).data != nil)
            let connections = await client.connectionInfo().connections
            #expect(connections.map(\.feeds.count) == [1, 1])
        }
    }

    @Test func `a decoding fault of a user's feed concerns no other feed`() async throws {
        try await withVenue { client, _ in
            var broken = try await client.subscribe(to: .missingField("BTC")).makeAsyncIterator()
            var best = try await client.subscribe(to: .bbo("BTC")).makeAsyncIterator()
            while true {
                guard case .undecodable(let fault) = try await next(&broken) else { continue }
                #expect(fault.code == .missingField)
                #expect(fault.path == "data.sequence")
                break
            }
            #expect(try await next(&best).data?.coin == "BTC")
        }
    }

    @Test func `the error of an unknown feed type quotes the venue`() async throws {
        try await withVenue { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                _ = try await client.subscribe(to: .unheardOf("BTC"))
            }
            #expect(error?.code == .refused)
            #expect(error?.message.contains("Error parsing JSON into valid websocket request") == true)
            #expect(error?.message.contains(#""type":"unheardOf""#) == true)
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test func `a user's feed validates its parameters before it is sent`() async throws {
        try await withVenue { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                _ = try await client.subscribe(to: .bidMoves(""))
            }
            #expect(error?.code == .invalidFeed)
            #expect(error?.message.contains("name a coin") == true)
            #expect(await client.connectionInfo().connections.isEmpty)
        }
    }
}
