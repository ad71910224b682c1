import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing

/// Subscribers that do not read while events come, beside one that reads.
@Suite("Slow consumers", .overLoopback, .timeLimit(.minutes(30))) struct SlowConsumerTests {
    let trades = TradesFeed(coin: "BTC")
    let bbo = BestBidOfferFeed(coin: "BTC")

    /// Sends trades one read at a time; a fast subscriber shows that each has arrived.
    func send(_ numbers: ClosedRange<Int>, _ venue: ScriptedVenue, _ fast: Reader<TradesFeed>) async throws {
        for number in numbers {
            try await venue.send(Messages.trade(number))
            #expect(try await fast.data().map(\.number) == [number])
        }
    }

    @Test(arguments: [DeliveryPolicy.latest, .buffered(limit: 4), .droppingOldest(limit: 4)], DeliveryMode.allCases)
    func `a slow sequence never slows another`(policy: DeliveryPolicy, end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(trades), delivery: policy)
            let fast = try await Reader(trades, through: end, on: client)
            try await send(1...50, venue, fast)
            withExtendedLifetime(slow) {}
        }
    }

    @Test func `the policy latest delivers the newest state and counts those it replaced`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(bbo))
            let fast = try await Reader(bbo, through: .callback, on: client)
            for number in 1...30 {
                try await venue.send(Messages.bbo(number))
                #expect(try await fast.data().number == number)
            }
            let metrics = try await client.metrics(of: slow.id)
            #expect(metrics.conflatedCount == 29)
            #expect(metrics.queueDepth == 1)
            #expect(metrics.messageCount == 30)
            #expect(metrics.receivedCount == 30)
            #expect(metrics.pendingCount == 1)
            #expect(try await Reader(slow).data().number == 30)
        }
    }

    @Test func `the policy latest replaces states that come in one read`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(bbo))
            let fast = try await Reader(bbo, through: .callback, on: client)
            try await venue.send(Messages.bbo(1), Messages.bbo(2), Messages.bbo(3))
            while try await fast.data().number != 3 {}
            #expect(try await client.metrics(of: slow.id).conflatedCount == 2)
            #expect(try await Reader(slow).data().number == 3)
        }
    }

    @Test func `the policy latest keeps a gap before the newest state`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(bbo))
            let fast = try await Reader(bbo, through: .callback, on: client)
            try await venue.send(Messages.bbo(1))
            _ = try await fast.data()
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(bbo), on: 1)
            for number in 2...4 {
                try await venue.send(Messages.bbo(number), to: 1)
                #expect(try await fast.data().number == number)
            }
            // Answered when the read is over: the callback was called within it, the sequence is filled at its end.
            #expect(try await client.metrics(of: slow.id).queueDepth == 2)
            let reader = Reader(slow)
            guard case .gap(let gap) = try await reader.event() else { throw Unexpected() }
            #expect(gap.reason == .reconnected)
            #expect(try await reader.event().data?.number == 4)
        }
    }

    @Test func `a full buffer delivers its events and then ends its subscription with an overflow`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(trades), delivery: .buffered(limit: 10))
            let fast = try await Reader(trades, through: .callback, on: client)
            try await send(1...10, venue, fast)
            #expect(try await client.metrics(of: slow.id).queueDepth == 10)
            try await send(11...12, venue, fast)
            #expect(await client.subscription(slow.id) == nil)
            let reader = Reader(slow)
            for number in 1...10 { #expect(try await reader.event().data?.map(\.number) == [number]) }
            let error = try await reader.failure()
            #expect(error.code == .overflow)
            #expect(error.message.contains("droppingOldest"))
        }
    }

    @Test func `the overflow of the only subscriber unsubscribes at the end of the read`()
        async throws
    {
        var engine = EngineConfiguration.quick
        (engine.idleTimeout, engine.answerTimeout) = (.seconds(3600), .seconds(3600))
        try await withScript(engine: engine) { client, venue in
            let slow = try await client.subscribe(to: .feed(trades), delivery: .buffered(limit: 1))
            try await venue.send(Messages.trade(1), Messages.trade(2), Messages.trade(3))
            try await venue.received(Messages.unsubscribe(trades))
            #expect(try await Reader(slow).failure().code == .overflow)
        }
    }

    @Test func `the policy droppingOldest announces the dropped events in a gap and goes on`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(trades), delivery: .droppingOldest(limit: 10))
            let fast = try await Reader(trades, through: .callback, on: client)
            try await send(1...25, venue, fast)
            let metrics = try await client.metrics(of: slow.id)
            #expect(metrics.droppedCount == 15)
            #expect(metrics.queueDepth == 10)
            #expect(metrics.pendingCount == 10)
            #expect(metrics.receivedCount == 25)
            let fastMetrics = try await client.metrics(of: fast.id)
            #expect(fastMetrics.receivedCount == 25)
            #expect(fastMetrics.deliveredCount == 25)
            let reader = Reader(slow)
            guard case .gap(let gap) = try await reader.event() else { throw Unexpected() }
            #expect(gap.reason == .overflow)
            #expect(gap.missedCount == 15)
            for number in 16...25 { #expect(try await reader.event().data?.map(\.number) == [number]) }
            try await send(26...26, venue, fast)
            #expect(try await reader.event().data?.map(\.number) == [26])
        }
    }

    @Test func `a reader that catches up within its buffer misses no event`() async throws {
        try await withScript { client, venue in
            let slow = Reader(try await client.subscribe(to: .feed(trades), delivery: .buffered(limit: 10)))
            let fast = try await Reader(trades, through: .callback, on: client)
            for round in 0..<5 {
                try await send(round * 10 + 1...round * 10 + 10, venue, fast)
                for number in 1...10 { #expect(try await slow.event().data?.map(\.number) == [round * 10 + number]) }
            }
        }
    }
}
