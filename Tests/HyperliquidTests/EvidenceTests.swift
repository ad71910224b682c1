import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

@Suite("Evidence of limits", .overLoopback, .timeLimit(.minutes(30))) struct EvidenceTests {
    private func fills(_ number: Int) -> RawFeed {
        RawFeed(type: "userFills", fields: [("user", .string("0x" + String(repeating: "\(number)", count: 40)))])
    }

    private func evidence(_ name: String, _ client: HyperliquidClient) async throws -> ConnectionInfo.Evidence {
        let limit = try #require(await client.connectionInfo().limits.first { $0.name == name })
        return try #require(limit.evidence)
    }

    @Test func `a limit shows its evidence before the venue has refused anything`() async throws {
        var engine = EngineConfiguration.quick
        engine.limits.users = 7
        engine.limits.usersPerConnection = 3
        try await withScript(engine: engine) { client, _ in
            let held = try await client.subscribe(to: .feed(fills(1)))
            let users = try await evidence("users", client)
            #expect(users.scope == .address && users.configured == 7 && users.documented == 10)
            #expect(users.acceptedCount == 1 && users.refusal == nil)
            let connections = try await evidence("connections", client)
            #expect(connections.documented == 10 && connections.acceptedCount == 1)
            let here = try await evidence("usersPerConnection", client)
            #expect(here.scope == .connection && here.configured == 3 && here.documented == nil)
            #expect(here.acceptedCount == 1)
            let info = await client.connectionInfo()
            #expect(info.connections[0].limits.map(\.evidence) == [nil, here])
            // Of what is only counted the venue's answers teach nothing.
            #expect(info.limits.filter { $0.evidence == nil }.map(\.name).contains("messagesPerMinute"))
            withExtendedLifetime(held) {}
        }
    }

    @Test func `the evidence of a refusal shows the accepted number, the stated one and the time of the next try`()
        async throws
    {
        var engine = EngineConfiguration.quick
        engine.limits.users = 15
        try await withScript(engine: engine) { client, venue in
            let first = try await client.subscribe(to: .feed(fills(1)))
            try await venue.acknowledge(false)
            let second = try await client.subscribe(to: .feed(fills(2)), until: .registered)
            try await venue.received(Messages.subscribe(fills(2)))
            try await venue.send(Messages.error("Cannot track more than 1 total users."))
            try await venue.received(Messages.unsubscribe(fills(2)))
            let cap = try await evidence("usersPerConnection", client)
            let refusal = try #require(cap.refusal)
            #expect(cap.acceptedCount == 1)
            #expect(refusal.acceptedCount == 1)
            #expect(refusal.statedCount == 1)
            let info = try #require(await client.subscription(second.id))
            #expect(refusal.retryMilliseconds > info.registeredMilliseconds)
            let limit = await client.connectionInfo().limits.first { $0.name == "usersPerConnection" }
            #expect(limit?.limit == 1)
            guard case .waiting(.userLimit, _) = info.state else { throw CancellationError() }
            withExtendedLifetime(first) {}
        }
    }

    @Test func `a moving feed is shown once as a feed and once as moving`() async throws {
        var engine = EngineConfiguration.quick
        engine.maximumConnectionAge = .milliseconds(1)
        let trades = TradesFeed(coin: "BTC")
        try await withScript(acknowledges: false, engine: engine) { client, venue in
            let subscription = try await client.subscribe(to: .feed(trades), until: .registered)
            try await venue.received(Messages.subscribe(trades), on: 0)
            try await venue.send(Messages.acknowledgement(Messages.subscribe(trades)), to: 0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            let before = await client.connectionInfo().connections
            #expect(before.map(\.feeds) == [[trades.request], []])
            #expect(before.map(\.movingFeeds) == [[], [trades.request]])
            // Nothing forces it there but the move: no other feed is named.
            #expect(before.flatMap(\.reasons).isEmpty)
            try await venue.send(Messages.acknowledgement(Messages.subscribe(trades)), to: 1)
            try await venue.received(Messages.unsubscribe(trades), on: 0)
            let after = await client.connectionInfo().connections
            #expect(after.map(\.feeds) == [[], [trades.request]])
            #expect(after.map(\.movingFeeds) == [[trades.request], []])
            withExtendedLifetime(subscription) {}
        }
    }
}
