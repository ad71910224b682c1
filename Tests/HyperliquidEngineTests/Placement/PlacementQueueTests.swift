import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct PlacementQueueTests {
    private let id = UpstreamID(1)
    private let book = L2BookFeed(coin: "BTC")
    private let coarseBook = L2BookFeed(coin: "BTC", nSigFigs: 5)
    private let trades = TradesFeed(coin: "BTC")

    private func queue(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> PlacementQueue {
        PlacementQueue(configuration: .with(change))
    }

    private func turn(_ change: (inout VenueLimits) -> Void = { _ in }) -> Turn {
        var limits = VenueLimits()
        change(&limits)
        return Turn(limits: limits)
    }

    private let mover = SubscriptionMover(configuration: EngineConfiguration())

    private func fills(_ number: Int) -> UserFillsFeed { UserFillsFeed(user: .numbered(number)) }

    /// A pool with a slot for each list of feeds; the upstream subscriptions count from 11.
    private func pool(_ slots: [[any Feed]]) -> ConnectionPool {
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var last: UInt64 = 10
        for feeds in slots {
            let slot = pool.addSlot()
            for feed in feeds {
                last += 1
                pool.place(.made(last, feed), on: slot)
            }
        }
        return pool
    }

    // MARK: The queue

    @Test func `upstream subscriptions wait in the order in which they were added, until they are taken or removed`() {
        var queue = queue()
        queue.add([3, 1, 2, 4].map { UpstreamID($0) })
        queue.add(UpstreamID(5))
        queue.remove(UpstreamID(1))
        queue.remove([UpstreamID(4), UpstreamID(9)])
        #expect(queue.waiting == [3, 2, 5].map { UpstreamID($0) })
        let taken = [queue.takeAll(), queue.takeAll()]
        #expect(taken == [[3, 2, 5].map { UpstreamID($0) }, []])
    }

    // MARK: Outcomes

    /// The feeds on each slot, the feed that waits, how many connections are allowed, and the outcome.
    private static let outcomes: [([[any Feed]], any Feed, Int, PlacementQueue.Outcome)] = [
        ([], TradesFeed(coin: "BTC"), 1, .openSlot(.packed)),
        ([[TradesFeed(coin: "ETH")]], TradesFeed(coin: "BTC"), 1, .place(on: SlotID(1))),
        ([[L2BookFeed(coin: "BTC")]], L2BookFeed(coin: "BTC", nSigFigs: 5), 2, .openSlot(.packed)),
        ([[L2BookFeed(coin: "BTC")]], L2BookFeed(coin: "BTC", nSigFigs: 5), 1, .wait(.connectionLimit)),
        // The explorer needs a connection of its own: the first slot is emptied.
        (
            [[L2BookFeed(coin: "BTC")], [TradesFeed(coin: "ETH")]], ExplorerBlockFeed(), 2,
            .move([
                Placement.Move(
                    upstream: UpstreamID(11), from: SlotID(1), to: SlotID(2),
                    reason: .freesConnection(for: ExplorerBlockFeed().request))
            ])
        ),
    ]

    @Test(arguments: outcomes.indices)
    func `a waiting feed is placed, has a slot opened or others moved, or waits for a connection`(index: Int) {
        let (slots, feed, connections, outcome) = Self.outcomes[index]
        var queue = queue { $0.limits.connections = connections }
        var turn = turn()
        #expect(queue.outcome(for: .made(1, feed), on: pool(slots), mover, &turn) == outcome)
        #expect(turn.wakeTime == nil)
    }

    @Test func `a full limit over all connections comes before placement`() {
        var queue = queue()
        var turn = turn { $0.subscriptions = 0 }
        #expect(queue.outcome(for: .made(1, trades), on: pool([]), mover, &turn) == .wait(.subscriptionLimit))
    }

    @Test func `a feed waits until the venue no longer counts a user that has left its slot`() {
        var queue = queue {
            $0.limits.connections = 1
            $0.limits.usersPerConnection = 1
        }
        var pool = pool([[fills(2)]])
        _ = pool.remove(UpstreamID(11), lingersUntil: at(15), at: .start)
        pool.place(.made(12, trades), on: SlotID(1))
        var turn = turn()
        #expect(queue.outcome(for: .made(1, fills(1)), on: pool, mover, &turn) == .wait(.connectionLimit))
        #expect(turn.wakeTime == at(15))
        turn.now = at(15)
        #expect(queue.outcome(for: .made(1, fills(1)), on: pool, mover, &turn) == .place(on: SlotID(1)))
    }

    @Test func `no moves are planned while the mover pauses`() {
        var queue = queue { $0.limits.connections = 2 }
        let pool = pool([[book], [TradesFeed(coin: "ETH")]])
        var mover = mover
        mover.giveUp(at: .start)
        var turn = turn()
        let explorer = UpstreamSubscription.made(1, ExplorerBlockFeed())
        #expect(queue.outcome(for: explorer, on: pool, mover, &turn) == .wait(.connectionLimit))
        #expect(turn.wakeTime == at(15))
    }

    @Test func `a search in vain is repeated once the slots have changed`() {
        var queue = queue { $0.limits.connections = 1 }
        var turn = turn()
        let waiting = UpstreamSubscription.made(1, coarseBook)
        var pool = pool([[book, trades]])
        queue.look(at: pool)
        #expect(queue.outcome(for: waiting, on: pool, mover, &turn) == .wait(.connectionLimit))
        _ = pool.remove(UpstreamID(11), lingersUntil: .start, at: .start)
        #expect(queue.outcome(for: waiting, on: pool, mover, &turn) == .wait(.connectionLimit), "it has not looked")
        queue.look(at: pool)
        #expect(queue.outcome(for: waiting, on: pool, mover, &turn) == .place(on: SlotID(1)))
    }

    @Test func `a search in vain is repeated once the limits have changed`() {
        var queue = queue { $0.limits.connections = 1 }
        var turn = turn()
        let pool = pool([[book]])
        queue.look(at: pool)
        let waiting = UpstreamSubscription.made(1, coarseBook)
        #expect(queue.outcome(for: waiting, on: pool, mover, &turn) == .wait(.connectionLimit))
        queue.use(queue.placement.limits)
        #expect(queue.outcome(for: waiting, on: pool, mover, &turn) == .wait(.connectionLimit))
        queue.use(VenueLimits())
        #expect(queue.outcome(for: waiting, on: pool, mover, &turn) == .openSlot(.packed))
    }

    // MARK: All at once

    @Test func `everything that waits is arranged on the fewest slots, as far as the limits allow`() {
        let registry = SubscriptionRegistry.holding([book, coarseBook, trades, fills(1), fills(2)])
        var queue = queue()
        queue.add((1...5).map { UpstreamID($0) })
        var turn = turn { $0.users = 1 }
        let loads = queue.arrangement(in: registry, &turn)
        #expect(loads.count == 2, "the two variants of a book are ambiguous")
        #expect(loads.flatMap(\.members).sorted() == (1...4).map { UpstreamID($0) }, "one user is allowed")
        #expect(turn.limiter.subscriptionCount == 0, "each is counted when it gets its slot")
        #expect(queue.waiting.count == 5)
    }

    // MARK: Yielding

    @Test func `a slot is emptied for another client if its feeds fit elsewhere`() {
        var (queue, turn) = (queue(), turn())
        let moves = queue.movesToYield(on: pool([[book], [trades]]), mover, &turn)
        #expect(
            moves == [
                Placement.Move(upstream: UpstreamID(11), from: SlotID(1), to: SlotID(2), reason: .yieldsConnection)
            ])
    }

    @Test func `a slot whose feeds fit nowhere else is kept, and looked at again once the slots have changed`() {
        var (queue, turn) = (queue(), turn())
        var pool = pool([[book], [coarseBook]])
        #expect(queue.movesToYield(on: pool, mover, &turn) == nil)
        #expect(queue.movesToYield(on: pool, mover, &turn) == nil)
        #expect(turn.wakeTime == nil)
        _ = pool.remove(UpstreamID(12), lingersUntil: .start, at: .start)
        pool.place(.made(13, trades), on: SlotID(2))
        #expect(queue.movesToYield(on: pool, mover, &turn)?.map(\.upstream) == [UpstreamID(11)])
    }

    @Test func `a slot is emptied no sooner than the mover's pause ends`() {
        var (queue, turn) = (queue(), turn())
        var mover = mover
        mover.giveUp(at: .start)
        #expect(queue.movesToYield(on: pool([[book], [trades]]), mover, &turn) == nil)
        #expect(turn.wakeTime == at(15))
    }

    // MARK: Full limits

    /// A change of the limits of a client, one of the shared limits, and what a user's feed and a market feed find.
    private static let exclusions:
        [(
            configured: @Sendable (inout VenueLimits) -> Void, shared: @Sendable (inout VenueLimits) -> Void,
            user: WaitReason?, market: WaitReason?
        )] = [
            ({ _ in }, { _ in }, nil, nil),
            ({ _ in }, { $0.subscriptions = 0 }, .subscriptionLimit, .subscriptionLimit),
            ({ _ in }, { $0.users = 0 }, .userLimit, nil),
            ({ $0.subscriptions = 0 }, { _ in }, .subscriptionLimit, .subscriptionLimit),
            ({ $0.users = 0 }, { _ in }, .userLimit, nil),
            ({ $0.connections = 1 }, { $0.connections = 1 }, nil, nil),
        ]

    @Test(arguments: exclusions.indices)
    func `a limit of 0 excludes a feed for ever, and any other limit does not`(index: Int) {
        let (configured, shared, user, market) = Self.exclusions[index]
        var limits = VenueLimits()
        configured(&limits)
        let limiter = turn(shared).limiter
        let queue = queue { configured(&$0.limits) }
        #expect(queue.limitThatExcludes(.made(1, fills(1)), configured: limits, limiter) == user)
        #expect(queue.limitThatExcludes(.made(1, trades), configured: limits, limiter) == market)
    }

    /// The feeds that are placed, each on a slot of its own, a change of the limits, a new feed and its full limit.
    private static let full: [([any Feed], @Sendable (inout VenueLimits) -> Void, any Feed, WaitReason?)] = [
        ([TradesFeed(coin: "A")], { _ in }, TradesFeed(coin: "B"), nil),
        ([TradesFeed(coin: "A")], { $0.subscriptions = 1 }, TradesFeed(coin: "B"), .subscriptionLimit),
        (
            [UserFillsFeed(user: .numbered(1))], { $0.users = 1 }, UserFillsFeed(user: .numbered(2)), .userLimit
        ),
        ([UserFillsFeed(user: .numbered(1))], { $0.users = 1 }, OpenOrdersFeed(user: .numbered(1)), nil),
        ([L2BookFeed(coin: "A")], { $0.connections = 1 }, L2BookFeed(coin: "A", fast: true), .connectionLimit),
        ([L2BookFeed(coin: "A")], { $0.connections = 1 }, L2BookFeed(coin: "B"), nil),
        ([L2BookFeed(coin: "A")], { $0.connections = 1 }, ExplorerBlockFeed(), .connectionLimit),
    ]

    @Test(arguments: full.indices)
    func `a limit is full for a new feed when what is placed uses it up`(index: Int) {
        let (placed, change, feed, reason) = Self.full[index]
        let queue = queue { change(&$0.limits) }
        var turn = turn(change)
        var pool = pool(placed.map { [$0] })
        for load in pool.loads { for item in load.itemsInOrder { turn.limiter.take(item) } }
        pool.connectAll(&turn)
        let registry = SubscriptionRegistry.holding(placed)
        #expect(queue.fullLimit(for: .made(1, feed), in: registry, on: pool, turn) == reason)
    }

    @Test(arguments: full.indices)
    func `a limit is full for a new feed before the start when the feeds that wait use it up`(index: Int) {
        let (waiting, change, feed, reason) = Self.full[index]
        var queue = queue { change(&$0.limits) }
        queue.add(waiting.indices.map { UpstreamID(UInt64($0) + 1) })
        let registry = SubscriptionRegistry.holding(waiting)
        let limits = EngineConfiguration.with { change(&$0.limits) }.limits
        #expect(queue.fullLimitAtStart(for: .made(9, feed), in: registry, configured: limits) == reason)
    }
}
