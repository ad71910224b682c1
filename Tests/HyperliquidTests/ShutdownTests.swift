import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import TestPacing
import Testing

@testable import Hyperliquid

/// A client that ends, in whatever state, leaves nothing behind.
///
/// Each case runs in a process of its own, because the open files of a process are counted.
@Suite("Shutdown", .heavyOverLoopback, .timeLimit(.minutes(30))) struct ShutdownTests {
    /// What the client does when it ends.
    enum State: String, CaseIterable, Codable, Sendable {
        /// It has nothing to do.
        case idle
        /// It waits for TCP.
        case connecting
        /// It waits for the answer to its upgrade.
        case upgrading
        /// Its dial has failed, and it waits before the next one.
        case backingOff
        /// It waits for an acknowledgement.
        case asking
        /// Two subscriptions are live, and nobody reads their events.
        case fullBuffers
        /// It tries a suspected feed apart.
        case trial
        /// Its connection reaches nobody any more, so that a Close is not answered.
        case silent
        /// It waits for the answer to a post.
        case posting
        /// A feed moves to another connection.
        case moving
        /// A subscription waits for a limit.
        case waiting
    }

    /// How the client is made to end.
    enum End: String, CaseIterable, Codable, Sendable {
        case cancelled
        case shutDown
    }

    @Test(arguments: State.allCases, End.allCases)
    func `a client that ends leaves no task, connection, timer or open file`(state: State, end: End) async {
        await #expect(processExitsWith: .success) { [state, end] in
            // In the first round, what lives as long as the process is made.
            _ = try await Self.round(state, end)
            let fileCount = OpenFiles.count
            for _ in 0..<3 {
                let remains = try await Self.round(state, end)
                // What another thread still releases is gone soon.
                let deadline = ContinuousClock.now.advanced(by: .seconds(60))
                while !remains.isEmpty, ContinuousClock.now < deadline { await Task.yield() }
                #expect(remains.isEmpty, "objects are left: \(state), \(end)")
            }
            #expect(OpenFiles.count == fileCount, "files are left: \(state), \(end)")
        }
    }

    /// Takes a client into a state and ends it. All its tasks have returned then.
    private static func round(_ state: State, _ end: End) async throws -> Remains {
        let exchange = try await Addresses.startExchange(.quick)
        let unaccepting = state == .connecting ? try UnacceptingPort() : nil
        var engine = EngineConfiguration.quick
        if state == .backingOff { (engine.shortestBackoff, engine.longestBackoff) = (.seconds(30), .seconds(30)) }
        if state == .waiting { engine.limits.subscriptions = 1 }
        if state == .moving {
            engine.maximumConnectionAge = .milliseconds(1)
            engine.spareConnectionCount = 1
        }
        let url = unaccepting.map { "ws://127.0.0.1:\($0.number)/ws" } ?? exchange.url
        let network = HyperliquidNetwork.custom(api: url, explorer: exchange.explorerURL)
        let client = try HyperliquidClient(network: network, configuration: .init(), engine: engine)
        if state == .backingOff { await exchange.stop() }
        let running = Task { try await client.run() }
        let callers = try await enter(state, client, exchange)
        switch end {
        case .cancelled: running.cancel()
        case .shutDown: await client.shutDown()
        }
        do {
            try await running.value
        } catch let error as HyperliquidError where error.code == .clientEnded {
            // It was shut down before it ran.
        }
        for task in callers.tasks { _ = await task.result }
        _ = consume callers
        let remains = await client.remains()
        await exchange.stop()
        return remains
    }

    /// What the callers of a client hold: sequences, whose release would end their subscriptions, and tasks that wait.
    private struct Callers {
        var sequences: [any Sendable] = []
        var tasks: [Task<Void, any Error>] = []

        mutating func subscribe(
            _ client: HyperliquidClient, to feed: some Feed, until completion: SubscribeCompletion = .registered,
            delivery: DeliveryPolicy? = nil
        ) async throws -> SubscriptionID {
            let subscription = try await client.subscribe(to: .feed(feed), until: completion, delivery: delivery)
            sequences.append(subscription)
            return subscription.id
        }
    }

    /// Takes a running client into a state.
    private static func enter(
        _ state: State, _ client: HyperliquidClient, _ exchange: SimulatedExchange
    ) async throws -> Callers {
        let trades = TradesFeed(coin: "BTC")
        var callers = Callers()
        switch state {
        case .idle: break
        case .connecting:
            _ = try await callers.subscribe(client, to: trades)
            await client.untilConnection { $0.state == .dialling }
        case .upgrading:
            await exchange.perform(.stallUpgrades(true))
            _ = try await callers.subscribe(client, to: trades)
            await client.untilConnection { $0.state == .dialling }
        case .backingOff:
            _ = try await callers.subscribe(client, to: trades)
            await client.untilConnection { $0.state == .waiting && $0.lastClose != nil }
        case .asking:
            await exchange.perform(.delayAnswers(.seconds(3600)))
            callers.tasks = [Task { _ = try await client.subscribe(to: .orderUpdates(user: .example)) }]
            await client.untilConnection { $0.state == .open && !$0.feeds.isEmpty }
        case .fullBuffers:
            let buffered = DeliveryPolicy.buffered(limit: 1000)
            let book = try await callers.subscribe(client, to: L2BookFeed(coin: "BTC"), delivery: buffered)
            let dropping = DeliveryPolicy.droppingOldest(limit: 2)
            let bbo = try await callers.subscribe(client, to: BestBidOfferFeed(coin: "BTC"), delivery: dropping)
            for id in [book, bbo] {
                while try await client.metrics(of: id).queueDepth < 2 { await Task.yield() }
            }
        case .trial:
            _ = try await callers.subscribe(client, to: trades, until: .acknowledged)
            _ = try await callers.subscribe(client, to: TradesFeed(coin: "btc"))
            _ = try await callers.subscribe(client, to: BestBidOfferFeed(coin: "ETH"))
            await client.untilConnection { $0.kind == .trial }
        case .silent:
            _ = try await callers.subscribe(client, to: trades, until: .acknowledged)
            await exchange.perform(.silence(.all))
        case .posting:
            await exchange.perform(.delayAnswers(.seconds(3600)))
            callers.tasks = [Task { _ = try await client.post(info: #"{"type":"allMids"}"#) }]
            await client.untilConnection { $0.state == .open }
            let isSent = { (info: ConnectionInfo) in info.limits.contains { $0.name == "postsInFlight" && $0.used > 0 }
            }
            while await !isSent(client.connectionInfo()) { await Task.yield() }
        case .moving:
            _ = try await callers.subscribe(
                client, to: OrderUpdatesFeed(user: .example), until: .acknowledged)
            await exchange.perform(.delayAnswers(.seconds(3600)))
            await client.untilConnection { !$0.movingFeeds.isEmpty && $0.state == .open }
        case .waiting:
            _ = try await callers.subscribe(client, to: trades, until: .acknowledged)
            _ = try await callers.subscribe(client, to: BestBidOfferFeed(coin: "BTC"))
        }
        return callers
    }
}

/// Whether the parts of a client that has ended still exist.
// Only asks whether the weak references are `nil`, which is safe on any thread; what they refer to is never used.
private struct Remains: @unchecked Sendable {
    private weak var client: HyperliquidClient?
    /// The client's shell, which its connections, timers and waiting tasks keep alive.
    private weak var runtime: ClientRuntime?

    init(of client: HyperliquidClient, _ runtime: ClientRuntime) {
        self.client = client
        self.runtime = runtime
    }

    var isEmpty: Bool { client == nil && runtime == nil }
}

extension HyperliquidClient {
    fileprivate func remains() -> Remains { Remains(of: self, runtime) }

    /// Waits until one of the connections satisfies a condition.
    fileprivate func untilConnection(_ condition: (ConnectionInfo.Connection) -> Bool) async {
        while !connectionInfo().connections.contains(where: condition) { await Task.yield() }
    }
}
