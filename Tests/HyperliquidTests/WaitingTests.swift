import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

@Suite("Waiting for the venue", .overLoopback, .timeLimit(.minutes(30))) struct WaitingTests {
    let trades = TradesFeed(coin: "BTC")

    @Test func `a timeout names the acknowledgement that was missing`() async throws {
        try await withScript { client, venue in
            // Its connection is open: the next one is asked for at once.
            let other = try await client.subscribe(to: .bbo("BTC"))
            try await venue.acknowledge(false)
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .feed(trades), timeout: .milliseconds(100))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("waited for the venue's acknowledgement") == true)
            #expect(await client.subscriptions().map(\.id) == [other.id])
        }
    }

    @Test func `a timeout names the connection that was missing`() async throws {
        try await withClient(of: Addresses.dead()) { client in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .feed(trades), timeout: .milliseconds(100))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("waited for its connection") == true)
        }
    }

    /// What fills a limit, and what then waits for it.
    static let fullLimits: [(WaitReason, @Sendable (inout VenueLimits) -> Void, [FeedRequest], String)] = [
        (.userLimit, { $0.users = 1 }, [user(1, "userFills"), user(2, "userFills")], "a free user"),
        (.subscriptionLimit, { $0.subscriptions = 1 }, [coin("BTC"), coin("ETH")], "a free subscription"),
        (
            .connectionLimit, { $0.connections = 1 }, [user(1, "orderUpdates"), user(2, "orderUpdates")],
            "a free connection"
        ),
    ]

    static func user(_ number: Int, _ type: String) -> FeedRequest {
        FeedRequest(type: type, fields: [("user", .string("0x" + String(repeating: "\(number)", count: 40)))])
    }

    static func coin(_ coin: String) -> FeedRequest { FeedRequest(type: "trades", fields: [("coin", .string(coin))]) }

    @Test(arguments: fullLimits.indices)
    func `a timeout names the full limit`(index: Int) async throws {
        let (_, change, requests, words) = Self.fullLimits[index]
        try await withScript(engine: limited(change)) { client, _ in
            let first = try await client.subscribe(to: .feed(RawFeed(requests[0])))
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .feed(RawFeed(requests[1])), timeout: .milliseconds(100))
            }
            #expect(error?.code == .timedOut)
            #expect(error?.message.contains("waited for \(words)") == true)
            try await client.unsubscribe(first.id)
        }
    }

    @Test(arguments: fullLimits.indices)
    func `a caller that does not wait for limits gets an error that names the full one`(index: Int) async throws {
        let (_, change, requests, words) = Self.fullLimits[index]
        try await withScript(engine: limited(change)) { client, _ in
            let first = try await client.subscribe(to: .feed(RawFeed(requests[0])))
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .feed(RawFeed(requests[1])), waitsForLimits: false)
            }
            #expect(error?.code == .limitReached)
            #expect(error?.message.contains("would wait for \(words)") == true)
            try await client.unsubscribe(first.id)
        }
    }

    @Test func `a subscription that waits for a limit is sent when it is free`() async throws {
        try await withScript(engine: limited { $0.subscriptions = 1 }) { client, venue in
            let first = try await client.subscribe(to: .feed(trades))
            let second = try await client.subscribe(to: .trades("ETH"), until: .registered)
            let info = try #require(await client.subscription(second.id))
            guard case .waiting(.subscriptionLimit, let since) = info.state else { throw CancellationError() }
            #expect(since >= info.registeredMilliseconds - 1)
            try await client.unsubscribe(first.id)
            try await venue.received(Messages.subscribe(TradesFeed(coin: "ETH")))
        }
    }

    @Test func `a subscription that can never fit fails at once and names the limit to raise`() async throws {
        try await withScript(engine: limited { $0.users = 0 }) { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .feed(RawFeed(Self.user(1, "userFills"))))
            }
            #expect(error?.code == .neverFits)
            #expect(error?.message.contains("`limits.users` is 0") == true)
            // What needs no user is asked for as ever.
            _ = try await client.subscribe(to: .feed(trades))
        }
    }

    @Test func `a request that can never be sent fails at once`() async throws {
        try await withScript(engine: limited { $0.postsInFlight = 0 }) { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.post(info: #"{"type":"meta"}"#)
            }
            #expect(error?.code == .neverFits)
            #expect(error?.message.contains("`limits.postsInFlight` is 0") == true)
        }
    }

    func limited(_ change: (inout VenueLimits) -> Void) -> EngineConfiguration {
        var engine = EngineConfiguration.quick
        change(&engine.limits)
        return engine
    }
}
