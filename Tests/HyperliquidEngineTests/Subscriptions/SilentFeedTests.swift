import HyperliquidEngine
import HyperliquidWire
import Testing

/// Ticking feeds that fall silent while their connections stay open.
@Suite struct SilentFeedTests {
    private let mids = AllMidsFeed()
    private let trades = TradesFeed(coin: "BTC")
    private let id = UpstreamID(1)

    /// `allMids` and trades on one connection, both heard for a while.
    private func live(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineHarness {
        var harness = EngineHarness(change)
        _ = harness.subscribe(mids)
        _ = harness.subscribe(trades)
        harness.handle(.started)
        harness.answerAll()
        harness.tick(id)
        harness.history = []
        return harness
    }

    /// Lets time pass in which the venue answers everything, and every open connection brings only what `inputs` says.
    private func pass(
        _ seconds: Int, in harness: inout EngineHarness, bringing inputs: (ConnectionID) -> [Engine.Input]
    ) {
        for _ in 0..<seconds / 5 {
            for connection in harness.engine.pool.connections where connection.isOpen {
                for input in inputs(connection.id) { harness.handle(input) }
            }
            harness.advance(by: .seconds(5))
            harness.answerAll()
        }
    }

    private func notes(_ harness: EngineHarness) -> [Engine.Note] {
        harness.history.compactMap { if case .note(let note) = $0 { note } else { nil } }
    }

    @Test func `a feed that stays silent is asked for again, then elsewhere, then told, then ever more rarely`() {
        var harness = live()
        pass(35, in: &harness, bringing: { [.frameArrived($0)] })
        #expect(notes(harness) == [.stale(ConnectionID(1), mids.request)])
        #expect(harness.engine.registry[id]?.connection == ConnectionID(1), "asked for again where it was")
        pass(40, in: &harness, bringing: { [.frameArrived($0)] })
        #expect(harness.engine.registry[id]?.connection == ConnectionID(2))
        #expect(harness.engine.registry[UpstreamID(2)]?.connection == ConnectionID(1), "the trades stay")
        #expect(harness.engine.staleness.silentSince(id) == nil)
        pass(40, in: &harness, bringing: { [.frameArrived($0)] })
        #expect(notes(harness).contains(.staysSilent(ConnectionID(2), mids.request)))
        #expect(harness.engine.staleness.silentSince(id) == at(30), "since its last message")
        #expect(harness.engine.staleness.silentCount == 1)

        let gapCount = { harness.history.count { $0 == .announceGap(self.id, .stale) } }
        let early = gapCount()
        pass(600, in: &harness, bringing: { [.frameArrived($0)] })
        // 60, 120 and 240 s, each with the 2 s before an unsubscribed feed is asked for again.
        #expect(gapCount() == early + 3, "a gap at each further attempt")

        let connection = harness.engine.registry[id]?.connection ?? ConnectionID(0)
        harness.handle(.upstreamTicked(connection, id))
        harness.answerAll()
        #expect(notes(harness).last == .ticksAgain(connection, mids.request))
        #expect(harness.engine.staleness.silentCount == 0)
        #expect(!harness.history.contains { $0 == .announceGap(UpstreamID(2), .reconnected) })
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a connection that brings only pongs while a ticking feed is awaited is replaced`() {
        var harness = live()
        pass(75, in: &harness, bringing: { [.pongArrived($0)] })
        #expect(harness.history.contains(.close(ConnectionID(1))))
        #expect(harness.history.contains(.announceGap(UpstreamID(2), .reconnected)), "the trades were lost with it")
        #expect(harness.engine.registry.upstreams.values.allSatisfy { $0.connection == ConnectionID(2) && $0.isLive })
        pass(600, in: &harness, bringing: { [.pongArrived($0)] })
        #expect(harness.history.count { if case .close = $0 { true } else { false } } == 1, "once for each silence")
    }

    @Test func `without another connection, a silent feed stays where it is`() {
        var harness = live { $0.limits.connections = 1 }
        pass(200, in: &harness, bringing: { [.frameArrived($0)] })
        #expect(harness.engine.registry[id]?.connection == ConnectionID(1))
        #expect(harness.engine.staleness.silentSince(id) == at(30))
        #expect(!harness.history.contains { if case .dial = $0 { true } else { false } })
    }

    @Test func `a silent feed goes to a connection that is there rather than to a new one`() {
        var harness = live { $0.limits.connections = 3 }
        // Two variants of one book cannot share a connection.
        _ = harness.subscribe(L2BookFeed(coin: "A"))
        _ = harness.subscribe(L2BookFeed(coin: "A", fast: true))
        harness.answerAll()
        harness.history = []
        let other = harness.engine.registry[UpstreamID(4)]?.connection
        for _ in 0..<18 {
            for book in [UpstreamID(3), UpstreamID(4)] {
                guard let connection = harness.engine.registry[book]?.connection else { continue }
                harness.handle(.frameArrived(connection))
                harness.handle(.upstreamTicked(connection, book))
            }
            harness.advance(by: .seconds(5))
            harness.answerAll()
        }
        #expect(harness.engine.registry[id]?.connection == other)
        #expect(harness.engine.pool.connectionCount == 2)
    }

    @Test func `a base that is lost again and again is asked for ever more rarely`() {
        var harness = live()
        var renewals: [Int64] = []
        for second in 30..<330 as Range<Int64> {
            harness.now = at(second)
            harness.handle(.frameArrived(ConnectionID(1)))
            harness.handle(.upstreamTicked(ConnectionID(1), id))
            harness.handle(.baseLost(ConnectionID(1), id))
            harness.handle(.woke)
            let before = harness.history.count
            harness.answerAll()
            let isRenewed = harness.history[before...].contains(.send(ConnectionID(1), .unsubscribe(mids.request)))
            if isRenewed { renewals.append(second) }
        }
        #expect(renewals == [30, 40, 60, 100, 180])
    }

    @Test func `a base that came with another subscribe is not asked for once more`() {
        var harness = live()
        harness.handle(.baseLost(ConnectionID(1), id))
        harness.answerAll()
        harness.advance(by: .seconds(3))
        harness.answerAll()
        harness.handle(.baseLost(ConnectionID(1), id))
        harness.handle(.connectionClosed(ConnectionID(1), .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        harness.stayOpen(for: .seconds(2))
        harness.answerAll()
        harness.history = []
        pass(60, in: &harness, bringing: { [.frameArrived($0), .upstreamTicked($0, id)] })
        #expect(!harness.history.contains { if case .detach = $0 { true } else { false } })
    }
}
