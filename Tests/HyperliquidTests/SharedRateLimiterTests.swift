import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import TestPacing
import Testing

/// The venue counts by IP address: to it, two clients in a process are one.
@Suite("Clients of one network", .overLoopback, .timeLimit(.minutes(30))) struct SharedRateLimiterTests {
    let trades = TradesFeed(coin: "BTC")

    func limited(_ change: (inout VenueLimits) -> Void) -> EngineConfiguration {
        var engine = EngineConfiguration.quick
        change(&engine.limits)
        return engine
    }

    /// Runs two clients against one venue.
    func withTwo(
        _ engine: EngineConfiguration,
        _ body: (HyperliquidClient, HyperliquidClient, ScriptedVenue) async throws -> Void
    ) async throws {
        try await withScript(engine: engine) { first, venue in
            try await withClient(of: first.network, engine: engine) { second in try await body(first, second, venue) }
        }
    }

    @Test func `the usage of one client counts for the other`() async throws {
        try await withTwo(.quick) { first, second, _ in
            let held = try await Reader(trades, through: .callback, on: first)
            let info = await second.connectionInfo()
            #expect(info.connections.isEmpty)
            let used = Dictionary(uniqueKeysWithValues: info.limits.map { ($0.name, $0.used) })
            #expect(used["connections"] == 1)
            #expect(used["subscriptions"] == 1)
            #expect(used["messagesPerMinute"] == 1)
            try await first.unsubscribe(held.id)
        }
    }

    @Test func `a client waits for a subscription that the other one ends`() async throws {
        try await withTwo(limited { $0.subscriptions = 1 }) { first, second, venue in
            let held = try await Reader(trades, through: .callback, on: first)
            let refused = await #expect(throws: HyperliquidError.self) {
                try await second.subscribe(to: .trades("ETH"), waitsForLimits: false)
            }
            #expect(refused?.code == .limitReached)
            let waiting = try await second.subscribe(to: .trades("ETH"), until: .registered)
            try await first.unsubscribe(held.id)
            try await second.untilLive(waiting.id)
            withExtendedLifetime(waiting) {}
        }
    }

    @Test func `a client waits for the connection of another one that shuts down`() async throws {
        try await withTwo(limited { $0.connections = 1 }) { first, second, venue in
            _ = try await Reader(trades, through: .callback, on: first)
            let waiting = try await second.subscribe(to: .feed(trades), until: .registered)
            #expect(await second.connectionInfo().connections.allSatisfy { $0.state == .waiting })
            await first.shutDown()
            try await second.untilLive(waiting.id)
            #expect(await second.connectionInfo().connections.map(\.state) == [.open])
            withExtendedLifetime(waiting) {}
        }
    }

    @Test func `a client whose limits differ from those in force is refused with both values`() async throws {
        let network = Addresses.dead()
        var configuration = ClientConfiguration()
        configuration.limits.connections = 3
        let first = try HyperliquidClient(network: network, configuration: configuration)
        _ = try HyperliquidClient(network: network, configuration: configuration)
        configuration.limits.connections = 4
        configuration.limits.usersPerConnection = 2
        let error = #expect(throws: HyperliquidError.self) {
            try HyperliquidClient(network: network, configuration: configuration)
        }
        #expect(error?.code == .invalidConfiguration)
        #expect(error?.message.contains("connections 4, usersPerConnection 2") == true)
        #expect(error?.message.contains("connections 3, usersPerConnection nil") == true)
        // Another network has limits of its own.
        _ = try HyperliquidClient(network: Addresses.dead(), configuration: configuration)
        withExtendedLifetime(first) {}
    }
}
