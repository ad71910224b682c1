import HyperliquidSimulator
import HyperliquidWire
import Testing

/// docs/protocol.md, "R5": faults of single subscriptions.
@Suite("Faults of subscriptions") struct SubscriptionFaultTests {
    private static let bbo = FeedRequest(type: "bbo", fields: [("coin", "BTC")])
    private static let fills = FeedRequest(type: "userFills", fields: [("user", .string(alice))])
    private static let ends: [(FaultAction.ConnectionEnd, VirtualExchange.End)] = [
        (.drop, .dropped), (.close(code: 1011, reason: "internal"), .closed(1011, "internal")),
        (.close(code: 1000, reason: ""), .closed(1000, "")),
    ]

    /// Expects that a connection ended within the delays of poison after `start`.
    private func expectEnd(
        _ end: VirtualExchange.End, after start: Instant, in exchange: VirtualExchange,
        location: SourceLocation = #_sourceLocation
    ) {
        #expect(exchange.ends == [1: end], sourceLocation: location)
        let delay = start.duration(to: exchange.endTimes[1] ?? start)
        #expect((.milliseconds(90) ... .milliseconds(155)).contains(delay), sourceLocation: location)
    }

    // MARK: Poison

    @Test(arguments: ends.indices) func `the subscribe of a poisonous subscription ends the connection unanswered`(
        _ index: Int
    ) {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.fault(.poison(Self.bbo, .init(end: Self.ends[index].0)))
        #expect(exchange.exchange.verdict(on: Self.bbo) == .poison)
        exchange.subscribe(#""coin":"BTC","more":1,"type":"bbo""#)
        exchange.subscribe(#""type":"bbo","coin":"ETH""#, on: 2)
        exchange.run(.seconds(1))
        expectEnd(Self.ends[index].1, after: .start, in: exchange)
        #expect(exchange.received().isEmpty)
    }

    @Test(arguments: ends.indices) func `a live subscription that becomes poisonous ends its connection`(_ index: Int) {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.subscribe(#""type":"bbo","coin":"ETH""#, on: 2)
        exchange.run(.seconds(5))
        let start = exchange.now
        exchange.fault(.poison(Self.bbo, .init(end: Self.ends[index].0)))
        exchange.run(.seconds(1))
        expectEnd(Self.ends[index].1, after: start, in: exchange)
    }

    @Test func `an acknowledged poison brings data before the connection ends, however late the answer`() {
        var exchange = VirtualExchange { $0.subscriptionLimit = 1 }
        exchange.open()
        exchange.fault(.delayAnswers(.seconds(2)))
        exchange.fault(.poison(Self.fills, .init(isAcknowledged: true)))
        #expect(exchange.exchange.verdict(on: Self.fills) == .poison)
        exchange.subscribe(#""type":"userFills","user":"0x\#(alice.dropFirst(2).uppercased())""#)
        exchange.run(.seconds(10))
        expectEnd(.dropped, after: .start.advanced(by: .seconds(2)), in: exchange)
        #expect(exchange.received().prefix(2).map(\.channel) == ["subscriptionResponse", "userFills"])
        // The books are as after any other end: the place is free again.
        exchange.open(2)
        exchange.subscribe(#""type":"bbo","coin":"ETH""#, on: 2)
        exchange.run(.seconds(10))
        #expect(exchange.received(on: 2).first?.channel == "subscriptionResponse")
    }

    @Test func `a subscription is no longer poisonous once the fault ends`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.poison(Self.bbo, .init()))
        exchange.fault(.poison(Self.bbo, nil))
        #expect(exchange.exchange.verdict(on: Self.bbo) == .served)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(1))
        #expect(exchange.ends.isEmpty)
        #expect(exchange.received().prefix(2).map(\.channel) == ["subscriptionResponse", "bbo"])
    }

    @Test func `an ended poison does not stop a death that it has caused`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.poison(Self.bbo, .init()))
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.fault(.poison(Self.bbo, nil))
        exchange.run(.seconds(1))
        expectEnd(.dropped, after: .start, in: exchange)
    }

    // MARK: Ignored subscriptions

    @Test func `an ignored subscribe has no answer and no data until the fault ends`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.ignore(Self.bbo, true))
        #expect(exchange.exchange.verdict(on: Self.bbo) == .ignored)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(5))
        exchange.unsubscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(5))
        #expect(exchange.received().isEmpty)
        #expect(!exchange.exchange.has(Self.bbo, on: Exchange.ConnectionID(1)))
        exchange.fault(.ignore(Self.bbo, false))
        #expect(exchange.exchange.verdict(on: Self.bbo) == .served)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.milliseconds(5))
        #expect(exchange.received().map(\.channel) == ["subscriptionResponse", "bbo"])
    }

    @Test func `a live subscription that is ignored stays live until its connection ends`() {
        var exchange = VirtualExchange()
        exchange.open(1)
        exchange.open(2)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(1))
        exchange.fault(.ignore(Self.bbo, true))
        _ = exchange.received()
        for _ in 0..<2 { exchange.unsubscribe(#""type":"bbo","coin":"BTC""#) }
        exchange.run(.seconds(30))
        #expect(Set(exchange.received().map(\.channel)) == ["bbo"])
        exchange.fault(.kill(.oldest))
        #expect(!exchange.exchange.has(Self.bbo, on: Exchange.ConnectionID(1)))
        exchange.subscribe(#""type":"bbo","coin":"BTC""#, on: 2)
        exchange.run(.seconds(1))
        #expect(exchange.received(on: 2).isEmpty)
    }

    @Test func `poison is stronger than an ignored subscription`() {
        var exchange = VirtualExchange()
        exchange.open()
        exchange.fault(.ignore(Self.bbo, true))
        exchange.fault(.poison(Self.bbo, .init(isAcknowledged: true)))
        #expect(exchange.exchange.verdict(on: Self.bbo) == .poison)
        exchange.subscribe(#""type":"bbo","coin":"BTC""#)
        exchange.run(.seconds(1))
        #expect(exchange.ends == [1: .dropped])
    }
}
