import Hyperliquid
import TestPacing
import Testing

/// Every way to get events delivers the same ones: these tests run over each of them.
@Suite("The same events in every delivery mode", .overLoopback, .timeLimit(.minutes(30))) struct CallbackTests {
    let trades = TradesFeed(coin: "BTC")

    @Test(arguments: DeliveryMode.allCases)
    func `a replay comes as a snapshot, and later events as updates in order`(end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: end, on: client)
            try await venue.send(Messages.trade(1), Messages.trade(2), Messages.trade(3))
            guard case .snapshot(let replayed) = try await reader.event() else { throw Unexpected() }
            #expect(replayed.map(\.number) == [1])
            for number in 2...3 {
                guard case .update(let happened) = try await reader.event() else { throw Unexpected() }
                #expect(happened.map(\.number) == [number])
            }
        }
    }

    @Test(arguments: DeliveryMode.allCases)
    func `a gap comes before the events that follow a lost connection`(end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: end, on: client)
            try await venue.send(Messages.trade(1))
            _ = try await reader.data()
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            try await venue.send(Messages.trade(2), to: 1)
            guard case .gap(let gap) = try await reader.event() else { throw Unexpected() }
            #expect(gap.reason == .reconnected)
            #expect(gap.fromMilliseconds <= gap.toMilliseconds)
            #expect(try await reader.event().data?.map(\.number) == [2])
        }
    }

    @Test(arguments: DeliveryMode.allCases)
    func `a message that cannot be decoded is shown, and the next ones are delivered`(end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: end, on: client)
            try await venue.send(
                Messages.trade(1), Messages.trade(2).replacing(#""px":"2""#, with: #""px":"two""#), Messages.trade(3))
            _ = try await reader.event()
            guard case .undecodable(let fault) = try await reader.event() else { throw Unexpected() }
            #expect(fault.path == "data[0].px")
            guard case .gap(let gap) = try await reader.event() else { throw Unexpected() }
            #expect(gap.reason == .undecodable)
            #expect(try await reader.event().data?.map(\.number) == [3])
            #expect(try await client.metrics(of: reader.id).undecodableCount == 1)
        }
    }

    @Test(arguments: DeliveryMode.allCases)
    func `a shutdown ends a subscription without an error after its events`(end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: end, on: client)
            try await venue.send(Messages.trade(1))
            _ = try await reader.data()
            await client.shutDown()
            #expect(try await reader.next() == nil)
        }
    }

    @Test(arguments: DeliveryMode.allCases)
    func `an unsubscribe ends a subscription without an error`(end: DeliveryMode) async throws {
        try await withScript { client, _ in
            let reader = try await Reader(trades, through: end, on: client)
            try await client.unsubscribe(reader.id)
            #expect(try await reader.next() == nil)
        }
    }

    @Test func `a callback gets its id with the first event`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let inbox = Inbox<SubscriptionID>()
            async let subscribing = client.subscribe(to: .feed(trades)) { id, _ in inbox.put(id) }
            try await venue.received(Messages.subscribe(trades))
            try await venue.send(Messages.trade(1), Messages.acknowledgement(Messages.subscribe(trades)))
            #expect(try await inbox.next() == (try await subscribing))
        }
    }
}

/// Another event came than the test expects.
struct Unexpected: Error {}
