import Hyperliquid
import HyperliquidSimulator
import TestPacing
import Testing
import WebSocketTransport

#if ServiceLifecycle
import ServiceLifecycle
#endif

@Suite("Draining", .overLoopback, .timeLimit(.minutes(30))) struct DrainTests {
    let trades = TradesFeed(coin: "BTC")

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
            let slow = try await client.subscribe(to: .feed(trades))
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
            let subscribing = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            await client.shutDown()
            let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
            #expect(error?.code == .clientEnded)
        }
    }

    @Test func `a client that is dialling can be shut down`() async throws {
        try await withExchange { client, exchange in
            await exchange.perform(.stallUpgrades(true))
            let subscription = try await client.subscribe(to: .feed(trades), until: .registered)
            await client.shutDown()
            for try await event in subscription { Issue.record("\(event)") }
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
                _ = try await client.subscribe(to: .feed(trades), until: .registered)
                _ = try await client.subscribe(to: .feed(trades))
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
        let group = ServiceGroup(quiet: [client])
        let running = Task { try await group.run() }
        let reader = try await Reader(trades, through: .sequence, on: client)
        await group.triggerGracefulShutdown()
        #expect(try await reader.next() == nil)
        try await running.value
        #expect(try await venue.closed(0) == .byPeer(code: 1000, reason: ""))
        await venue.stop()
    }

    /// A service that reads with a plain loop, and says when it has begun and how many events it has read.
    struct Strategy: Service {
        enum Loop: CaseIterable { case events, batches, group, childTask, registered }

        let client: HyperliquidClient
        let feed: TradesFeed
        let loop: Loop
        let began: Inbox<Bool>

        func run() async throws {
            let trades = try await client.subscribe(
                to: .feed(feed), until: loop == .registered ? .registered : .acknowledged)
            began.put(true)
            switch loop {
            case .events, .registered: for try await _ in trades {}
            case .batches: for try await _ in trades.batches {}
            case .group:
                let group = SubscriptionGroup<TradesFeed>()
                group.add(trades)
                for await batch in group { #expect(batch.failure == nil) }
            case .childTask:
                try await withThrowingTaskGroup(of: Void.self) { tasks in
                    tasks.addTask { for try await _ in trades {} }
                    try await tasks.waitForAll()
                }
            }
        }
    }

    @Test(arguments: Strategy.Loop.allCases, [true, false])
    func `a service group ends cleanly whether the client comes first or last`(
        loop: Strategy.Loop, clientFirst: Bool
    ) async throws {
        let venue = try await ScriptedVenue.start(acknowledges: loop != .registered)
        let client = try HyperliquidClient(
            network: .custom(api: venue.url, explorer: venue.url), configuration: .init(), engine: .quick)
        let strategy = Strategy(client: client, feed: trades, loop: loop, began: Inbox())
        let services: [any Service] = clientFirst ? [client, strategy] : [strategy, client]
        let group = ServiceGroup(quiet: services)
        let running = Task { try await group.run() }
        _ = try await strategy.began.next()
        await group.triggerGracefulShutdown()
        try await running.value
        await venue.stop()
    }

    @Test func `what was received before the graceful shutdown is still read`() async throws {
        let venue = try await ScriptedVenue.start()
        let client = try HyperliquidClient(
            network: .custom(api: venue.url, explorer: venue.url), configuration: .init(), engine: .quick)
        let numbers = Inbox<[Int]>()
        let reader = ReadingAtShutdown(client: client, feed: trades, numbers: numbers)
        let group = ServiceGroup(quiet: [client, reader])
        let running = Task { try await group.run() }
        let fast = try await Reader(trades, through: .callback, on: client)
        try await venue.send(Messages.trade(1), Messages.trade(2))
        while try await fast.data().map(\.number) != [2] {}
        await group.triggerGracefulShutdown()
        #expect(try await numbers.next() == [1, 2])
        try await running.value
        await venue.stop()
    }

    /// A service that begins to read when it is shut down.
    struct ReadingAtShutdown: Service {
        let client: HyperliquidClient
        let feed: TradesFeed
        let numbers: Inbox<[Int]>

        func run() async throws {
            let trades = try await client.subscribe(to: .feed(feed))
            try await gracefulShutdown()
            var read: [Int] = []
            for try await event in trades { read += event.data?.map(\.number) ?? [] }
            numbers.put(read)
        }
    }

    @Test func `outside of a service, a sequence ends with its client's service group`() async throws {
        let venue = try await ScriptedVenue.start()
        let client = try HyperliquidClient(
            network: .custom(api: venue.url, explorer: venue.url), configuration: .init(), engine: .quick)
        let group = ServiceGroup(quiet: [client])
        let running = Task { try await group.run() }
        let subscription = try await client.subscribe(to: .feed(trades))
        await group.triggerGracefulShutdown()
        for try await event in subscription { Issue.record("\(event)") }
        try await running.value
        await venue.stop()
    }
    #endif
}
