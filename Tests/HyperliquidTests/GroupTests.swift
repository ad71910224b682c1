import Hyperliquid
import TestPacing
import Testing

/// Many subscriptions that one task reads.
@Suite("Groups", .overLoopback, .timeLimit(.minutes(30))) struct GroupTests {
    let coins: [Coin] = ["BTC", "ETH", "SOL"]

    /// Subscribes to the trades of each coin and reads them all in one place.
    func withGroup(
        delivery: DeliveryPolicy? = nil,
        _ body: (HyperliquidClient, ScriptedVenue, SubscriptionGroup<TradesFeed>, [SubscriptionID]) async throws -> Void
    ) async throws {
        try await withScript { client, venue in
            let group = SubscriptionGroup<TradesFeed>()
            var ids: [SubscriptionID] = []
            for coin in coins {
                let subscription = try await client.subscribe(to: .trades(coin), delivery: delivery)
                ids.append(subscription.id)
                group.add(subscription)
            }
            try await body(client, venue, group, ids)
        }
    }

    /// Waits until the trades of each coin have been unsubscribed from, in any order.
    func haveLeft(_ venue: ScriptedVenue) async throws {
        var awaited = Set(coins.map { Messages.unsubscribe(TradesFeed(coin: $0)) })
        while !awaited.isEmpty {
            if case .received(_, let text) = try await venue.facts.next() { awaited.remove(text) }
        }
    }

    @Test func `each member's events come in order, with its id and feed`() async throws {
        try await withGroup { client, venue, group, ids in
            var iterator = group.makeAsyncIterator()
            for round in 0..<4 {
                for coin in coins {
                    try await venue.send(Messages.trade(2 * round, coin: coin.name))
                    try await venue.send(Messages.trade(2 * round + 1, coin: coin.name))
                }
            }
            var numbers: [SubscriptionID: [Int]] = [:]
            while numbers.values.reduce(0, { $0 + $1.count }) < 24 {
                let batch = try #require(await iterator.next())
                #expect(!batch.isLast && !batch.events.isEmpty)
                #expect(ids.firstIndex(of: batch.id) == coins.firstIndex(of: batch.feed.coin))
                for trades in batch.events.compactMap(\.data) {
                    #expect(trades.allSatisfy { $0.coin == batch.feed.coin })
                    numbers[batch.id, default: []] += trades.map(\.number)
                }
            }
            for id in ids { #expect(numbers[id] == Array(0..<8)) }
        }
    }

    @Test func `events that came before a subscription was added are read`() async throws {
        try await withScript { client, venue in
            let subscription = try await client.subscribe(to: .trades("BTC"))
            let other = try await Reader(TradesFeed(coin: "BTC"), through: .callback, on: client)
            try await venue.send(Messages.trade(1))
            _ = try await other.data()
            let group = SubscriptionGroup<TradesFeed>()
            group.add(subscription)
            var iterator = group.makeAsyncIterator()
            #expect(await iterator.next()?.events.first?.data?.map(\.number) == [1])
        }
    }

    @Test func `a member that fails reports its error, and the others go on`() async throws {
        try await withGroup(delivery: .buffered(limit: 1)) { client, venue, group, ids in
            let witness = try await Reader(TradesFeed(coin: "ETH"), through: .callback, on: client)
            for number in 1...2 {
                try await venue.send(Messages.trade(number, coin: "ETH"))
                _ = try await witness.data()
            }
            // Answered when the read is over: the callback was called within it, the member's buffer overflowed at its end.
            #expect(await client.subscription(ids[1]) == nil)
            var iterator = group.makeAsyncIterator()
            #expect(await iterator.next()?.events.first?.data?.map(\.number) == [1])
            let last = try #require(await iterator.next())
            #expect(last.isLast && last.events.isEmpty && last.id == ids[1])
            #expect(last.failure?.code == .overflow)
            try await venue.send(Messages.trade(3, coin: "SOL"))
            let next = try #require(await iterator.next())
            #expect(next.id == ids[2] && !next.isLast && next.failure == nil)
        }
    }

    @Test func `a group waits for its first member and ends after its last one`() async throws {
        try await withScript { client, venue in
            let group = SubscriptionGroup<TradesFeed>()
            let reading = Task(executorPreference: client.taskExecutor) {
                await group.reduce(into: []) { $0.append($1.isLast) }
            }
            await client.untilReadersWait()
            let first = try await client.subscribe(to: .trades("BTC"))
            group.add(first)
            let second = try await client.subscribe(to: .trades("ETH"))
            group.add(second)
            try await client.unsubscribe(first.id)
            try await client.unsubscribe(second.id)
            #expect(await reading.value == [true, true])
        }
    }

    @Test func `a shutdown ends all members without an error`() async throws {
        try await withGroup { client, venue, group, ids in
            let reading = Task { await group.reduce(into: []) { $0.append($1) } }
            await client.shutDown()
            let last = await reading.value
            #expect(Set(last.map(\.id)) == Set(ids))
            #expect(last.allSatisfy { $0.isLast && $0.failure == nil })
        }
    }

    @Test func `each member keeps its own newest state`() async throws {
        try await withScript { client, venue in
            let group = SubscriptionGroup<BestBidOfferFeed>()
            for coin in coins { group.add(try await client.subscribe(to: .bbo(coin))) }
            let witness = try await Reader(BestBidOfferFeed(coin: "SOL"), through: .callback, on: client)
            for number in 1...5 {
                for coin in coins { try await venue.send(Messages.bbo(number, coin: coin.name)) }
                while try await witness.data().number != number {}
            }
            // Asked for on the client's loop, when the last read is over.
            #expect(await client.subscriptions().count == 4)
            var iterator = group.makeAsyncIterator()
            for _ in coins {
                let batch = try #require(await iterator.next())
                #expect(batch.events.map { $0.data?.number } == [5])
            }
        }
    }

    @Test func `leaving the loop unsubscribes all members while the group is held`() async throws {
        try await withGroup { client, venue, group, _ in
            try await venue.send(Messages.trade(1))
            for await _ in group { break }
            try await haveLeft(venue)
            // A subscription that is added now would never be read.
            group.add(try await client.subscribe(to: .trades("kPEPE")))
            try await venue.received(Messages.unsubscribe(TradesFeed(coin: "kPEPE")))
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test func `dropping an unread group unsubscribes all members`() async throws {
        try await withScript { client, venue in
            var group: SubscriptionGroup? = SubscriptionGroup<TradesFeed>()
            for coin in coins { group?.add(try await client.subscribe(to: .trades(coin))) }
            group = nil
            try await haveLeft(venue)
        }
    }

    @Test func `cancelling the reading task unsubscribes all members`() async throws {
        try await withGroup { client, venue, group, _ in
            let reading = Task(executorPreference: client.taskExecutor) { for await _ in group {} }
            await client.untilReadersWait()
            reading.cancel()
            await reading.value
            try await haveLeft(venue)
            #expect(await client.subscriptions().isEmpty)
        }
    }
}
