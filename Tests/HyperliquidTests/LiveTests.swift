import Hyperliquid
import HyperliquidSimulator
import TestPacing
import Testing

#if ServiceLifecycle
import ServiceLifecycle
#endif

@Suite("Live books and candles", .overLoopback, .timeLimit(.minutes(30))) struct LiveTests {
    @Test func `a live book is merged from three feeds, and valid once the full book has come`() async throws {
        try await withSteppedExchange { client, exchange in
            let book = try await client.orderBook("BTC")
            #expect(await client.subscriptions().count == 3)
            try await exchange.step(by: .seconds(10))
            let reading = book.current
            #expect(reading.state == .valid)
            #expect(reading.book.bids.count >= 20)
            #expect(try #require(reading.book.spread) > 0)
            var iterator = book.makeAsyncIterator()
            #expect(try await iterator.next()?.state == .valid)
            let other = book.makeAsyncIterator()
            _ = other
            book.cancel()
            #expect(try await iterator.next() == nil)
            while await !client.subscriptions().isEmpty { await Task.yield() }
        }
    }

    @Test func `a live book is stale from the loss of a connection until its feeds are back`() async throws {
        try await withSteppedExchange { client, exchange in
            let book = try await client.orderBook("BTC")
            try await exchange.step(by: .seconds(10))
            #expect(book.current.state == .valid)
            await exchange.perform(.kill(.all))
            var states: [LiveOrderBook.State] = []
            for try await reading in book {
                states.append(reading.state)
                if case .stale = reading.state { break }
            }
            while book.current.state != .valid { try await exchange.step(by: .seconds(1)) }
        }
    }

    @Test func `dropping a live book unsubscribes its feeds`() async throws {
        try await withSteppedExchange { client, _ in
            var book: LiveOrderBook? = try await client.orderBook("BTC")
            #expect(book?.current.state == .valid)
            book = nil
            while await !client.subscriptions().isEmpty { await Task.yield() }
        }
    }

    @Test func `a book that cannot be had leaves nothing behind`() async throws {
        let client = try HyperliquidClient(network: Addresses.dead())
        let error = await #expect(throws: HyperliquidError.self) {
            try await client.orderBook("BTC", timeout: .milliseconds(20))
        }
        #expect(error?.code == .notRunning)
        while await !client.subscriptions().isEmpty { await Task.yield() }
        await client.shutDown()
    }

    @Test func `each closed candle is read once, in order, by every reader`() async throws {
        try await withSteppedExchange { client, exchange in
            let candles = try await client.candles("BTC", interval: .oneMinute)
            for _ in 0..<5 { try await exchange.step(by: .seconds(60)) }
            for _ in 0..<2 {
                var times: [Int64] = []
                for try await closed in candles {
                    times.append(closed.candle.openTimeMilliseconds)
                    if times.count == 4 { break }
                }
                #expect(times == (0..<4).map { times[0] + $0 * 60_000 })
            }
            #expect(candles.current.current != nil)
            candles.cancel()
            var iterator = candles.makeAsyncIterator()
            while try await iterator.next() != nil {}
        }
    }

    #if ServiceLifecycle
    struct BookReader: Service {
        let client: HyperliquidClient
        let began: Inbox<Bool>

        func run() async throws {
            let book = try await client.orderBook("BTC")
            began.put(true)
            for try await _ in book {}
        }
    }

    @Test(arguments: [true, false]) func `a service that reads a book ends with its group`(clientFirst: Bool)
        async throws
    {
        let venue = try await ScriptedVenue.start()
        let client = try HyperliquidClient(
            network: .custom(api: venue.url, explorer: venue.url), configuration: .init(), engine: .quick)
        let reader = BookReader(client: client, began: Inbox())
        let group = ServiceGroup(quiet: clientFirst ? [client, reader] : [reader, client])
        let running = Task { try await group.run() }
        _ = try await reader.began.next()
        await group.triggerGracefulShutdown()
        try await running.value
        await venue.stop()
    }
    #endif
}
