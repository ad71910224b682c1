import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct FullLimitTests {
    private let trades = TradesFeed(coin: "BTC")

    private func fills(_ number: Int) -> UserFillsFeed { UserFillsFeed(user: Address.numbered(number)) }

    private func orders(_ number: Int) -> OrderUpdatesFeed { OrderUpdatesFeed(user: Address.numbered(number)) }

    // MARK: Never

    @Test(arguments: [PlacementPolicy.packed, .isolated(sharedLimit: 200)])
    func `a feed that can never fit fails at once, even for a caller that waits`(policy: PlacementPolicy) {
        var harness = EngineHarness {
            $0.policy = policy
            $0.limits.users = 0
        }
        let refused = harness.subscribe(fills(1), timeout: nil)
        #expect(harness.takeEffects() == [.fail(refused, .neverFits(.userLimit))])
        let taken = harness.subscribe(trades)
        harness.handle(.started)
        harness.answerAll()
        #expect(harness.history.contains(.confirm(taken)))
        let late = harness.subscribe(orders(2), timeout: nil)
        #expect(harness.takeEffects() == [.fail(late, .neverFits(.userLimit))])
    }

    @Test func `a subscription fails at once where none is allowed`() {
        var harness = EngineHarness { $0.limits.subscriptions = 0 }
        let id = harness.subscribe(trades, timeout: nil)
        #expect(harness.takeEffects() == [.fail(id, .neverFits(.subscriptionLimit))])
    }

    @Test func `a limit of 0 in a shared rate limiter fails a feed at once`() {
        var harness = EngineHarness()
        harness.turn.limiter = EngineHarness { $0.limits.users = 0 }.turn.limiter
        let id = harness.subscribe(fills(1), timeout: nil)
        #expect(harness.takeEffects() == [.fail(id, .neverFits(.userLimit))])
    }

    @Test func `a feed that only another subscription excludes waits for its end`() {
        var harness = EngineHarness { $0.limits.connections = 1 }
        let first = harness.subscribe(trades)
        harness.handle(.started)
        harness.answerAll()
        let second = harness.subscribe(ExplorerBlockFeed(), timeout: nil)
        #expect(harness.takeEffects() == [])
        #expect(harness.engine.waitReason(of: UpstreamID(2), harness.turn.limiter) == .connectionLimit)
        harness.handle(.unsubscribed(first))
        for _ in 0..<3 {
            harness.advance(by: .seconds(3))
            harness.answerAll()
        }
        #expect(harness.history.contains(.confirm(second)))
    }

    @Test func `a post fails at once where none is allowed`() {
        var harness = EngineHarness { $0.limits.postsInFlight = 0 }
        harness.handle(.posted(PostID(1), .info, timeout: .seconds(10)))
        #expect(harness.takeEffects() == [.failPost(PostID(1), .neverFits)])
    }

    // MARK: Not now

    /// A limit, a change that makes it small, the feeds that fill it, and one that finds it full.
    private static let full: [(WaitReason, @Sendable (inout VenueLimits) -> Void, [any Feed], any Feed)] = [
        (
            .userLimit, { $0.users = 1 }, [UserFillsFeed(user: Address.numbered(1))],
            UserFillsFeed(user: Address.numbered(2))
        ),
        (.subscriptionLimit, { $0.subscriptions = 1 }, [TradesFeed(coin: "A")], TradesFeed(coin: "B")),
        (.connectionLimit, { $0.connections = 1 }, [L2BookFeed(coin: "A")], L2BookFeed(coin: "A", nSigFigs: 5)),
        (.connectionLimit, { $0.connections = 1 }, [TradesFeed(coin: "A")], ExplorerBlockFeed()),
    ]

    @Test(arguments: full.indices, [true, false])
    func `a caller that does not wait is told the full limit, before the start and after it`(
        index: Int, isStarted: Bool
    ) {
        let (reason, change, holders, feed) = Self.full[index]
        var harness = EngineHarness { change(&$0.limits) }
        for holder in holders { _ = harness.subscribe(holder) }
        if isStarted {
            harness.handle(.started)
            harness.answerAll()
        }
        let id = harness.subscribeNow(feed)
        #expect(harness.takeEffects() == [.fail(id, .limitReached(reason))])
    }

    @Test func `a caller that does not wait joins no identity that waits for a limit`() {
        var harness = EngineHarness { $0.limits.subscriptions = 1 }
        _ = harness.subscribe(trades)
        harness.handle(.started)
        harness.answerAll()
        let eth = TradesFeed(coin: "ETH")
        _ = harness.subscribe(eth, timeout: nil)
        let id = harness.subscribeNow(eth)
        #expect(harness.takeEffects() == [.fail(id, .limitReached(.subscriptionLimit))])
        // A live feed is joined whatever limit is full.
        let other = harness.subscribeNow(trades)
        #expect(harness.takeEffects() == [.confirm(other)])
    }

    @Test func `a refusal by a limit ends only the subscriptions whose callers do not wait`() {
        var harness = EngineHarness()
        let patient = harness.subscribe(fills(1), timeout: nil)
        let impatient = harness.subscribeNow(fills(1))
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        _ = harness.takeEffects()
        harness.handle(.errorArrived(ConnectionID(1), VenueError(text: "Cannot track more than 10 total users.")))
        let failed = harness.takeEffects().filter { if case .fail = $0 { true } else { false } }
        #expect(failed == [.fail(impatient, .limitReached(.userLimit))])
        #expect(harness.engine.registry.subscriptions.keys.contains(patient))
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    // MARK: In a plan

    @Test func `a plan names the limit, the reason and the remedy for each feed without a slot`() {
        func unplaced(_ feeds: [any Feed], _ change: (inout EngineConfiguration) -> Void) -> [[String]] {
            var configuration = EngineConfiguration()
            change(&configuration)
            var planner = Planner(configuration: configuration)
            for feed in feeds { planner.add(feed.request, feed.traits) }
            return planner.plan().unplaced.map { [$0.limit, $0.why, $0.help] }
        }
        #expect(
            unplaced([fills(1), trades, fills(1)]) { $0.limits.users = 0 }
                == [["users", "the limit is 0, so the feed can never be asked for", "raise the limit users"]])
        #expect(
            unplaced([trades, ExplorerBlockFeed()]) { $0.limits.connections = 1 }
                == [
                    [
                        "connections",
                        "1 connection is allowed, and no connection in use takes the feed: "
                            + "the explorer has a socket of its own",
                        "raise the limit connections, or leave out all feeds of one connection",
                    ]
                ])
        let crowded = unplaced([fills(1), fills(2)]) {
            $0.limits.connections = 1
            $0.limits.usersPerConnection = 1
        }
        #expect(
            crowded
                == [
                    [
                        "connections", "1 connection is allowed, each for at most 1 user",
                        "raise the limit connections or usersPerConnection, or leave out other feeds",
                    ]
                ])
        let full = unplaced([trades, TradesFeed(coin: "ETH")]) { $0.limits.subscriptions = 1 }
        #expect(
            full == [
                [
                    "subscriptions", "the limit of 1 is used up",
                    "raise the limit subscriptions, or leave out other feeds",
                ]
            ])
        let spared = unplaced([L2BookFeed(coin: "A"), L2BookFeed(coin: "A", fast: true)]) {
            $0.limits.connections = 2
            $0.spareConnectionCount = 1
        }
        #expect(
            spared.map { $0[2] }
                == ["raise the limit connections, lower spareConnections, or leave out one of these feeds"])
    }

    @Test func `a plan forgets a removed feed that never fits`() {
        var configuration = EngineConfiguration()
        configuration.limits.users = 0
        var planner = Planner(configuration: configuration)
        let feed = fills(1)
        planner.add(feed.request, feed.traits)
        let before = planner.plan().unplaced.count
        let isRemoved = planner.remove(feed.request)
        #expect(before == 1 && isRemoved)
        #expect(planner.plan().unplaced.isEmpty)
    }
}
