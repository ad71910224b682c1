import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct SubscribePriorityTests {
    private static let user = Address.numbered(1)

    /// Three feeds of each priority, in a mixed order.
    private static let feeds: [any Feed] = [
        CandleFeed(coin: "A", interval: .oneMinute), TradesFeed(coin: "A"), UserFillsFeed(user: user),
        CandleFeed(coin: "B", interval: .oneMinute), TradesFeed(coin: "B"), OrderUpdatesFeed(user: user),
        CandleFeed(coin: "C", interval: .oneMinute), TradesFeed(coin: "C"), OpenOrdersFeed(user: user),
    ]

    private static let byPriority = [2, 5, 8, 1, 4, 7, 0, 3, 6].map { feeds[$0].request }

    /// The requests that were subscribed to, in order.
    private func asked(_ effects: [Engine.Effect]) -> [FeedRequest] {
        effects.compactMap { if case .send(_, .subscribe(let request)) = $0 { request } else { nil } }
    }

    private func harness(subscriptionsPerConnection: Int) -> EngineHarness {
        EngineHarness {
            $0.limits.subscriptionsPerConnection = subscriptionsPerConnection
            $0.limits.messagesPerSecond = 1
        }
    }

    @Test(arguments: [1, 3, 9])
    func `a start asks for the most urgent feeds first over all connections, and for the oldest of equals`(size: Int) {
        var harness = harness(subscriptionsPerConnection: size)
        for feed in Self.feeds { _ = harness.subscribe(feed, timeout: nil) }
        // The time that each was registered before the client ran does not matter.
        harness.now = harness.now.advanced(by: .seconds(100))
        // No message may be sent before every connection is open.
        harness.turn.limiter.spendMessage(at: harness.now)
        harness.handle(.started)
        harness.answerAll()
        for _ in Self.feeds {
            harness.advance(by: .seconds(1))
            harness.answerAll()
        }
        #expect(harness.engine.pool.slots.count == (Self.feeds.count + size - 1) / size)
        #expect(asked(harness.history) == Self.byPriority)
    }

    @Test func `a reconnect asks for the most urgent feeds first`() {
        var harness = harness(subscriptionsPerConnection: 3)
        for feed in Self.feeds { _ = harness.subscribe(feed, timeout: nil) }
        harness.handle(.started)
        harness.answerAll()
        for _ in Self.feeds {
            harness.advance(by: .seconds(1))
            harness.answerAll()
        }
        #expect(harness.engine.registry.liveCount == 9)
        harness.stayOpen()
        harness.history = []
        harness.turn.limiter.spendMessage(at: harness.now)
        for connection in harness.engine.pool.connections.map(\.id) {
            harness.handle(.connectionClosed(connection, .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        }
        harness.answerAll()
        for _ in Self.feeds {
            harness.advance(by: .seconds(1))
            harness.answerAll()
        }
        #expect(asked(harness.history) == Self.byPriority)
    }

    @Test func `an identity that the venue has accepted goes before one of equal priority that it has not`() {
        var harness = harness(subscriptionsPerConnection: 9)
        let old = [CandleFeed(coin: "A", interval: .oneMinute), CandleFeed(coin: "B", interval: .oneMinute)]
        let new = TradesFeed(coin: "N")
        let newLow = CandleFeed(coin: "C", interval: .oneMinute)
        for feed in old { _ = harness.subscribe(feed) }
        harness.handle(.started)
        harness.answerAll()
        harness.advance(by: .seconds(1))
        harness.answerAll()
        harness.stayOpen()
        harness.history = []
        harness.handle(.connectionClosed(ConnectionID(1), .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        _ = harness.subscribe(newLow, timeout: nil)
        _ = harness.subscribe(new, timeout: nil)
        harness.answerAll()
        for _ in 0..<4 {
            harness.advance(by: .seconds(1))
            harness.answerAll()
        }
        #expect(asked(harness.history) == [new.request, old[0].request, old[1].request, newLow.request])
    }

    @Test func `a feed of low priority is not passed for ever`() {
        var harness = harness(subscriptionsPerConnection: 900)
        harness.handle(.started)
        // As many urgent feeds come as can be asked for, after one that is not urgent.
        for number in 0..<2 { _ = harness.subscribe(urgent(number), timeout: nil) }
        harness.answerAll()
        let slow = CandleFeed(coin: "A", interval: .oneMinute)
        let id = harness.subscribe(slow, timeout: nil)
        var waited = 0
        while !harness.history.contains(.confirm(id)), waited < 100 {
            _ = harness.subscribe(urgent(waited + 10), timeout: nil)
            harness.advance(by: .seconds(1))
            harness.answerAll()
            waited += 1
        }
        // The difference of the head starts, and one second for each subscribe before it.
        #expect((20...23).contains(waited))
    }

    private func urgent(_ number: Int) -> ActiveAssetDataFeed {
        ActiveAssetDataFeed(user: Self.user, coin: Coin("C\(number)"))
    }

    @Test func `a feed of a user's money goes before market feeds, and those go before summaries`() {
        let normal = types(of: .normal)
        #expect(normal == ["activeAssetCtx", "allMids", "bbo", "l2Book", "trades"])
        let high = types(of: .high)
        #expect(
            high == [
                "activeAssetData", "allDexsClearinghouseState", "clearinghouseState", "openOrders", "orderUpdates",
                "spotState", "twapStates", "userEvents", "userFills", "userTwapSliceFills",
            ])
    }

    private func types(of priority: FeedPriority) -> [String] {
        var types: [String] = []
        for feed in FeedCatalogue.feeds where feed.descriptor.example.traits.priority == priority {
            types.append(feed.descriptor.type)
        }
        return types.sorted()
    }
}
