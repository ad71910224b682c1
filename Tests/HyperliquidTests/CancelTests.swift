import Hyperliquid
import HyperliquidEngine
import TestPacing
import Testing
import WebSocketTransport

/// Cancelling a task ends what it waits for, wherever it can wait, and nothing else.
@Suite("Cancelling", .overLoopback, .timeLimit(.minutes(30))) struct CancelTests {
    let trades = TradesFeed(coin: "BTC")

    /// Starts a task that subscribes, and returns once it waits for the acknowledgement.
    private func waitingSubscribe(
        on client: HyperliquidClient
    ) async throws -> Task<Subscription<TradesFeed>, any Error> {
        let begins = Inbox<Bool>()
        let subscribing = Task { try await subscribe(on: client, begins) }
        _ = try await begins.next()
        // On the client's loop, so behind the call that has begun there.
        #expect(await !client.subscriptions().isEmpty)
        return subscribing
    }

    private func subscribe(
        on client: isolated HyperliquidClient, _ begins: Inbox<Bool>
    ) async throws -> Subscription<TradesFeed> {
        begins.put(true)
        return try await client.subscribe(to: .feed(trades))
    }

    @Test func `a subscribe that waits for its acknowledgement can be cancelled`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let other = try await Reader(
                BestBidOfferFeed(coin: "BTC"), through: .callback, on: client, until: .registered)
            let subscribing = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            // A connection that brings nothing at all would be replaced.
            try await venue.send(#"{"channel":"pong"}"#)
            subscribing.cancel()
            let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
            #expect(error?.code == .cancelled)
            try await venue.received(Messages.unsubscribe(trades))
            #expect(await client.subscriptions().map(\.id) == [other.id])
        }
    }

    @Test func `a subscribe that waits for the client to run can be cancelled`() async throws {
        let client = try HyperliquidClient(network: Addresses.dead())
        let subscribing = try await waitingSubscribe(on: client)
        subscribing.cancel()
        let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
        #expect(error?.code == .cancelled)
        await client.shutDown()
    }

    @Test func `a subscribe of a cancelled task throws`() async throws {
        try await withScript { client, venue in
            let subscribing = Task {
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                return try await client.subscribe(to: .feed(trades))
            }
            let error = await #expect(throws: HyperliquidError.self) { try await subscribing.value }
            #expect(error?.code == .cancelled)
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test func `one of two waiting subscribers of a feed can be cancelled`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let first = Task { try await client.subscribe(to: .feed(trades)) }
            try await venue.received(Messages.subscribe(trades))
            let second = try await waitingSubscribe(on: client)
            first.cancel()
            await #expect(throws: HyperliquidError.self) { try await first.value }
            try await venue.send(Messages.acknowledgement(Messages.subscribe(trades)), Messages.trade(1))
            #expect(try await Reader(try await second.value).data().map(\.number) == [1])
        }
    }

    @Test(arguments: [DeliveryMode.sequence, .batches, .group])
    func `a reader that waits for an event can be cancelled`(end: DeliveryMode) async throws {
        try await withScript { client, venue in
            let other = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .callback, on: client)
            let waits = Inbox<Bool>()
            let reading = Task {
                let reader = try await Reader(trades, through: end, on: client)
                waits.put(true)
                return try await reader.next() == nil
            }
            _ = try await waits.next()
            reading.cancel()
            #expect(try await reading.value)
            try await venue.received(Messages.unsubscribe(trades))
            #expect(await client.subscriptions().map(\.id) == [other.id])
        }
    }

    @Test func `a reader that always has something to read can be cancelled`() async throws {
        try await withScript { client, venue in
            let slow = try await client.subscribe(to: .feed(trades))
            let arrived = Inbox<Bool>()
            try await client.subscribe(to: .feed(trades)) { _ in arrived.put(true) }
            try await venue.send(Messages.trade(0))
            let reading = Task {
                var count = 0
                for try await _ in slow {
                    unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                    count += 1
                    let number = count
                    // A task of its own is not cancelled: the next event is there before it is asked for.
                    try await Task {
                        try await venue.send(Messages.trade(number))
                        _ = try await arrived.next()
                    }.value
                    if count == 100 { break }
                }
                return count
            }
            #expect(try await reading.value < 100)
            #expect(await client.subscription(slow.id) == nil)
        }
    }

    @Test func `an iterator that is kept after its task is cancelled unsubscribes`() async throws {
        try await withScript { client, venue in
            let subscription = try await client.subscribe(to: .feed(trades))
            let reading = Task {
                var iterator = subscription.makeAsyncIterator()
                unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
                let event = try await iterator.next()
                #expect(event == nil)
                // The venue hears of it while the iterator is still held.
                try await Task { _ = try await venue.received(Messages.unsubscribe(trades)) }.value
                withExtendedLifetime(iterator) {}
            }
            try await reading.value
        }
    }

    @Test func `cancelling the task that runs the client shuts it down`() async throws {
        let venue = try await ScriptedVenue.start()
        let client = try HyperliquidClient(
            network: .custom(api: venue.url, explorer: venue.url), configuration: .init(), engine: .quick)
        let running = Task { try await client.run() }
        let reader = try await Reader(trades, through: .sequence, on: client)
        running.cancel()
        #expect(try await reader.next() == nil)
        try await running.value
        #expect(try await venue.closed(0) == .byPeer(code: 1000, reason: ""))
        await venue.stop()
    }

    @Test func `cancelling the body of a client's scope shuts the client down`() async throws {
        let venue = try await ScriptedVenue.start()
        let network = HyperliquidNetwork.custom(api: venue.url, explorer: venue.url)
        let scope = Task {
            try await withHyperliquidClient(network: network) { client in
                for try await _ in try await client.subscribe(to: .feed(trades)) {}
            }
        }
        try await venue.received(Messages.subscribe(trades))
        scope.cancel()
        _ = await scope.result
        #expect(try await venue.closed(0) == .byPeer(code: 1000, reason: ""))
        await venue.stop()
    }

    @Test func `a shutdown goes on after its caller is cancelled`() async throws {
        try await withScript { client, venue in
            _ = try await Reader(trades, through: .callback, on: client)
            let ending = Task { await client.shutDown() }
            ending.cancel()
            await ending.value
            #expect(try await venue.closed(0) == .byPeer(code: 1000, reason: ""))
        }
    }
}
