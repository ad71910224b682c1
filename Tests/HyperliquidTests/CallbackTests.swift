import Hyperliquid
import Testing

/// The two ways to listen are ends of one pipe: these tests run over each of them.
@Suite("The same events at each end", .timeLimit(.minutes(10))) struct CallbackTests {
    let trades = TradesFeed.trades("BTC")

    @Test(arguments: End.allCases)
    func `a replay comes as a snapshot and what follows as updates, in order`(end: End) async throws {
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

    @Test(arguments: End.allCases)
    func `a gap comes before what follows a lost connection`(end: End) async throws {
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

    @Test(arguments: End.allCases)
    func `a message that cannot be read is shown and what follows it goes on`(end: End) async throws {
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

    @Test(arguments: End.allCases)
    func `the end of the client ends it without an error, behind what came before`(end: End) async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: end, on: client)
            try await venue.send(Messages.trade(1))
            _ = try await reader.data()
            await client.shutDown()
            #expect(try await reader.next() == nil)
        }
    }

    @Test(arguments: End.allCases)
    func `its own unsubscribe ends it without an error`(end: End) async throws {
        try await withScript { client, _ in
            let reader = try await Reader(trades, through: end, on: client)
            try await client.unsubscribe(reader.id)
            #expect(try await reader.next() == nil)
        }
    }

    @Test func `a callback is told its id with the first event`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let inbox = Inbox<SubscriptionID>()
            async let subscribing = client.subscribe(to: trades) { id, _ in inbox.put(id) }
            try await venue.received(Messages.subscribe(trades))
            try await venue.send(Messages.trade(1), Messages.acknowledgement(Messages.subscribe(trades)))
            #expect(try await inbox.next() == (try await subscribing))
        }
    }
}

/// Something else came than the rule says.
struct Unexpected: Error {}
