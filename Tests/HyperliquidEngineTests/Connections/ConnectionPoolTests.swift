import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct ConnectionPoolTests {
    private let trades = TradesFeed(coin: "BTC")
    private let first = ConnectionID(1)

    private func pool(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> ConnectionPool {
        ConnectionPool(configuration: .with(change))
    }

    private func turn(at second: Int64 = 0, _ change: (inout VenueLimits) -> Void = { _ in }) -> Turn {
        var limits = VenueLimits()
        change(&limits)
        return Turn(limits: limits, at: at(second))
    }

    /// A pool with one open connection, which carries a feed, and its turn.
    private func connected(_ change: (inout VenueLimits) -> Void = { _ in }) -> (ConnectionPool, Turn) {
        var pool = pool()
        var turn = turn(change)
        _ = pool.addSlot(carrying: [.made(1, trades)])
        pool.connectAll(&turn)
        return (pool, turn)
    }

    private func request(_ number: UInt64, deadline: Instant = at(10)) -> PendingRequests.Request {
        PendingRequests.Request(
            upstream: UpstreamID(number), kind: .subscribe,
            feed: TradesFeed(coin: Coin("C\(number)")).request, sentAt: .start, deadline: deadline, attempts: 1)
    }

    // MARK: Slots

    @Test func `a slot is opened below the limit, and its id is never used again`() {
        var pool = pool()
        let opened = [
            pool.openSlot(.packed, .api, limit: 2, at: .start),
            pool.openSlot(.dedicated, .explorer, limit: 2, at: at(1)),
        ]
        #expect(opened == [SlotID(1), SlotID(2)])
        #expect(pool[SlotID(2)]?.kind == .dedicated && pool[SlotID(2)]?.endpoint == .explorer)
        pool.removeUnusedSlots(posts: .empty)
        #expect(pool.slots.isEmpty && pool[SlotID(1)] == nil)
        #expect(pool.openSlot(.packed, .api, limit: 2, at: .start) == SlotID(3))
    }

    @Test func `an empty slot makes way for a new one at the limit, and one that carries something does not`() {
        var pool = pool()
        _ = pool.addSlot(carrying: [.made(1, trades)])
        #expect(pool.openSlot(.dedicated, .api, limit: 1, at: .start) == nil)
        let empty = pool.addSlot()
        let opened = pool.openSlot(.dedicated, .api, limit: 2, at: .start)
        #expect(opened == SlotID(3) && pool[empty] == nil && pool.slots.count == 2)
    }

    @Test func `an empty slot with a connection makes way once that is closed, which begins at once`() {
        var (pool, turn) = connected()
        turn.now = at(10)
        _ = pool.remove(UpstreamID(1), lingersUntil: .start, at: at(10))
        #expect(pool.openSlot(.dedicated, .api, limit: 1, at: at(10)) == nil)
        pool.retireIdle(posts: .empty, &turn)
        #expect(turn.takeEffects() == [.close(first)], "without the linger of 5 s")
    }

    @Test func `an upstream subscription has the slot on which it was placed until it is removed`() {
        var pool = pool()
        let slots = [pool.addSlot(carrying: [.made(1, trades)]), pool.addSlot(.dedicated)]
        #expect(pool.slot(of: UpstreamID(1)) == slots[0] && pool.kind(of: UpstreamID(1)) == .packed)
        #expect(pool.placedCount == 1 && pool.load(of: slots[0])?.members == [UpstreamID(1)])
        let removed = [
            pool.remove(UpstreamID(1), lingersUntil: .start, at: at(1)),
            pool.remove(UpstreamID(1), lingersUntil: .start, at: at(1)),
        ]
        #expect(removed == [slots[0], nil])
        #expect(pool.slot(of: UpstreamID(1)) == nil && pool.placedCount == 0)
        #expect(pool[slots[0]]?.emptySince == at(1))
    }

    @Test func `an exchange swaps the slots of two upstream subscriptions of one identity`() {
        var pool = pool()
        let slots = [pool.addSlot(carrying: [.made(1, trades)]), pool.addSlot(carrying: [.made(2, trades)])]
        pool.exchange(.made(1, trades), .made(2, trades))
        #expect(pool.slot(of: UpstreamID(1)) == slots[1] && pool.slot(of: UpstreamID(2)) == slots[0])
        #expect(pool.load(of: slots[0])?.members == [UpstreamID(2)])
        #expect(pool.checkInvariants() == [])
    }

    @Test func `a user that left counts while lingering, and not on the connection that comes next`() {
        let ann = Address.numbered(1)
        var (pool, turn) = (pool(), turn(at: 1))
        let slot = pool.addSlot(carrying: [.made(1, UserFundingsFeed(user: ann))])
        pool.connectAll(&turn)
        _ = pool.remove(UpstreamID(1), lingersUntil: at(20), at: at(5))
        let bob = Address.numbered(2).description
        #expect(pool.load(of: slot)?.userCount(adding: bob, at: at(19)) == 2)
        #expect(pool.load(of: slot)?.userCount(adding: bob, at: at(20)) == 1)
        #expect(pool.load(of: slot)?.userCount(adding: ann.description, at: at(19)) == 1, "one user counts once")
        _ = pool.closed(first, .broken("reset"), draw: 0, &turn)
        #expect(pool.load(of: slot)?.userCount(adding: bob, at: at(6)) == 1)
    }

    @Test func `a subscription on two slots breaks two invariants`() {
        var pool = pool()
        _ = pool.addSlot(carrying: [.made(1, trades)])
        _ = pool.addSlot(carrying: [.made(1, trades)])
        #expect(
            pool.checkInvariants() == [
                "slot 1 carries an upstream subscription that is elsewhere",
                "1 upstream subscriptions have a slot, the slots carry others",
            ])
    }

    // MARK: Dials

    @Test func `a slot that carries something is dialled, and an empty one is not`() {
        var (pool, turn) = (pool(), turn())
        _ = pool.addSlot(carrying: [.made(1, trades)])
        _ = pool.addSlot()
        _ = pool.addSlot(.dedicated, .explorer, carrying: [.made(2, ExplorerBlockFeed())])
        pool.dial(posts: .empty, &turn)
        #expect(turn.takeEffects() == [.dial(first, .api), .dial(ConnectionID(2), .explorer)])
        #expect(turn.limiter.connectionCount == 2 && pool.connectionCount == 2 && pool.openConnectionCount == 0)
        pool.dial(posts: .empty, &turn)
        #expect(turn.takeEffects() == [], "one dial at a time")
        let opened = [pool.opened(first, at: .start), pool.opened(ConnectionID(9), at: .start)]
        #expect(opened == [true, false])
        #expect(pool.isOpen(first) && pool.openConnectionCount == 1 && pool.slot(of: first) == SlotID(1))
    }

    @Test(
        arguments: [(1, 25, 1, nil), (10, 1, 1, 60), (10, 25, 3, nil)] as [(Int, Int, Int, Int64?)])
    func `a dial waits for a connection that is given back, or for the window of dials`(
        connections: Int, dials: Int, dialCount: Int, wake: Int64?
    ) {
        var pool = pool()
        var turn = turn {
            $0.connections = connections
            $0.dialsPerMinute = dials
        }
        for number in 1...3 as ClosedRange<UInt64> { _ = pool.addSlot(carrying: [.made(number, trades)]) }
        pool.dial(posts: .empty, &turn)
        #expect(turn.effects == (1...dialCount).map { .dial(ConnectionID(UInt64($0)), .api) })
        #expect(turn.wakeTime == wake.map { at($0) })
    }

    /// How a connection that opened at 0 s ended, at which second, and how long its slot waits for its next dial.
    private static let closes: [(CloseReason, Int64, Duration)] = [
        (.closedByVenue(code: 1000, reason: "Expired"), 30, .zero), (.closedByUs, 1, .zero),
        (.closedByVenue(code: 1000, reason: "Expired"), 29, .milliseconds(125)),
        (.closedByVenue(code: 1001, reason: ""), 30, .milliseconds(125)),
        (.closedByVenue(code: 1011, reason: ""), 30, .milliseconds(125)),
        (.closedByVenue(code: 1012, reason: ""), 30, .milliseconds(125)),
        (.closedByVenue(code: 1013, reason: ""), 30, .milliseconds(125)),
        (.messageTooLarge(limit: 16, from: []), 30, .milliseconds(125)),
        (.broken("reset"), 1, .milliseconds(125)), (.protocolViolation("masked"), 1, .milliseconds(125)),
        (.dialFailed("no route", httpStatus: nil), 1, .milliseconds(125)),
        (.dialFailed("refused", httpStatus: 429), 1, .seconds(10)),
    ]

    @Test(arguments: closes)
    func `the wait before the next dial depends on how a connection ended`(
        reason: CloseReason, second: Int64, wait: Duration
    ) {
        var (pool, turn) = connected()
        _ = pool.changeRequests(on: first) {
            $0.add(request(2))
            $0.add(request(1))
        }
        turn.now = at(second)
        let closed = pool.closed(first, reason, draw: 0, &turn)
        #expect(closed?.slot == SlotID(1) && closed?.wait == wait)
        #expect(closed?.unanswered == [request(2), request(1)], "oldest first")
        #expect(pool.closed(first, reason, draw: 0, &turn) == nil)
        #expect(turn.limiter.connectionCount == 0 && pool.connectionCount == 0)
        #expect(pool.slots[0].lastClose == reason && pool.slots[0].reconnectCount == 1)
        pool.dial(posts: .empty, &turn)
        #expect(turn.effects == (wait == .zero ? [.dial(ConnectionID(2), .api)] : []))
        #expect(turn.wakeTime == (wait == .zero ? nil : turn.now.advanced(by: wait)))
    }

    @Test(arguments: [(29, 250), (30, 125)] as [(Int64, Int64)])
    func `a connection that held for 30 s has its slot's failures forgotten`(second: Int64, milliseconds: Int64) {
        var (pool, turn) = connected()
        _ = pool.closed(first, .broken("reset"), draw: 0, &turn)
        turn.now = at(1)
        pool.connectAll(&turn)
        turn.now = at(1 + second)
        let closed = pool.closed(ConnectionID(2), .broken("reset"), draw: 0, &turn)
        #expect(closed?.wait == .milliseconds(milliseconds))
    }

    @Test(arguments: [true, false])
    func `a connection that is closed because of a fault is dialled again as after a failure`(isFaulty: Bool) {
        var (pool, turn) = connected()
        pool.close(first, isFaulty: isFaulty, &turn)
        let closed = pool.closed(first, .closedByUs, draw: 0, &turn)
        #expect(closed?.wait == (isFaulty ? .milliseconds(125) : .zero))
    }

    @Test(arguments: [true, false])
    func `whatever the venue does, one slot takes at most half of the dials of a minute`(isTrial: Bool) {
        var (pool, turn) = connected()
        var dials = [Instant.start]
        while turn.now < at(180) {
            let newest = pool.connections[0].id
            _ = pool.closed(newest, .broken("reset"), draw: 0, isTrial: isTrial, &turn)
            turn.now = max(turn.now, pool.slots[0].nextDial)
            pool.connectAll(&turn)
            dials.append(turn.now)
        }
        let most = dials.indices.map { first in
            dials[first...].count { $0 < dials[first].advanced(by: .seconds(60)) }
        }.max()
        #expect(most == (isTrial ? 12 : 10), "25 dials a minute are allowed; \(dials)")
    }

    @Test func `refused upgrades are counted until one connection opens`() {
        var (pool, turn) = connected()
        let counts = [pool.upgradeRefused(SlotID(1)), pool.upgradeRefused(SlotID(1)), pool.upgradeRefused(SlotID(9))]
        #expect(counts == [1, 2, 0])
        _ = pool.closed(first, .closedByUs, draw: 0, &turn)
        pool.connectAll(&turn)
        #expect(pool.upgradeRefused(SlotID(1)) == 1)
    }

    // MARK: Idle connections

    @Test func `a connection that carries nothing is closed after 5 s, once`() {
        var (pool, turn) = connected()
        pool.retireIdle(posts: .empty, &turn)
        #expect(turn.effects == [] && turn.wakeTime == nil)
        _ = pool.remove(UpstreamID(1), lingersUntil: .start, at: at(10))
        turn.now = at(14)
        pool.retireIdle(posts: .empty, &turn)
        #expect(turn.effects == [] && turn.wakeTime == at(15))
        turn.now = at(15)
        for _ in 0..<2 { pool.retireIdle(posts: .empty, &turn) }
        #expect(turn.effects == [.close(first)])
    }

    @Test func `a connection with an unanswered post is kept, and for 5 s after its answer`() {
        var (pool, turn) = connected()
        _ = pool.remove(UpstreamID(1), lingersUntil: .start, at: at(10))
        var posts = PostTracker.empty
        posts.add(PostID(1), .info, timeout: .seconds(60), at: .start)
        #expect(pool.slots[0].needsConnection(for: posts), "a post waits")
        posts.send(PostID(1), on: first)
        turn.now = at(40)
        pool.retireIdle(posts: posts, &turn)
        #expect(turn.effects == [])
        _ = posts.answer(PostID(1), on: first)
        pool.postAnswered(on: first, at: at(40))
        pool.retireIdle(posts: posts, &turn)
        #expect(turn.effects == [] && turn.wakeTime == at(45))
        turn.now = at(45)
        pool.retireIdle(posts: posts, &turn)
        #expect(turn.effects == [.close(first)])
    }

    @Test func `an idle connection is closed at once when another client needs it`() {
        var (pool, turn) = connected()
        turn.now = at(10)
        _ = pool.remove(UpstreamID(1), lingersUntil: .start, at: at(10))
        pool.closeUnusedSoon(posts: .empty)
        pool.retireIdle(posts: .empty, &turn)
        #expect(turn.effects == [.close(first)])
    }

    @Test func `posts go on the oldest open connection to the API that carries no suspect`() {
        var (pool, turn) = (pool(), turn())
        _ = pool.addSlot(.trial, carrying: [.made(1, trades)])
        _ = pool.addSlot(.dedicated, .explorer, carrying: [.made(2, ExplorerBlockFeed())])
        for number in [3, 4] as [UInt64] { _ = pool.addSlot(carrying: [.made(number, trades)]) }
        pool.connectAll(&turn)
        #expect(pool.postConnection == ConnectionID(3))
        pool.close(ConnectionID(3), &turn)
        #expect(pool.postConnection == ConnectionID(4))
        #expect(turn.effects == [.close(ConnectionID(3))])
    }

    // MARK: Heartbeats and requests

    @Test func `a silent connection is pinged after 20 s and closed 10 s later`() {
        var (pool, turn) = connected()
        #expect(pool.deadline == at(20) && !pool.hasDue(at: at(19)) && pool.hasDue(at: at(20)))
        turn.now = at(20)
        pool.beatAll(&turn)
        #expect(turn.takeEffects() == [.send(first, .ping)])
        turn.now = at(30)
        pool.beatAll(&turn)
        #expect(turn.takeEffects() == [.note(.silent(first)), .close(first)])
        #expect(pool.deadline == nil && !pool.isOpen(first))
    }

    @Test func `a ping that the limits delay does not count as unanswered`() {
        var (pool, turn) = connected { $0.messagesPerSecond = 1 }
        turn.now = at(20)
        turn.limiter.spendMessage(at: at(20))
        pool.beatAll(&turn)
        #expect(turn.effects == [] && pool.deadline == at(21))
        turn.now = at(21)
        pool.beatAll(&turn)
        #expect(turn.effects == [.send(first, .ping)] && pool.deadline == at(31))
    }

    @Test func `a frame delays the ping, and one of an unknown connection changes nothing`() {
        var (pool, turn) = connected()
        turn.now = at(5)
        pool.beat(first, .frameArrived, &turn)
        let before = pool
        pool.beat(ConnectionID(9), .frameArrived, &turn)
        #expect(pool == before && pool.deadline == at(25) && turn.effects == [])
    }

    @Test func `an overdue answer is a deadline while its connection is open`() {
        var (pool, turn) = connected()
        _ = pool.changeRequests(on: first) { $0.add(request(1, deadline: at(10))) }
        #expect(pool.deadline == at(10) && pool.hasDue(at: at(10)))
        #expect(pool.isAnswerDue(to: UpstreamID(1), on: first) == true)
        #expect(pool.isAnswerDue(to: UpstreamID(2), on: first) == false)
        #expect(pool.isAnswerDue(to: UpstreamID(1), on: ConnectionID(9)) == nil)
        for _ in 0..<2 { pool.close(first, &turn) }
        #expect(turn.effects == [.close(first)] && pool.deadline == nil)
        let isChanged: Void? = pool.changeRequests(on: ConnectionID(9)) { _ in }
        #expect(isChanged == nil)
    }
}
