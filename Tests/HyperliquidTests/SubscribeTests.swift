import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import TestPacing
import Testing

@Suite("Subscribing", .overLoopback, .timeLimit(.minutes(30))) struct SubscribeTests {
    let trades = TradesFeed(coin: "BTC")

    @Test(arguments: DeliveryMode.allCases)
    func `the market of a simulated exchange reaches a subscriber`(end: DeliveryMode) async throws {
        try await withExchange { client, _ in
            let reader = try await Reader(trades, through: end, on: client)
            for _ in 0..<3 {
                let coins = try await reader.data().map(\.coin)
                #expect(Set(coins) == ["BTC"])
            }
        }
    }

    @Test(arguments: [PlacementPolicy.packed, .isolated])
    func `subscribe returns once the venue has acknowledged`(policy: PlacementPolicy) async throws {
        var configuration = ClientConfiguration()
        configuration.policy = policy
        try await withScript(acknowledges: false, configuration: configuration) { client, venue in
            let subscribing = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            let waiting = try #require(await client.subscriptions().first)
            guard case .waiting(.acknowledgement, let since) = waiting.state else { throw CancellationError() }
            #expect(since >= waiting.registeredMilliseconds - 1)
            #expect(waiting.subscribedMilliseconds == nil)
            try await venue.send(Messages.acknowledgement(Messages.subscribe(trades)))
            let subscription = try await subscribing.value
            let live = try #require(await client.subscription(subscription.id))
            #expect(live.state == .live)
            #expect(live.subscribedMilliseconds ?? 0 >= live.registeredMilliseconds)
            #expect(live.request == trades.request)
            #expect(live.connection == 1)
        }
    }

    @Test func `data stand in for a lost acknowledgement`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let subscribing = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            try await venue.send(Messages.trade(7))
            let reader = Reader(try await subscribing.value)
            #expect(try await reader.data().map(\.number) == [7])
        }
    }

    @Test func `a refusal is thrown and quotes the venue`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let subscribing = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            try await venue.send(Messages.error(#"Invalid subscription {\"type\":\"trades\",\"coin\":\"BTC\"}"#))
            let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
            #expect(error?.code == .refused)
            #expect(error?.message.contains(#"Invalid subscription {"type":"trades","coin":"BTC"}"#) == true)
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test(arguments: DeliveryMode.allCases)
    func `a registered subscription ends with its refusal`(end: DeliveryMode) async throws {
        try await withScript(acknowledges: false) { client, venue in
            let reader = try await Reader(trades, through: end, on: client, until: .registered)
            #expect(await client.subscription(reader.id)?.id == reader.id)
            try await venue.received(Messages.subscribe(trades))
            try await venue.send(Messages.error(#"Invalid subscription {\"type\":\"trades\",\"coin\":\"BTC\"}"#))
            #expect(try await reader.failure().code == .refused)
            #expect(await client.subscription(reader.id) == nil)
        }
    }

    @Test func `a subscription that kills its connection fails, and no other suffers`() async throws {
        try await withExchange { client, _ in
            let reader = try await Reader(trades, through: .sequence, on: client)
            _ = try await reader.data()
            let error = await #expect(throws: HyperliquidError.self) { try await client.subscribe(to: .trades("btc")) }
            #expect(error?.code == .poisoned)
            #expect(error?.message.contains("spelling") == true)
            #expect(try await reader.data().map(\.coin).allSatisfy { $0 == "BTC" })
        }
    }

    @Test func `wrong parameters are refused before anything is sent`() async throws {
        try await withScript { client, venue in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .l2Book("BTC", nSigFigs: 9))
            }
            #expect(error?.code == .invalidFeed)
            #expect(error?.cause is FeedParameterError)
            #expect(await client.subscriptions().isEmpty)
            _ = try await client.subscribe(to: .feed(trades))
            let first: String = try await venue.facts.first { fact in
                if case .received(_, let text) = fact { text } else { nil }
            }
            #expect(first == Messages.subscribe(trades))
        }
    }

    @Test func `a buffer for no events is refused`() async throws {
        try await withScript { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .feed(trades), delivery: .buffered(limit: 0))
            }
            #expect(error?.code == .invalidConfiguration)
        }
    }

    @Test func `a subscribe before run waits for run`() async throws {
        let venue = try await ScriptedVenue.start()
        let network = HyperliquidNetwork.custom(api: venue.url, explorer: venue.url)
        let client = try HyperliquidClient(network: network, configuration: .init(), engine: .quick)
        let registered = try await client.subscribe(to: .bbo("ETH"), until: .registered)
        let state = try #require(await client.subscription(registered.id)?.state)
        guard case .waiting(.start, _) = state else { throw CancellationError() }
        async let running: Void = client.run()
        let reader = try await Reader(trades, through: .sequence, on: client)
        #expect(await client.subscription(reader.id)?.state == .live)
        await client.shutDown()
        try await running
        await venue.stop()
    }

    // MARK: Readers and owners

    @Test func `a second loop over a subscription is told so, and the first one goes on`() async throws {
        try await withScript { client, venue in
            let subscription = try await client.subscribe(to: .feed(trades))
            var first = subscription.makeAsyncIterator()
            let events = await #expect(throws: HyperliquidError.self) { for try await _ in subscription {} }
            #expect(events?.code == .alreadyRead)
            let batches = await #expect(throws: HyperliquidError.self) { for try await _ in subscription.batches {} }
            #expect(batches?.code == .alreadyRead)
            let group = SubscriptionGroup<TradesFeed>()
            group.add(subscription)
            var failures: [HyperliquidError.Code?] = []
            for await batch in group { failures.append(batch.failure?.code) }
            #expect(failures == [.alreadyRead])
            try await venue.send(Messages.trade(1))
            #expect(try await first.next()?.data?.map(\.number) == [1])
        }
    }

    @Test func `a loop after the end of the first one is told so`() async throws {
        try await withScript { client, venue in
            let subscription = try await client.subscribe(to: .feed(trades))
            try await venue.send(Messages.trade(1))
            for try await _ in subscription { break }
            let error = await #expect(throws: HyperliquidError.self) { for try await _ in subscription {} }
            #expect(error?.code == .alreadyRead)
        }
    }

    @Test(arguments: [true, false]) func `a token ends its subscription when it is cancelled or released`(
        isCancelled: Bool
    ) async throws {
        try await withScript { client, venue in
            let ends = Inbox<HyperliquidError.Code?>()
            let id = try await client.subscribe(to: .feed(trades), onEvent: { _ in }, onEnd: { ends.put($0?.code) })
            var token: SubscriptionToken? = SubscriptionToken(id, of: client)
            #expect(token?.id == id)
            if isCancelled { token?.cancel() } else { token = nil }
            #expect(try await ends.next() == nil)
            try await venue.received(Messages.unsubscribe(trades))
            token?.cancel()
        }
    }

    // MARK: Clients that do not run

    /// Waits that time out in a client that nobody runs.
    static let idleWaits: [(String, @Sendable (HyperliquidClient) async throws -> Void)] = [
        ("subscribe", { _ = try await $0.subscribe(to: .trades("BTC"), timeout: .milliseconds(20)) }),
        (
            "subscribe with a callback",
            { try await $0.subscribe(to: .trades("BTC"), timeout: .milliseconds(20), onEvent: { _ in }) }
        ),
        ("info", { _ = try await $0.post(info: #"{"type":"meta"}"#, timeout: .milliseconds(20)) }),
        ("action", { _ = try await $0.post(action: #"{"action":{}}"#, timeout: .milliseconds(20)) }),
    ]

    @Test(arguments: idleWaits.indices)
    func `a call that waits for a client that nobody runs says so after its timeout`(index: Int) async throws {
        let client = try HyperliquidClient(network: Addresses.dead())
        let error = await #expect(throws: HyperliquidError.self) { try await Self.idleWaits[index].1(client) }
        #expect(error?.code == .notRunning, "\(Self.idleWaits[index].0)")
        #expect(error?.message.contains("Call `run()`") == true)
        #expect(await client.subscriptions().isEmpty)
        await client.shutDown()
    }

    @Test func `a client that has ended subscribes no more`() async throws {
        let client = try HyperliquidClient(
            network: Addresses.dead())
        await client.shutDown()
        let error = await #expect(throws: HyperliquidError.self) { try await client.subscribe(to: .feed(trades)) }
        #expect(error?.code == .clientEnded)
        let second = await #expect(throws: HyperliquidError.self) { try await client.run() }
        #expect(second?.code == .clientEnded)
    }

    @Test func `a client runs once`() async throws {
        try await withScript { client, _ in
            _ = try await client.subscribe(to: .feed(trades))
            let error = await #expect(throws: HyperliquidError.self) { try await client.run() }
            #expect(error?.code == .alreadyRunning)
        }
    }
}
