import Hyperliquid
import HyperliquidSimulator
import TestPacing
import Testing
import WebSocketTransport

#if ServiceLifecycle
import Logging
import ServiceLifecycle
#endif

@Suite("Draining", .overLoopback, .timeLimit(.minutes(30))) struct DrainTests {
    let trades = TradesFeed.trades("BTC")

    @Test func `a shutdown closes the connections in order`() async throws {
        try await withScript { client, venue in
            _ = try await Reader(trades, through: .callback, on: client)
            await client.shutDown()
            let close = try await venue.closed(0)
            #expect(close == .byPeer(code: 1000, reason: ""))
            #expect(await client.connectionInfo().connections.allSatisfy { $0.state != .open })
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test func `events that came before the shutdown can still be read`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: trades)
            let fast = try await Reader(trades, through: .callback, on: client)
            try await venue.send(Messages.trade(1), Messages.trade(2))
            while try await fast.data().map(\.number) != [2] {}
            await client.shutDown()
            var numbers: [Int] = []
            for try await event in slow { numbers += event.data?.map(\.number) ?? [] }
            #expect(numbers == [1, 2])
        }
    }

    @Test func `a waiting subscribe throws when the client ends`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let subscribing = Task { try await client.subscribe(to: trades) }
            try await venue.received(Messages.subscribe(trades))
            await client.shutDown()
            let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
            #expect(error?.code == .clientEnded)
        }
    }

    @Test func `a client that is dialling can be shut down`() async throws {
        try await withExchange { client, exchange in
            await exchange.perform(.stallUpgrades(true))
            let subscription = try await client.subscribe(to: trades, until: .registered)
            await client.shutDown()
            let error = try await Reader(subscription).failure()
            #expect(error.code == .clientEnded)
        }
    }

    @Test func `a client can be shut down many times at once and again`() async throws {
        try await withScript { client, _ in
            _ = try await Reader(trades, through: .callback, on: client)
            await withTaskGroup { group in
                for _ in 0..<8 { group.addTask { await client.shutDown() } }
            }
            await client.shutDown()
        }
    }

    @Test func `an error of the body is rethrown once everything is closed`() async throws {
        let venue = try await ScriptedVenue.start()
        let network = HyperliquidNetwork.custom(api: venue.url, explorer: venue.url)
        await #expect(throws: Unexpected.self) {
            try await withHyperliquidClient(network: network) { client in
                _ = try await client.subscribe(to: trades, until: .registered)
                _ = try await client.subscribe(to: trades)
                throw Unexpected()
            }
        }
        #expect(try await venue.closed(0) == .byPeer(code: 1000, reason: ""))
        await venue.stop()
    }

    #if ServiceLifecycle
    @Test func `the graceful shutdown of a service group shuts its client down`() async throws {
        let venue = try await ScriptedVenue.start()
        let client = try HyperliquidClient(
            network: .custom(api: venue.url, explorer: venue.url), configuration: .init(), engine: .quick)
        let group = ServiceGroup(
            services: [client], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await group.run() }
        let reader = try await Reader(trades, through: .sequence, on: client)
        await group.triggerGracefulShutdown()
        #expect(try await reader.next() == nil)
        try await running.value
        #expect(try await venue.closed(0) == .byPeer(code: 1000, reason: ""))
        await venue.stop()
    }
    #endif
}
