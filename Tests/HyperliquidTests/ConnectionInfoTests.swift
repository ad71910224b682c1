import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import TestPacing
import Testing

@Suite("Connection info", .overLoopback, .timeLimit(.minutes(30))) struct ConnectionInfoTests {
    static let user = "0x" + String(repeating: "1", count: 40)

    /// One feed of each connection type: shared, dedicated, grouped by user.
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
            var subscriptions: [Subscription<RawFeed>] = []
            for feed in Self.feeds { subscriptions.append(try await client.subscribe(to: .feed(feed))) }
            let connections = await client.connectionInfo().connections
            #expect(connections.map(\.kind) == kinds)
            #expect(connections.flatMap(\.feeds) == Self.feeds.map(\.request))
            for connection in connections {
                #expect(connection.state == .open)
                #expect(connection.endpoint == venue.url)
                #expect(try #require(connection.age) >= .zero)
                #expect(connection.reconnectCount == 0)
                #expect(connection.lastErrors.isEmpty)
                let users = Set(connection.feeds.compactMap(\.user)).count
                #expect(connection.limits.map(\.name) == ["subscriptionsPerConnection", "usersPerConnection"])
                #expect(connection.limits.map(\.used) == [connection.feeds.count, users])
            }
            let infos = await client.subscriptions()
            #expect(infos.map(\.connectionType) == [.shared, .dedicated, .userGrouped])
            #expect(infos.compactMap(\.connection).count == 3)
            let users = await client.subscriptions(ofUser: try Address(Self.user))
            #expect(users.map(\.id) == [subscriptions[2].id])
        }
    }

    @Test func `the limits show their usage`() async throws {
        try await withScript { client, _ in
            var subscriptions: [Subscription<RawFeed>] = []
            for feed in Self.feeds { subscriptions.append(try await client.subscribe(to: .feed(feed))) }
            let limits = await client.connectionInfo().limits
            let used = Dictionary(uniqueKeysWithValues: limits.map { ($0.name, $0.used) })
            #expect(used["connections"] == 1)
            #expect(used["dialsPerMinute"] == 1)
            #expect(used["subscriptions"] == 3)
            #expect(used["users"] == 1)
            #expect(used["messagesPerMinute"] == 3)
            #expect(limits.allSatisfy { $0.used <= $0.limit })
            withExtendedLifetime(subscriptions) {}
        }
    }

    @Test func `a lost connection is counted and its reason kept`() async throws {
        try await withExchange { client, exchange in
            let reader = try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client)
            for fault in [FaultAction.kill(.all), .expire(.all)] {
                await exchange.perform(fault)
                _ = try await reader.gap()
            }
            let connection = try #require(await client.connectionInfo().connections.first)
            #expect(connection.reconnectCount == 2)
            #expect(connection.lastClose == "closed by the venue: 1000 Expired")
            // A close with the reason `Expired` is routine and no error.
            #expect(connection.lastErrors.count == 1)
            #expect(connection.lastErrors.first?.hasPrefix("broken") == true)
        }
    }

    @Test func `the last four errors that name no subscription are kept with their connection`() async throws {
        let log = LogInbox()
        try await withScript(configuration: log.configuration) { client, venue in
            let reader = try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client)
            for number in 1...6 { try await venue.send(Messages.error("Something odd \(number)")) }
            try await venue.send(Messages.trade(1))
            _ = try await reader.data()
            let connection = try #require(await client.connectionInfo().connections.first)
            #expect(connection.lastErrors == (3...6).map { "Something odd \($0)" })
            let line = try await log.lines.first { $0.message == "Error of the venue" ? $0 : nil }
            #expect(line.metadata["text"] == "Something odd 1")
        }
    }
}
