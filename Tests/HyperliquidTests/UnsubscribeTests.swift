import Hyperliquid
import TestPacing
import Testing

@Suite("Unsubscribing", .overLoopback, .timeLimit(.minutes(30))) struct UnsubscribeTests {
    let trades = TradesFeed(coin: "BTC")

    @Test(arguments: DeliveryMode.allCases)
    func `an unsubscribe reaches the venue and leaves no trace of the subscription`(end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: end, on: client)
            try await client.unsubscribe(reader.id)
            try await venue.received(Messages.unsubscribe(trades))
            #expect(await client.subscription(reader.id) == nil)
            #expect(await client.subscriptions().isEmpty)
            #expect(await client.allMetrics().isEmpty)
        }
    }

    @Test func `a second unsubscribe and an unknown id throw`() async throws {
        try await withScript { client, _ in
            let reader = try await Reader(trades, through: .callback, on: client)
            try await client.unsubscribe(reader.id)
            for id in [reader.id, SubscriptionID(99)] {
                let error = await #expect(throws: HyperliquidError.self) { try await client.unsubscribe(id) }
                #expect(error?.code == .subscriptionNotFound)
                #expect(error?.message.contains("\(id)") == true)
                let second = await #expect(throws: HyperliquidError.self) { try await client.metrics(of: id) }
                #expect(second?.code == .subscriptionNotFound)
                #expect(await client.subscription(id) == nil)
            }
        }
    }

    @Test func `late messages of an ended subscription are counted and reach no subscriber`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let other = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .callback, on: client)
            try await client.unsubscribe(reader.id)
            #expect(try await reader.next() == nil)
            try await venue.received(Messages.unsubscribe(trades))
            try await venue.send(Messages.trade(1), Messages.bbo(2))
            _ = try await other.data()
            #expect(await client.connectionInfo().unroutedCount == 1)
        }
    }

    @Test func `a callback may end its own subscription in the middle of a read`() async throws {
        try await withScript { client, venue in
            let other = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .callback, on: client)
            let calls = Inbox<SubscriptionID>()
            let id = try await client.subscribe(to: .feed(trades)) { id, _ in
                calls.put(id)
                client.assumeIsolated { try? $0.unsubscribe(id) }
            }
            try await venue.send(Messages.trade(1), Messages.trade(2), Messages.bbo(3))
            _ = try await other.data()
            #expect(calls.takeAll() == [id])
            #expect(await client.subscription(id) == nil)
            try await venue.received(Messages.unsubscribe(trades))
        }
    }

    @Test func `a new subscribe waits for the old one's unsubscribe to be acknowledged`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            try await venue.acknowledge(false)
            try await client.unsubscribe(reader.id)
            async let again = client.subscribe(to: .feed(trades))
            try await venue.received(Messages.unsubscribe(trades))
            try await venue.acknowledge(true)
            try await venue.send(Messages.acknowledgement(Messages.unsubscribe(trades)))
            try await venue.received(Messages.subscribe(trades))
            #expect(try await again.id != reader.id)
        }
    }

    @Test func `an unsubscribe before the acknowledgement ends the waiting call`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let subscribing = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            // A connection that brings nothing at all would be replaced.
            try await venue.send(#"{"channel":"pong"}"#)
            let id = try #require(await client.subscriptions().first?.id)
            try await client.unsubscribe(id)
            let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
            #expect(error?.code == .cancelled)
            try await venue.received(Messages.unsubscribe(trades))
        }
    }
}
