import CoreMetrics
import Hyperliquid
import Logging
import TestPacing
import Testing

@Suite("Metrics", .overLoopback, .timeLimit(.minutes(30))) struct MetricsTests {
    let trades = TradesFeed(coin: "BTC")

    @Test func `metrics count messages, not the trades in them, with their bytes and times`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let before = try await client.metrics(of: reader.id)
            #expect(before.messageCount == 0 && before.byteCount == 0 && before.lastMessageMilliseconds == nil)
            let texts = [Messages.trade(1, 2, 3), Messages.trade(4)]
            for text in texts { try await venue.send(text) }
            _ = try await (reader.data(), reader.data())
            let metrics = try await client.metrics(of: reader.id)
            #expect(metrics.id == reader.id)
            #expect(metrics.messageCount == 2)
            #expect(metrics.messagesInLastMinute == 2)
            #expect(metrics.byteCount == texts.reduce(0) { $0 + $1.utf8.count })
            let subscribed = try #require(metrics.subscribedMilliseconds)
            let last = try #require(metrics.lastMessageMilliseconds)
            #expect(subscribed <= last)
            // Both times are rounded down: they may be up to a millisecond nearer to each other than they look.
            #expect(metrics.uptime > .milliseconds(last - subscribed - 1))
            #expect(await client.allMetrics().map(\.messageCount) == [2])
        }
    }

    @Test func `the lag is the time that an update took longer than the fastest one, and a replay has none`()
        async throws
    {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            try await venue.send(Messages.trade(1))
            _ = try await reader.data()
            #expect(try await client.metrics(of: reader.id).lag == nil)
            try await venue.send(Messages.trade(2, time: 1_790_000_000_000))
            _ = try await reader.data()
            let metrics = try await client.metrics(of: reader.id)
            let last = try #require(metrics.lastMessageMilliseconds)
            // Three clocks, each rounded to a millisecond.
            #expect(try #require(metrics.lag) <= .milliseconds(2), "the only one is the fastest")
            let skew = try #require(await client.connectionInfo().clockSkew)
            #expect(abs(skew / .milliseconds(1) - Double(last - 1_790_000_000_000)) <= 1000)
            try await venue.send(Messages.trade(21, time: 1_789_999_995_000))
            _ = try await reader.data()
            #expect(try #require(await client.metrics(of: reader.id).lag) >= .milliseconds(4990))
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            try await venue.send(Messages.trade(3), to: 1)
            #expect(try await reader.gap().reason == .reconnected)
            guard case .snapshot = try await reader.event() else { throw Unexpected() }
            #expect(try await client.metrics(of: reader.id).lag == nil)
            try await venue.send(Messages.trade(4), to: 1)
            _ = try await reader.data()
            #expect(try await client.metrics(of: reader.id).lag != nil)
            try await venue.send(#"{"channel":"trades","data":[{"coin":"BTC"}]}"#, to: 1)
            guard case .undecodable = try await reader.event() else { throw Unexpected() }
            #expect(try await client.metrics(of: reader.id).lag == nil)
        }
    }

    @Test func `a callback that holds up the loop is counted and logged`() async throws {
        let log = LogInbox()
        try await withScript(configuration: log.configuration) { client, venue in
            let other = try await Reader(BestBidOfferFeed(coin: "BTC"), through: .callback, on: client)
            let id = try await client.subscribe(to: .feed(trades)) { _ in
                let clock = ContinuousClock()
                let end = clock.now.advanced(by: .milliseconds(30))
                while clock.now < end {}
            }
            try await venue.send(Messages.trade(1), Messages.bbo(1))
            _ = try await other.data()
            // On a busy machine others may be held up too.
            let line = try await log.lines.first { line in
                let isMine =
                    line.message == "Callback held up the client's loop" && line.metadata["subscription"] == "\(id)"
                return isMine ? line : nil
            }
            #expect(line.level == .warning)
            #expect(line.metadata["feed"] == "\(trades.request)")
            #expect(try await client.metrics(of: id).slowCallCount == 1)
            let all = await client.allMetrics().reduce(0) { $0 + $1.slowCallCount }
            #expect(await client.connectionInfo().slowCallCount == all)
        }
    }

    @Test func `every emitted metric carries the network's name`() async throws {
        let recorder = MetricsRecorder.shared
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let bad = Messages.trade(2).replacing(#""side":"A""#, with: #""side":7"#)
            // The last is one that the reader sees: what a killed connection has not read is lost.
            try await venue.send(Messages.trade(1), bad, Messages.bbo(1), Messages.trade(3))
            for _ in 0..<4 { _ = try await reader.event() }
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            try await venue.send(Messages.trade(4), to: 1)
            _ = try await reader.gap()
            // The gap is told before the message that follows it has been read.
            _ = try await reader.data()
            await #expect(throws: HyperliquidError.self) {
                try await client.subscribe(to: .trades("ETH"), waitsForLimits: false, timeout: .zero)
            }
            await client.shutDown()
            let network = client.network.description
            // Four of the first connection and one of the second, each with an acknowledgement or two.
            #expect(recorder.value("hyperliquid.messages", network) >= 7)
            #expect(recorder.value("hyperliquid.bytes", network) > 1000)
            #expect(recorder.value("hyperliquid.unrouted", network) == 1)
            #expect(recorder.value("hyperliquid.undecodable", network) == 1)
            #expect(recorder.value("hyperliquid.gaps", network, ("reason", "reconnected")) == 1)
            #expect(recorder.value("hyperliquid.connections_opened", network) == 2)
            #expect(recorder.value("hyperliquid.connections_ended", network) == 2)
            #expect(recorder.value("hyperliquid.subscriptions_failed", network, ("code", "timedOut")) == 1)
            #expect(recorder.value("hyperliquid.subscriptions", network) == 0)
            #expect(recorder.value("hyperliquid.connections", network) == 0)
        }
    }
}
