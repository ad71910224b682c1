import Hyperliquid
import HyperliquidEngine
import HyperliquidSimulator
import TestPacing
import Testing

@Suite("Gaps", .overLoopback, .timeLimit(.minutes(30))) struct GapTests {
    let trades = TradesFeed(coin: "BTC")
    let bbo = BestBidOfferFeed(coin: "BTC")

    static let faults: [FaultAction] = [.kill(.all), .expire(.all), .silence(.all)]

    @Test(arguments: faults)
    func `a gap comes before the feed goes on, whatever ended the connection`(fault: FaultAction) async throws {
        var engine = EngineConfiguration.quick
        let isStalled = fault == .silence(.all)
        if isStalled {
            engine.idleTimeout = .milliseconds(200)
            engine.pongTimeout = .milliseconds(100)
        }
        try await withExchange(engine: engine) { client, exchange in
            let reader = try await Reader(trades, through: .sequence, on: client)
            _ = try await reader.data()
            await exchange.perform(fault)
            let gap = try await reader.gap()
            #expect(gap.reason == .reconnected)
            #expect(gap.fromMilliseconds <= gap.toMilliseconds)
            #expect(gap.missedCount == nil)
            #expect(try await reader.data().allSatisfy { $0.coin == "BTC" })
            // A venue on a busy machine may fall silent for so short a time by itself, too.
            let gapCount = try await client.metrics(of: reader.id).gapCount
            #expect(isStalled ? gapCount >= 1 : gapCount == 1)
        }
    }

    @Test func `each subscription of a lost connection gets one gap`() async throws {
        try await withScript { client, venue in
            let first = try await Reader(trades, through: .callback, on: client)
            let second = try await Reader(bbo, through: .callback, on: client)
            try await venue.send(Messages.trade(1), Messages.bbo(1))
            _ = try await (first.data(), second.data())
            try await venue.kill(0)
            // Both are asked for again, in either order.
            for feed in [trades.request, bbo.request] { try await venue.asked(for: feed, on: 1) }
            try await venue.send(Messages.trade(2), Messages.bbo(2), to: 1)
            guard case .gap = try await first.event(), case .gap = try await second.event() else { throw Unexpected() }
            #expect(try await first.event().data?.map(\.number) == [2])
            #expect(try await second.event().data?.number == 2)
        }
    }

    @Test func `a connection lost before the first acknowledgement causes no gap`() async throws {
        try await withScript(acknowledges: false) { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client, until: .registered)
            try await venue.received(Messages.subscribe(trades))
            try await venue.acknowledge(true)
            try await venue.expire(0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            try await venue.send(Messages.trade(1), to: 1)
            #expect(try await reader.event().data?.map(\.number) == [1])
        }
    }

    @Test func `events that a replay repeats after a gap are not delivered twice`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            try await venue.send(Messages.trade(1, 2), Messages.trade(3))
            _ = try await (reader.data(), reader.data())
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(trades), on: 1)
            try await venue.send(Messages.trade(2, 3, 4), Messages.trade(5), to: 1)
            _ = try await reader.gap()
            #expect(try await reader.data().map(\.number) == [4])
            #expect(try await reader.data().map(\.number) == [5])
        }
    }

    @Test func `the full state after a gap is a snapshot`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(bbo, through: .callback, on: client)
            try await venue.send(Messages.bbo(1), Messages.bbo(2))
            guard case .snapshot = try await reader.event(), case .update = try await reader.event() else {
                throw Unexpected()
            }
            try await venue.kill(0)
            try await venue.received(Messages.subscribe(bbo), on: 1)
            try await venue.send(Messages.bbo(3), Messages.bbo(4), to: 1)
            guard case .gap = try await reader.event(), case .snapshot(let state) = try await reader.event() else {
                throw Unexpected()
            }
            #expect(state.number == 3)
            guard case .update = try await reader.event() else { throw Unexpected() }
        }
    }

    @Test func `messages that cannot be decoded cause one gap until the next good one`() async throws {
        try await withScript { client, venue in
            let reader = try await Reader(trades, through: .callback, on: client)
            let bad = Messages.trade(2).replacing(#""sz":"1.0""#, with: #""sz":"""#)
            try await venue.send(Messages.trade(1), bad, bad, Messages.trade(3))
            _ = try await reader.event()
            for _ in 0..<2 {
                guard case .undecodable = try await reader.event() else { throw Unexpected() }
            }
            guard case .gap(let gap) = try await reader.event() else { throw Unexpected() }
            #expect(gap.reason == .undecodable)
            #expect(try await reader.event().data?.map(\.number) == [3])
            let metrics = try await client.metrics(of: reader.id)
            #expect(metrics.undecodableCount == 2)
            #expect(metrics.gapCount == 1)
        }
    }
}
