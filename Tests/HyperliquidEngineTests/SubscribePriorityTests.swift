import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Priority of subscribes") struct SubscribePriorityTests {
    private static let user = PlacementFeeds.user(1)

    /// Of each priority three feeds, in an order that mixes them.
    private static let feeds: [any Feed] = [
        CandleFeed(coin: "A", interval: .oneMinute), TradesFeed(coin: "A"), UserFillsFeed(user: user),
        CandleFeed(coin: "B", interval: .oneMinute), TradesFeed(coin: "B"), OrderUpdatesFeed(user: user),
        CandleFeed(coin: "C", interval: .oneMinute), TradesFeed(coin: "C"), OpenOrdersFeed(user: user),
    ]

    private static let byPriority = [2, 5, 8, 1, 4, 7, 0, 3, 6].map { feeds[$0].request }

    /// What was asked for, in order.
    private func asked(_ effects: [Engine.Effect]) -> [FeedRequest] {
        effects.compactMap { if case .send(_, .subscribe(let request)) = $0 { request } else { nil } }
    }

    private func bench(subscriptionsPerConnection: Int) -> Bench {
        Bench {
            $0.limits.subscriptionsPerConnection = subscriptionsPerConnection
            $0.limits.messagesPerSecond = 1
        }
    }

    @Test(arguments: [1, 3, 9])
    func `at the start the most urgent are asked for first, over all connections, and the oldest of equals`(size: Int) {
        var bench = bench(subscriptionsPerConnection: size)
        for feed in Self.feeds { _ = bench.subscribe(feed, timeout: nil) }
        // How long each was registered before the client ran does not matter.
        bench.now = bench.now.advanced(by: .seconds(100))
        // Nothing may be sent until every connection is open.
        bench.turn.limiter.spendMessage(at: bench.now)
        bench.tell(.started)
        bench.answerAll()
        for _ in Self.feeds {
            bench.pass(.seconds(1))
            bench.answerAll()
        }
        #expect(bench.engine.pool.slots.count == (Self.feeds.count + size - 1) / size)
        #expect(asked(bench.history) == Self.byPriority)
    }

    @Test func `after a loss the most urgent are asked for first`() {
        var bench = bench(subscriptionsPerConnection: 3)
        for feed in Self.feeds { _ = bench.subscribe(feed, timeout: nil) }
        bench.tell(.started)
        bench.answerAll()
        for _ in Self.feeds {
            bench.pass(.seconds(1))
            bench.answerAll()
        }
        #expect(bench.engine.registry.liveCount == 9)
        bench.history = []
        bench.turn.limiter.spendMessage(at: bench.now)
        for connection in bench.engine.pool.connections.map(\.id) {
            bench.tell(.connectionClosed(connection, .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        }
        bench.answerAll()
        for _ in Self.feeds {
            bench.pass(.seconds(1))
            bench.answerAll()
        }
        #expect(asked(bench.history) == Self.byPriority)
    }

    @Test func `what the venue has accepted before comes before what it has not, among equals`() {
        var bench = bench(subscriptionsPerConnection: 9)
        let old = [CandleFeed(coin: "A", interval: .oneMinute), CandleFeed(coin: "B", interval: .oneMinute)]
        let new = TradesFeed(coin: "N")
        let newLow = CandleFeed(coin: "C", interval: .oneMinute)
        for feed in old { _ = bench.subscribe(feed) }
        bench.tell(.started)
        bench.answerAll()
        bench.pass(.seconds(1))
        bench.answerAll()
        bench.history = []
        bench.now = bench.now.advanced(by: .seconds(1))
        bench.tell(.connectionClosed(ConnectionID(1), .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        _ = bench.subscribe(newLow, timeout: nil)
        _ = bench.subscribe(new, timeout: nil)
        bench.answerAll()
        for _ in 0..<4 {
            bench.pass(.seconds(1))
            bench.answerAll()
        }
        #expect(asked(bench.history) == [new.request, old[0].request, old[1].request, newLow.request])
    }

    @Test func `nothing is passed for ever`() {
        var bench = bench(subscriptionsPerConnection: 900)
        bench.tell(.started)
        // As many urgent ones come as can be asked for, and one before them is not urgent.
        for number in 0..<2 { _ = bench.subscribe(urgent(number), timeout: nil) }
        bench.answerAll()
        let slow = CandleFeed(coin: "A", interval: .oneMinute)
        let id = bench.subscribe(slow, timeout: nil)
        var waited = 0
        while !bench.history.contains(.confirm(id)), waited < 100 {
            _ = bench.subscribe(urgent(waited + 10), timeout: nil)
            bench.pass(.seconds(1))
            bench.answerAll()
            waited += 1
        }
        // The difference of the head starts, and a second for each of those before it.
        #expect((20...23).contains(waited))
    }

    private func urgent(_ number: Int) -> ActiveAssetDataFeed {
        ActiveAssetDataFeed(user: Self.user, coin: Coin("C\(number)"))
    }

    @Test func `every feed of a user's money goes before every market feed, and those before summaries`() {
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

    @Test func `the queue gives what is most urgent, whatever was removed`() {
        var random = SplitMix64(seed: 7)
        for _ in 0..<200 {
            var queue = SubscribeQueue()
            var model: [UpstreamID: SubscribeQueue.Turn] = [:]
            for _ in 0..<60 {
                let id = UpstreamID(random.next() % 12)
                switch random.next() % 3 {
                case 0:
                    queue.remove(id)
                    model[id] = nil
                case 1:
                    let first = queue.popFirst()
                    let expected = model.values.min()
                    #expect(first == expected)
                    if let first { model[first.upstream] = nil }
                default:
                    let turn = turn(of: id, since: random.next() % 4)
                    queue.insert(turn)
                    model[id] = turn
                }
                let (first, expected) = (queue.first, model.values.min())
                #expect(first == expected)
                let (upstreams, ids) = (queue.upstreams, model.keys.sorted())
                #expect(upstreams == ids)
            }
        }
    }

    private func turn(of id: UpstreamID, since seconds: UInt64) -> SubscribeQueue.Turn {
        SubscribeQueue.Turn(
            of: id, .normal, isProven: true, since: Instant.start.advanced(by: .seconds(Int64(seconds))))
    }
}
