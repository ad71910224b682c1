import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Full limits") struct FullLimitTests {
    private let trades = TradesFeed.trades("BTC")

    private func fills(_ number: Int) -> UserFillsFeed { UserFillsFeed(user: PlacementFeeds.user(number)) }

    private func orders(_ number: Int) -> OrderUpdatesFeed { OrderUpdatesFeed(user: PlacementFeeds.user(number)) }

    // MARK: Never

    @Test(arguments: [PlacementPolicy.packed, .isolated(sharedLimit: 200)])
    func `what no leaving would let in fails at once, even for a caller who would wait`(policy: PlacementPolicy) {
        var bench = Bench {
            $0.policy = policy
            $0.limits.userCount = 0
        }
        let refused = bench.subscribe(fills(1), timeout: nil)
        #expect(bench.take() == [.fail(refused, .neverFits(.userLimit))])
        let taken = bench.subscribe(trades)
        bench.tell(.started)
        bench.answerAll()
        #expect(bench.history.contains(.confirm(taken)))
        let late = bench.subscribe(orders(2), timeout: nil)
        #expect(bench.take() == [.fail(late, .neverFits(.userLimit))])
    }

    @Test func `with no subscription allowed each fails at once`() {
        var bench = Bench { $0.limits.subscriptionCount = 0 }
        let id = bench.subscribe(trades, timeout: nil)
        #expect(bench.take() == [.fail(id, .neverFits(.subscriptionLimit))])
    }

    @Test func `the rate limiter of another client of the address closes too`() {
        var bench = Bench()
        bench.turn.limiter = Bench { $0.limits.userCount = 0 }.turn.limiter
        let id = bench.subscribe(fills(1), timeout: nil)
        #expect(bench.take() == [.fail(id, .neverFits(.userLimit))])
    }

    @Test func `what only another subscription excludes waits for it`() {
        var bench = Bench { $0.limits.connectionCount = 1 }
        let first = bench.subscribe(trades)
        bench.tell(.started)
        bench.answerAll()
        let second = bench.subscribe(ExplorerBlockFeed.explorerBlock, timeout: nil)
        #expect(bench.take() == [])
        #expect(bench.engine.waitReason(of: UpstreamID(2), bench.turn.limiter) == .connectionLimit)
        bench.tell(.unsubscribed(first))
        for _ in 0..<3 {
            bench.pass(.seconds(3))
            bench.answerAll()
        }
        #expect(bench.history.contains(.confirm(second)))
    }

    @Test func `with no request allowed each fails at once`() {
        var bench = Bench { $0.limits.postsInFlight = 0 }
        bench.tell(.posted(PostID(1), .info, timeout: .seconds(10)))
        #expect(bench.take() == [.failPost(PostID(1), .neverFits)])
    }

    // MARK: Not now

    /// What fills a limit, and what finds it full.
    private static let full: [(WaitReason, @Sendable (inout VenueLimits) -> Void, [any Feed], any Feed)] = [
        (
            .userLimit, { $0.userCount = 1 }, [UserFillsFeed(user: PlacementFeeds.user(1))],
            UserFillsFeed(user: PlacementFeeds.user(2))
        ),
        (.subscriptionLimit, { $0.subscriptionCount = 1 }, [TradesFeed(coin: "A")], TradesFeed(coin: "B")),
        (.connectionLimit, { $0.connectionCount = 1 }, [L2BookFeed(coin: "A")], L2BookFeed(coin: "A", nSigFigs: 5)),
        (.connectionLimit, { $0.connectionCount = 1 }, [TradesFeed(coin: "A")], ExplorerBlockFeed()),
    ]

    @Test(arguments: full.indices, [true, false])
    func `who does not wait is told the full limit, before the start as after it`(index: Int, isStarted: Bool) {
        let (reason, change, holders, feed) = Self.full[index]
        var bench = Bench { change(&$0.limits) }
        for holder in holders { _ = bench.subscribe(holder) }
        if isStarted {
            bench.tell(.started)
            bench.answerAll()
        }
        let id = bench.subscribeNow(feed)
        #expect(bench.take() == [.fail(id, .limitReached(reason))])
    }

    @Test func `who does not wait does not join one that waits for a limit`() {
        var bench = Bench { $0.limits.subscriptionCount = 1 }
        _ = bench.subscribe(trades)
        bench.tell(.started)
        bench.answerAll()
        let eth = TradesFeed.trades("ETH")
        _ = bench.subscribe(eth, timeout: nil)
        let id = bench.subscribeNow(eth)
        #expect(bench.take() == [.fail(id, .limitReached(.subscriptionLimit))])
        // What is live has its place whatever is full.
        let other = bench.subscribeNow(trades)
        #expect(bench.take() == [.confirm(other)])
    }

    @Test func `a limit that the venue names later ends only the subscriptions that do not wait`() {
        var bench = Bench()
        let patient = bench.subscribe(fills(1), timeout: nil)
        let impatient = bench.subscribeNow(fills(1))
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        _ = bench.take()
        bench.tell(.errorArrived(ConnectionID(1), VenueError(text: "Cannot track more than 10 total users.")))
        let failed = bench.take().filter { if case .fail = $0 { true } else { false } }
        #expect(failed == [.fail(impatient, .limitReached(.userLimit))])
        #expect(bench.engine.registry.subscriptions.keys.contains(patient))
        #expect(bench.engine.checkInvariants(bench.turn.limiter) == [])
    }

    // MARK: In a plan

    @Test func `a plan names the limit, why and what would help, for each feed without a place`() {
        func unplaced(_ feeds: [any Feed], _ change: (inout EngineConfiguration) -> Void) -> [[String]] {
            var configuration = EngineConfiguration()
            change(&configuration)
            var planner = Planner(configuration: configuration)
            for feed in feeds { planner.add(feed.request, feed.traits) }
            return planner.plan().unplaced.map { [$0.limit, $0.why, $0.help] }
        }
        #expect(
            unplaced([fills(1), trades, fills(1)]) { $0.limits.userCount = 0 }
                == [["users", "none is allowed, so it can never be asked for", "raise users"]])
        #expect(
            unplaced([trades, ExplorerBlockFeed()]) { $0.limits.connectionCount = 1 }
                == [
                    [
                        "connections",
                        "1 connection is allowed, and none that is in use takes it: the explorer has a socket of its own",
                        "raise connections, or leave out all feeds of one connection",
                    ]
                ])
        let crowded = unplaced([fills(1), fills(2)]) {
            $0.limits.connectionCount = 1
            $0.limits.usersPerConnection = 1
        }
        #expect(
            crowded
                == [
                    [
                        "connections", "1 connection is allowed, each for at most 1 user",
                        "raise connections or usersPerConnection, or leave other feeds out",
                    ]
                ])
        let full = unplaced([trades, TradesFeed.trades("ETH")]) { $0.limits.subscriptionCount = 1 }
        #expect(
            full == [
                ["subscriptions", "1 are allowed, and all are in use", "raise subscriptions, or leave other feeds out"]
            ])
        let spared = unplaced([L2BookFeed(coin: "A"), L2BookFeed(coin: "A", fast: true)]) {
            $0.limits.connectionCount = 2
            $0.spareConnectionCount = 1
        }
        #expect(spared.map { $0[2] } == ["raise connections, lower spareConnections, or leave one of these out"])
    }

    @Test func `what never fits leaves a plan as it came`() {
        var configuration = EngineConfiguration()
        configuration.limits.userCount = 0
        var planner = Planner(configuration: configuration)
        let feed = fills(1)
        planner.add(feed.request, feed.traits)
        let before = planner.plan().unplaced.count
        let isRemoved = planner.remove(feed.request)
        #expect(before == 1 && isRemoved)
        #expect(planner.plan().unplaced.isEmpty)
    }
}
