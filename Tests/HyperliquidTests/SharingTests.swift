import Hyperliquid
import TestPacing
import Testing

@Suite("Sharing a feed", .overLoopback, .timeLimit(.minutes(30))) struct SharingTests {
    let trades = TradesFeed(coin: "BTC")

    @Test func `subscribers of one feed share one subscription, each with an id and metrics of its own`() async throws {
        try await withScript { client, venue in
            let first = try await Reader(trades, through: .sequence, on: client)
            try await venue.send(Messages.trade(1))
            _ = try await first.data()
            let second = try await Reader(trades, through: .callback, on: client)
            #expect(first.id != second.id)
            try await venue.send(Messages.trade(2))
            #expect(try await first.data().map(\.number) == [2])
            #expect(try await second.data().map(\.number) == [2])
            #expect(try await client.metrics(of: first.id).messageCount == 2)
            #expect(try await client.metrics(of: second.id).messageCount == 1)
            let connections = await client.connectionInfo().connections
            #expect(connections.map(\.feeds) == [[trades.request]])
            #expect(try await venue.subscribeCount() == 1)
        }
    }

    @Test func `the last subscriber to leave a feed unsubscribes from it at the venue`() async throws {
        try await withScript { client, venue in
            var readers: [Reader<TradesFeed>] = []
            for end in DeliveryMode.allCases { readers.append(try await Reader(trades, through: end, on: client)) }
            let last = try #require(readers.last)
            for (number, reader) in readers.dropLast().enumerated() {
                try await client.unsubscribe(reader.id)
                try await venue.send(Messages.trade(number))
                #expect(try await last.data().map(\.number) == [number])
            }
            #expect(!venue.facts.takeAll().contains(.received(0, Messages.unsubscribe(trades))))
            try await client.unsubscribe(last.id)
            try await venue.received(Messages.unsubscribe(trades))
        }
    }

    @Test func `two spellings of a feed share one subscription`() async throws {
        try await withScript { client, venue in
            let address = "0x" + String(repeating: "aB", count: 20)
            let upper = RawFeed(type: "userFills", fields: [("user", .string(address))])
            let lower = RawFeed(
                type: "userFills",
                fields: [("aggregateByTime", .boolean(false)), ("user", .string(address.lowercased()))])
            let first = try await client.subscribe(to: .feed(upper), until: .registered)
            let held = try await client.subscribe(to: .feed(upper))
            let other = try await client.subscribe(to: .feed(lower))
            #expect(await client.connectionInfo().connections.flatMap(\.feeds).count == 1)
            #expect(try await venue.subscribeCount() == 1)
            for id in [first.id, held.id, other.id] { try await client.unsubscribe(id) }
        }
    }

    @Test func `a raw and a typed subscriber share a subscription and each reads in its own way`() async throws {
        try await withScript { client, venue in
            let typed = try await Reader(trades, through: .callback, on: client)
            let raw = try await Reader(RawFeed(trades.request), through: .callback, on: client)
            try await venue.send(Messages.trade(5))
            #expect(try await typed.data().map(\.number) == [5])
            #expect(try await raw.data().text.contains(#""tid":5"#))
            #expect(try await venue.subscribeCount() == 1)
        }
    }

    @Test func `a later subscriber is given the state of a live feed first`() async throws {
        try await withScript { client, venue in
            let first = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .sequence, on: client)
            try await venue.send(Messages.bbo(1), Messages.bbo(2))
            while try await first.data().number != 2 {}
            let second = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .sequence, on: client)
            guard case .snapshot(let state) = try await second.event() else { throw Unexpected() }
            #expect(state.number == 2)
            try await venue.send(Messages.bbo(3))
            guard case .update(let update) = try await second.event() else { throw Unexpected() }
            #expect(update.number == 3)
        }
    }

    @Test func `a later subscriber of a candle is given the running one`() async throws {
        try await withScript { client, venue in
            let feed = CandleFeed(coin: "BTC", interval: .oneMinute)
            func message(_ close: Int) -> String {
                #"{"channel":"candle","data":{"t":0,"T":59999,"s":"BTC","i":"1m","o":"1","c":"\#(close)","h":"9","l":"1","#
                    + #""v":"1","n":\#(close)}}"#
            }
            let first = try await Reader(feed, through: .sequence, on: client)
            try await venue.send(message(1), message(2))
            while try await first.data().tradeCount != 2 {}
            let second = try await Reader(feed, through: .sequence, on: client)
            guard case .snapshot(let running) = try await second.event() else { throw Unexpected() }
            #expect(running.tradeCount == 2)
            try await venue.send(message(3))
            guard case .update(let next) = try await second.event() else { throw Unexpected() }
            #expect(next.tradeCount == 3)
        }
    }

    @Test func `a later subscriber of fundings is given the held rows, and the times of the others`() async throws {
        try await withScript { client, venue in
            let feed = UserFundingsFeed(user: .example)
            func message(_ time: Int, isSnapshot: Bool = false) -> String {
                #"{"channel":"userFundings","data":{\#(isSnapshot ? #""isSnapshot":true,"# : "")"#
                    + #""user":"\#(Address.example)","fundings":[{"time":\#(time),"coin":"ETH","usdc":"-0.42","#
                    + #""szi":"2.0","fundingRate":"0.1","nSamples":null}]}}"#
            }
            let first = try await Reader(feed, through: .callback, on: client)
            try await venue.send(message(1, isSnapshot: true))
            for time in 2...301 { try await venue.send(message(time)) }
            while try await first.data().rows.last?.timeMilliseconds != 301 {}
            let second = try await Reader(feed, through: .sequence, on: client)
            guard case .snapshot = try await second.event(), case .gap(let gap) = try await second.event() else {
                throw Unexpected()
            }
            #expect(gap == Gap(reason: .lateJoin, fromMilliseconds: 2, toMilliseconds: 129, missedCount: 128))
            for time in 130...301 as ClosedRange<Int64> {
                #expect(try await second.data().rows.map(\.timeMilliseconds) == [time])
            }
            #expect(try await client.metrics(of: second.id).gapCount == 1)
            #expect(try await client.metrics(of: first.id).gapCount == 0)
        }
    }

    @Test func `a later subscriber of trades is given no earlier trades`() async throws {
        try await withScript { client, venue in
            let first = try await Reader(trades, through: .sequence, on: client)
            try await venue.send(Messages.trade(1), Messages.trade(2))
            while try await first.data().map(\.number) != [2] {}
            let second = try await Reader(trades, through: .sequence, on: client)
            try await venue.send(Messages.trade(3))
            guard case .update(let update) = try await second.event() else { throw Unexpected() }
            #expect(update.map(\.number) == [3])
        }
    }

    @Test func `a subscriber that joins while the connection is down is given no old state`() async throws {
        try await withScript { client, venue in
            let first = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .sequence, on: client)
            try await venue.send(Messages.bbo(1))
            _ = try await first.data()
            try await venue.acknowledge(false)
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(BestBidOfferFeed(coin: "BTC")), on: 1)
            let second = try await Reader(
                BestBidOfferFeed(coin: "BTC"), through: .callback, on: client, until: .registered)
            try await venue.send(Messages.bbo(2), to: 1)
            guard case .gap = try await second.event() else { throw Unexpected() }
            #expect(try await second.data().number == 2)
        }
    }

    @Test func `a dropped sequence unsubscribes`() async throws {
        try await withScript { client, venue in
            do {
                let subscription = try await client.subscribe(to: .feed(trades))
                #expect(await client.subscription(subscription.id) != nil)
            }
            try await venue.received(Messages.unsubscribe(trades))
            #expect(await client.subscriptions().isEmpty)
        }
    }

    @Test func `leaving the loop unsubscribes while the sequence is still held`() async throws {
        try await withScript { client, venue in
            let subscription = try await client.subscribe(to: .feed(trades))
            try await venue.send(Messages.trade(1))
            for try await _ in subscription { break }
            try await venue.received(Messages.unsubscribe(trades))
            #expect(await client.subscription(subscription.id) == nil)
        }
    }

    @Test func `a sequence that only its iterator holds goes on`() async throws {
        try await withScript { client, venue in
            var numbers: [Int] = []
            try await venue.whenReceived(Messages.subscribe(trades), send: Messages.trade(1))
            for try await event in try await client.subscribe(to: .feed(trades)) {
                numbers += event.data?.map(\.number) ?? []
                if numbers.count == 3 { break }
                // A round through the client's loop: were the subscription given up, it would have ended by now.
                #expect(await client.subscriptions().count == 1)
                try await venue.send(Messages.trade(numbers.count + 1))
            }
            #expect(numbers == [1, 2, 3])
        }
    }

    @Test func `cancelling the task that reads unsubscribes`() async throws {
        try await withScript { client, venue in
            let subscription = try await client.subscribe(to: .feed(trades))
            let seen = Inbox<Bool>()
            let task = Task {
                for try await _ in subscription { seen.put(true) }
            }
            try await venue.send(Messages.trade(1))
            _ = try await seen.next()
            task.cancel()
            try await venue.received(Messages.unsubscribe(trades))
            try await task.value
        }
    }
}
