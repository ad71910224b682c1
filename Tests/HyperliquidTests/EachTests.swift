import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import NIOConcurrencyHelpers
import TestPacing
import Testing

/// Groups over the coins that a filter picks, while the listings change.
@Suite("Groups that follow the listings", .overLoopback, .timeLimit(.minutes(30))) struct EachTests {
    /// Reads a group and notes for each coin what came, in order.
    private struct Reading<F: Feed> {
        var iterator: SubscriptionGroup<F>.AsyncIterator
        var last: [Coin: HyperliquidError?] = [:]
        var seen: Set<Coin> = []

        init(_ group: SubscriptionGroup<F>) { iterator = group.makeAsyncIterator() }

        /// Reads until a condition holds.
        mutating func read(until isDone: (Reading) -> Bool) async throws {
            while !isDone(self) {
                let batch = try #require(await iterator.next())
                let coin = Coin(try #require(batch.feed.request.coin))
                if batch.isLast {
                    last[coin] = .some(batch.failure)
                    seen.remove(coin)
                } else {
                    seen.insert(coin)
                }
            }
        }
    }

    @Test func `a group has the coins of a dex, and follows what is listed and delisted`() async throws {
        try await withExchange { client, exchange in
            let group = try await client.subscribe(toEach: .perpetuals(dex: "xyz"), of: { .bbo($0) })
            var reading = Reading(group)
            let coins: Set<Coin> = ["xyz:SP500", "xyz:TSLA", "xyz:GOLD", "xyz:XYZ100"]
            try await reading.read { $0.seen == coins }

            await exchange.perform(.list("xyz:NEW"))
            await exchange.perform(.list("OTHER"))
            await exchange.perform(.delist("xyz:TSLA"))
            _ = try await client.universe(maximumAge: .zero)
            try await reading.read { $0.seen.contains("xyz:NEW") && !$0.last.isEmpty }
            #expect(reading.last["xyz:TSLA"]??.code == .delisted)
            #expect(reading.last["xyz:TSLA"]??.message.contains("the venue has delisted xyz:TSLA") == true)
            #expect(await client.subscriptions().map(\.request.coin).contains("xyz:TSLA") == false)

            // Listed once more, it is a member once more, behind its own end.
            reading.last = [:]
            await exchange.perform(.list("xyz:TSLA"))
            _ = try await client.universe(maximumAge: .zero)
            try await reading.read { $0.seen.contains("xyz:TSLA") }
            #expect(reading.last.isEmpty)
            #expect(Set(await client.subscriptions().map(\.request.coin)) == Set(coins.map(\.name) + ["xyz:NEW"]))
            #expect(await client.connectionInfo().connections.allSatisfy { $0.reconnectCount == 0 })
        }
    }

    @Test func `a pair that is not listed any more is ended by the second answer`() async throws {
        try await withExchange { client, exchange in
            let group = try await client.subscribe(toEach: .spot(quote: "USDC"), of: { .l2Book($0, nSigFigs: 5) })
            var reading = Reading(group)
            try await reading.read { $0.seen.contains("@107") }
            await exchange.perform(.delist("@107"))
            // Books come at intervals: the one on the way is the last.
            while reading.last.isEmpty {
                _ = try await client.universe(maximumAge: .zero)
                if await client.subscriptions().contains(where: { $0.request.coin == "@107" }) { continue }
                try await reading.read { !$0.last.isEmpty }
            }
            #expect(reading.last["@107"]??.code == .delisted)
            #expect(reading.last["@107"]??.message.contains("does not list @107 any more") == true)
        }
    }

    @Test func `a new coin that another feed shows is followed without being asked for`() async throws {
        try await withExchange(listings: ListingState(evidencePause: .zero)) { client, exchange in
            let mids = try await client.subscribe(to: .allMids())
            let group = try await client.subscribe(toEach: .perpetuals(dex: ""), of: { .bbo($0) })
            var reading = Reading(group)
            try await reading.read { $0.seen.contains("BTC") }
            await exchange.perform(.list("NEW"))
            try await reading.read { $0.seen.contains("NEW") }
            _ = mids
        }
    }

    @Test func `an outcome that those who follow outcomes are told of is followed`() async throws {
        try await withExchange(listings: ListingState(evidencePause: .zero)) { client, exchange in
            let updates = try await client.subscribe(to: .outcomeMetaUpdates)
            let group = try await client.subscribe(toEach: .outcomes, of: { .bbo($0) })
            var reading = Reading(group)
            try await reading.read { $0.seen.contains("#14720") }
            await exchange.perform(.list("#20000"))
            try await reading.read { $0.seen.isSuperset(of: ["#20000", "#20001"]) }
            _ = updates
        }
    }

    @Test func `an answer about outcomes alone says nothing about a pair that was missing`() async throws {
        try await withExchange(listings: ListingState(evidencePause: .zero)) { client, exchange in
            let group = try await client.subscribe(toEach: .matching("@107") || .outcomes, of: { .trades($0) })
            var reading = Reading(group)
            await exchange.perform(.delist("@107"))
            _ = try await client.universe(maximumAge: .zero)
            let updates = try await client.subscribe(to: .outcomeMetaUpdates)
            await exchange.perform(.list("#20000"))
            try await reading.read { $0.seen.contains("#20000") }
            #expect(await client.subscriptions().contains { $0.request.coin == "@107" })
            _ = try await client.universe(maximumAge: .zero)
            try await reading.read { !$0.last.isEmpty }
            #expect(Array(reading.last.keys) == ["@107"])
            _ = updates
        }
    }

    @Test(arguments: [1, 2, 3, 4] as [UInt64])
    func `whatever is listed and delisted, at the end the group has what is listed, and nothing follows an end`(
        seed: UInt64
    ) async throws {
        try await withExchange { client, exchange in
            var random = SplitMix64(seed: seed)
            let filter: MarketFilter = .perpetuals(dex: "xyz") || .spot(quote: "USDC") || .outcomes
            var listed = Set(try await client.universe().markets(filter).map(\.coin))
            let new: [Coin] = ["xyz:A", "xyz:B", "xyz:C", "@301", "@302", "#20000", "#20001"]
            let pool = (Array(listed) + new).sorted()
            let group = try await client.subscribe(toEach: filter, of: { .bbo($0) })
            let reader = Task(executorPreference: client.taskExecutor) {
                var ended: Set<SubscriptionID> = []
                for await batch in group {
                    #expect(!ended.contains(batch.id), "seed \(seed): \(batch.feed) goes on after its end")
                    #expect(batch.failure == nil || batch.failure?.code == .delisted, "seed \(seed)")
                    if batch.isLast { ended.insert(batch.id) }
                }
            }
            for _ in 0..<12 {
                for _ in 0..<Int.random(in: 1...3, using: &random) {
                    let coin = pool.randomElement(using: &random) ?? "xyz:A"
                    // Both sides of an outcome are listed and delisted together.
                    let isOutcome = coin.name.hasPrefix("#")
                    let coins = isOutcome ? ["0", "1"].map { Coin(coin.name.dropLast() + $0) } : [coin]
                    await exchange.perform(listed.contains(coin) ? .delist(coin) : .list(coin))
                    if listed.contains(coin) { listed.subtract(coins) } else { listed.formUnion(coins) }
                }
                _ = try await client.universe(maximumAge: .zero)
            }
            // What an answer leaves out, and still brings data, is ended by a later one.
            func followed() async -> Set<Coin> {
                Set(await client.subscriptions().compactMap(\.request.coin).map { Coin($0) })
            }
            for _ in 0..<1000 where await followed() != listed { _ = try await client.universe(maximumAge: .zero) }
            #expect(await followed() == listed, "seed \(seed)")
            await client.shutDown()
            await reader.value
        }
    }

    @Test func `a group of which every coin is delisted waits for the next one`() async throws {
        try await withExchange { client, exchange in
            await exchange.perform(.list("abc:ONE"))
            let group = try await client.subscribe(toEach: .perpetuals(dex: "abc"), of: { .bbo($0) })
            let reader = Task(executorPreference: client.taskExecutor) {
                var reading = Reading(group)
                try await reading.read { $0.seen.contains("abc:TWO") }
                return reading.last.keys.map(\.name)
            }
            await exchange.perform(.delist("abc:ONE"))
            _ = try await client.universe(maximumAge: .zero)
            await client.untilReadersWait()
            await exchange.perform(.list("abc:TWO"))
            _ = try await client.universe(maximumAge: .zero)
            #expect(try await reader.value == ["abc:ONE"])
        }
    }

    // MARK: Limits

    @Test func `what has no place is told before, waits, and can be refused at once`() async throws {
        var engine = EngineConfiguration.quick
        engine.limits.subscriptions = 3
        var configuration = ClientConfiguration()
        configuration.limits.subscriptions = 3
        try await withExchange(engine: engine, configuration: configuration) { client, _ in
            let plan = try await client.plan(toEach: .perpetuals(dex: "xyz"), of: { .bbo($0) })
            #expect(plan.requests.count == 4 && plan.waiting.count == 1 && plan.connectionCount == 1)
            #expect(plan.waiting.first?.limit == "subscriptions")
            #expect(plan.description.contains("1 would wait for the limit on subscriptions (3 of 3)"), "\(plan)")
            #expect(await client.subscriptions().isEmpty, "a plan subscribes to nothing")

            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(
                    toEach: .perpetuals(dex: "xyz"), of: { .bbo($0) }, waitsForLimits: false)
            }
            #expect(error?.code == .limitReached && error?.message.contains("Of 4 subscriptions, 1 would wait") == true)
            #expect(await client.subscriptions().isEmpty)

            let group = try await client.subscribe(toEach: .perpetuals(dex: "xyz"), of: { .bbo($0) })
            var reading = Reading(group)
            try await reading.read { $0.seen.count == 3 }
            #expect(await client.subscriptions().filter { $0.state != .live }.count == 1)
            let one = try #require(await client.subscriptions().first { $0.state == .live })
            try await client.unsubscribe(one.id)
            try await reading.read { $0.seen.count == 3 && $0.last.count == 1 }
            #expect(reading.last.values.allSatisfy { $0 == nil }, "unsubscribed, not failed")
            // It stays unsubscribed.
            _ = try await client.universe(maximumAge: .zero)
            #expect(await client.subscriptions().count == 3)
        }
    }

    @Test func `all of 900 coins are live on one connection`() async throws {
        var exchange = ExchangeConfiguration.quick
        exchange.marketSize = .full
        try await withExchange(exchange) { client, exchange in
            for number in 1...440 { await exchange.perform(.list(Coin("NEW\(number)"))) }
            let plan = try await client.plan(toEach: .all, of: { .bbo($0) })
            #expect(plan.requests.count >= 900 && plan.waiting.isEmpty && plan.connectionCount == 1, "\(plan)")
            let group = try await client.subscribe(toEach: .all, of: { .bbo($0) })
            var reading = Reading(group)
            try await reading.read { $0.seen.count == plan.requests.count }
            #expect(reading.last.isEmpty)
        }
    }

    // MARK: Wrong input and ends

    @Test func `invalid feeds, buffers and intervals are refused`() async throws {
        try await withExchange { client, _ in
            let invalid = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(toEach: .spot, of: { .l2Book($0, nSigFigs: 9) })
            }
            #expect(invalid?.code == .invalidFeed)
            let buffer = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(toEach: .spot, of: { .trades($0) }, delivery: .buffered(limit: 0))
            }
            #expect(buffer?.code == .invalidConfiguration)
            let interval = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(toEach: .spot, of: { .trades($0) }, refreshInterval: .seconds(9))
            }
            #expect(interval?.code == .invalidConfiguration)
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test func `without an answer of the venue there is no group, and the error says so`() async throws {
        try await withScript { client, _ in
            let error = await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(toEach: .all, of: { .bbo($0) }, timeout: .milliseconds(50))
            }
            #expect(error?.code == .timedOut)
        }
    }

    @Test func `a group waits for its first coin, and ends with the client`() async throws {
        let group = try await withExchange { client, exchange in
            let group = try await client.subscribe(toEach: .perpetuals(dex: "abc"), of: { .trades($0) })
            await exchange.perform(.list("abc:NEW"))
            _ = try await client.universe(maximumAge: .zero)
            return group
        }
        var ended = 0
        for await batch in group where batch.isLast {
            #expect(batch.failure == nil && batch.feed.coin == "abc:NEW")
            ended += 1
        }
        #expect(ended == 1)
    }

    @Test func `leaving the loop unsubscribes from all, and nothing is followed any more`() async throws {
        try await withExchange { client, exchange in
            for await batch in try await client.subscribe(toEach: .perpetuals(dex: "xyz"), of: { .bbo($0) }) {
                #expect(!batch.isLast)
                break
            }
            await exchange.perform(.list("xyz:NEW"))
            _ = try await client.universe(maximumAge: .zero)
            #expect(await client.subscriptions().isEmpty)
        }
    }
}
