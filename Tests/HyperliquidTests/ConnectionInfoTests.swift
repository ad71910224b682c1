import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import Testing

@Suite("Connection info", .timeLimit(.minutes(10))) struct ConnectionInfoTests {
    static let user = "0x" + String(repeating: "1", count: 40)

    /// One feed of each of the seed's types: shared, dedicated, grouped by user.
    static let feeds: [RawFeed] = [
        RawFeed(type: "allMids"),
        RawFeed(type: "l2Book", fields: [("coin", .string("BTC")), ("nSigFigs", .integer(5))]),
        RawFeed(type: "userFills", fields: [("user", .string(user))]),
    ]

    static let policies: [(PlacementPolicy, [ConnectionInfo.Connection.Kind])] = [
        (.packed, [.mixed]), (.isolated, [.shared, .dedicated, .userGrouped]),
    ]

    @Test(arguments: policies.indices)
    func `the connections show their feeds and their kind`(index: Int) async throws {
        let (policy, kinds) = Self.policies[index]
        var configuration = ClientConfiguration()
        configuration.policy = policy
        var engine = EngineConfiguration.quick
        if case .isolated(let sharedLimit) = policy { engine.policy = .isolated(sharedLimit: sharedLimit) }
        try await withScript(engine: engine, configuration: configuration) { client, venue in
            var held: [Subscription<RawFeed>] = []
            for feed in Self.feeds { held.append(try await client.subscribe(to: feed)) }
            let connections = await client.connectionInfo().connections
            #expect(connections.map(\.kind) == kinds)
            #expect(connections.flatMap(\.feeds) == Self.feeds.map(\.request))
            for slot in connections {
                #expect(slot.state == .open)
                #expect(slot.endpoint == venue.url)
                #expect(try #require(slot.age) >= .zero)
                #expect(slot.reconnectCount == 0)
                #expect(slot.lastErrors.isEmpty)
                #expect(slot.budget.map(\.used) == [slot.feeds.count, slot.feeds.contains { $0.user != nil } ? 1 : 0])
            }
            let infos = await client.subscriptions()
            #expect(infos.map(\.connectionType) == [.shared, .dedicated, .userGrouped])
            #expect(infos.compactMap(\.connection).count == 3)
            let users = await client.subscriptions(ofUser: try Address(Self.user))
            #expect(users.map(\.id) == [held[2].id])
        }
    }

    @Test func `the limits show their usage`() async throws {
        try await withScript { client, _ in
            var held: [Subscription<RawFeed>] = []
            for feed in Self.feeds { held.append(try await client.subscribe(to: feed)) }
            let limits = await client.connectionInfo().limits
            let used = Dictionary(uniqueKeysWithValues: limits.map { ($0.name, $0.used) })
            #expect(used["connections"] == 1)
            #expect(used["dialsPerMinute"] == 1)
            #expect(used["subscriptions"] == 3)
            #expect(used["users"] == 1)
            #expect(used["messagesPerMinute"] == 3)
            #expect(limits.allSatisfy { $0.used <= $0.limit })
            withExtendedLifetime(held) {}
        }
    }

    @Test func `a lost connection is counted and its reason kept`() async throws {
        try await withExchange { client, exchange in
            let reader = try await Reader(.trades("BTC"), through: .callback, on: client)
            for fault in [FaultAction.kill(.all), .expire(.all)] {
                await exchange.perform(fault)
                _ = try await reader.gap()
            }
            let slot = try #require(await client.connectionInfo().connections.first)
            #expect(slot.reconnectCount == 2)
            #expect(slot.lastClose == "closed by the venue: 1000 Expired")
            // A rotation is routine and no error.
            #expect(slot.lastErrors.count == 1)
            #expect(slot.lastErrors.first?.hasPrefix("broken") == true)
        }
    }

    @Test func `the last four errors that name no subscription are kept with their connection`() async throws {
        let log = LogInbox()
        try await withScript(configuration: log.configuration) { client, venue in
            let reader = try await Reader(.trades("BTC"), through: .callback, on: client)
            for number in 1...6 { try await venue.send(Messages.error("Something odd \(number)")) }
            try await venue.send(Messages.trade(1))
            _ = try await reader.data()
            let slot = try #require(await client.connectionInfo().connections.first)
            #expect(slot.lastErrors == (3...6).map { "Something odd \($0)" })
            let line = try await log.lines.first { $0.message == "Error of the venue" ? $0 : nil }
            #expect(line.metadata["text"] == "Something odd 1")
        }
    }
}
