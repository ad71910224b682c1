import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import Testing

/// The venue counts an IP address: two clients of one network in a process are one to it.
@Suite("Clients of one network", .timeLimit(.minutes(10))) struct SharedRateLimiterTests {
    let trades = TradesFeed.trades("BTC")

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

    @Test func `what one has used is used for the other`() async throws {
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

    @Test func `one waits for the subscription that the other gives back`() async throws {
        try await withTwo(limited { $0.subscriptionCount = 1 }) { first, second, venue in
            let held = try await Reader(trades, through: .callback, on: first)
            let refused = await #expect(throws: HyperliquidError.self) {
                try await second.subscribe(to: .trades("ETH"), waitsForLimits: false)
            }
            #expect(refused?.code == .limitReached)
            let waiting = Task { try await second.subscribe(to: .trades("ETH"), timeout: .seconds(500)) }
            while await second.subscriptions().isEmpty { await Task.yield() }
            try await first.unsubscribe(held.id)
            let subscription = try await waiting.value
            #expect(await second.subscription(subscription.id)?.state == .live)
            withExtendedLifetime(subscription) {}
        }
    }

    @Test func `one waits for the connection that the other gives back when it ends`() async throws {
        try await withTwo(limited { $0.connectionCount = 1 }) { first, second, venue in
            _ = try await Reader(trades, through: .callback, on: first)
            let waiting = Task { try await second.subscribe(to: trades, timeout: .seconds(500)) }
            while await second.subscriptions().isEmpty { await Task.yield() }
            #expect(await second.connectionInfo().connections.allSatisfy { $0.state == .waiting })
            await first.shutDown()
            let subscription = try await waiting.value
            #expect(await second.connectionInfo().connections.map(\.state) == [.open])
            withExtendedLifetime(subscription) {}
        }
    }
}
