import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct SubscriptionMoverTests {
    private let id = UpstreamID(1)
    private let replacement = UpstreamID(2)
    private let old = ConnectionID(1)
    private let new = ConnectionID(2)
    private let trades = TradesFeed(coin: "BTC")
    private let orders = OrderUpdatesFeed(user: .numbered(1))

    private func mover(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> SubscriptionMover {
        SubscriptionMover(configuration: .with(change))
    }

    private func turn(at second: Int64 = 0, _ change: (inout VenueLimits) -> Void = { _ in }) -> Turn {
        var limits = VenueLimits()
        change(&limits)
        return Turn(limits: limits, at: at(second))
    }

    // MARK: The next move

    /// Slots 1 and 2, the first with a feed that is to move to the second, and a mover that has planned the move.
    private struct PlannedMove {
        var registry: SubscriptionRegistry
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var mover = SubscriptionMover(configuration: EngineConfiguration())
        var placement = Placement(policy: .packed, limits: VenueLimits())

        init(_ feed: any Feed) {
            registry = .holding([feed])
            let from = pool.addSlot(carrying: [.made(1, feed)])
            let to = pool.addSlot()
            mover.plan([Placement.Move(upstream: UpstreamID(1), from: from, to: to, reason: .yieldsConnection)])
        }

        mutating func next(_ turn: inout Turn) -> UpstreamID? {
            mover.nextMove(in: registry, on: pool, placement, &turn)?.upstream.id
        }
    }

    @Test func `a move begins while its feed is on the old slot and ends when it is on the new one`() {
        var plan = PlannedMove(trades)
        var turn = turn()
        #expect(!plan.mover.mayPlan(at: .start))
        #expect(plan.next(&turn) == id)
        #expect(plan.mover.moves.count == 1)
        _ = plan.pool.remove(id, lingersUntil: .start, at: .start)
        plan.pool.place(.made(1, trades), on: SlotID(2))
        #expect(plan.next(&turn) == nil)
        #expect(plan.mover.moves == [] && plan.mover.mayPlan(at: .start) && turn.wakeTime == nil)
    }

    @Test func `the next move waits for the end of a move under way`() {
        var plan = PlannedMove(trades)
        var turn = turn()
        plan.mover.begin(replacement, of: id)
        #expect(plan.next(&turn) == nil)
        #expect(plan.mover.moves.count == 1)
    }

    /// Changes after which a planned move is not possible any more.
    private static let obstructions: [@Sendable (inout PlannedMove) -> Void] = [
        { plan in  // It has left its slot.
            _ = plan.pool.remove(UpstreamID(1), lingersUntil: .start, at: .start)
        },
        { plan in  // Another feed that is ambiguous with it has taken the new slot.
            plan.pool.place(.made(9, TradesFeed(coin: "BTC")), on: SlotID(2))
        },
        { plan in  // The new slot is gone.
            plan.pool.removeUnusedSlots(posts: .empty)
        },
        { plan in  // It is being ended.
            plan.registry.makeLive(1)
            plan.registry.isLeaving(UpstreamID(1), ConnectionID(1), at: .start)
        },
        { plan in  // It has ended.
            _ = plan.registry.unsubscribe(SubscriptionID(1))
            plan.registry.remove(UpstreamID(1))
        },
    ]

    @Test(arguments: obstructions.indices)
    func `a move that has become impossible drops the plan, and a new plan is due after a short pause`(index: Int) {
        var plan = PlannedMove(trades)
        Self.obstructions[index](&plan)
        var turn = turn(at: 10)
        #expect(plan.next(&turn) == nil)
        let pauseEnd = at(10).advanced(by: .milliseconds(250))
        #expect(plan.mover.moves == [] && plan.mover.pausedUntil == pauseEnd && turn.wakeTime == pauseEnd)
        #expect(!plan.mover.mayPlan(at: at(10)) && plan.mover.mayPlan(at: pauseEnd))
    }

    @Test func `a move waits for a user that lingers on the new connection`() {
        var plan = PlannedMove(orders)
        plan.placement.limits.usersPerConnection = 1
        plan.pool.place(.made(9, UserFillsFeed(user: .numbered(2))), on: SlotID(2))
        _ = plan.pool.remove(UpstreamID(9), lingersUntil: at(15), at: .start)
        var turn = turn()
        #expect(plan.next(&turn) == nil)
        #expect(plan.mover.moves.count == 1 && turn.wakeTime == at(15))
        turn.now = at(15)
        #expect(plan.next(&turn) == id)
    }

    @Test func `a failed move gives up the plan, and no plan is made for 15 s`() {
        var plan = PlannedMove(trades)
        plan.mover.giveUp(at: .start)
        #expect(plan.mover.moves == [])
        #expect(!plan.mover.mayPlan(at: at(14)) && plan.mover.mayPlan(at: at(15)))
    }

    // MARK: The begin of a move

    @Test func `a move of a waiting feed relocates it`() {
        let pool = ConnectionPool(configuration: EngineConfiguration())
        #expect(mover().start(of: .made(1, trades), on: pool, turn()) == .relocate)
    }

    @Test(
        arguments: [(false, 10, .replace), (true, 10, .wait), (false, 0, .wait)]
            as [(Bool, Int, SubscriptionMover.Start)])
    func `a move of a live feed replaces it unless an answer is due or no subscription is left`(
        isAnswerDue: Bool, limit: Int, start: SubscriptionMover.Start
    ) {
        let live = UpstreamSubscription.made(1, trades) { registry, _ in registry.makeLive(1) }
        var turn = turn { $0.subscriptions = limit }
        var pool = ConnectionPool(configuration: EngineConfiguration())
        _ = pool.addSlot(carrying: [.made(1, trades)])
        pool.connectAll(&turn)
        if isAnswerDue {
            _ = pool.changeRequests(on: old) {
                $0.add(
                    PendingRequests.Request(
                        upstream: id, kind: .unsubscribe, feed: trades.request, sentAt: .start,
                        deadline: at(10), attempts: 1))
            }
        }
        #expect(mover().start(of: live, on: pool, turn) == start)
    }

    @Test(arguments: [false, true]) func `a move of a feed that is asked for or leaving waits`(isLeaving: Bool) {
        let upstream = UpstreamSubscription.made(1, trades) { registry, id in
            registry.wasAsked(id, on: ConnectionID(1), at: .start)
            if isLeaving { registry.isLeaving(id, ConnectionID(1), at: .start) }
        }
        let pool = ConnectionPool(configuration: EngineConfiguration())
        #expect(mover().start(of: upstream, on: pool, turn()) == .wait)
    }

    @Test func `a replacement and its original know each other until the replacement ends`() {
        var mover = mover()
        mover.begin(replacement, of: id)
        #expect(mover.replacement(of: id) == replacement && mover.original(of: replacement) == id)
        #expect(mover.isReplacement(replacement) && !mover.isReplacement(id))
        #expect(mover.isMoving(id) && mover.isMoving(replacement))
        #expect(Array(mover.allReplacements) == [replacement])
        var turn = turn()
        mover.end(replacement, isLost: false, &turn)
        #expect(mover == self.mover() && turn.effects == [])
    }

    // MARK: Handover

    /// A feed on connection 1 and its replacement, which is about to be asked for on connection 2.
    private struct Moving {
        var registry: SubscriptionRegistry
        var mover = SubscriptionMover(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits())

        init(_ feed: some Feed, isLive: Bool = true) {
            registry = .holding([feed])
            if isLive { registry.makeLive(1) }
            mover.begin(registry.makeReplacement(of: original, at: .start), of: UpstreamID(1))
            beginHandover()
        }

        private var original: UpstreamSubscription { registry[UpstreamID(1)] ?? .made(1, TradesFeed(coin: "BTC")) }

        mutating func beginHandover() {
            guard let replacement = registry[UpstreamID(2)] else { return }
            mover.beginHandover(to: replacement, in: registry, &turn)
        }

        /// Exchanges the feed and its replacement, and returns the effects of that.
        mutating func switchOver(isCertain: Bool = true) -> [Engine.Effect] {
            turn.effects = []
            mover.switchOver(original, from: ConnectionID(1), to: ConnectionID(2), isCertain: isCertain, &turn)
            return turn.takeEffects()
        }

        /// Ends the replacement, and returns the effects of that.
        mutating func end(isLost: Bool) -> [Engine.Effect] {
            turn.effects = []
            mover.end(UpstreamID(2), isLost: isLost, &turn)
            return turn.takeEffects()
        }
    }

    @Test func `a handover begins for a live feed that repeats nothing, once`() {
        var moving = Moving(orders)
        #expect(moving.turn.takeEffects() == [.beginHandover(id, from: old)])
        #expect(moving.mover.handover(of: id)?.isSwitched == false && moving.mover.switchedHandoverCount == 0)
        moving.beginHandover()
        #expect(moving.turn.effects == [])
    }

    @Test func `a feed that repeats its state or is not live needs no handover`() {
        #expect(Moving(trades).turn.effects == [])
        #expect(Moving(orders, isLive: false).turn.effects == [])
    }

    @Test(arguments: [(true, []), (false, [.announceGap(UpstreamID(1), .moved)])] as [(Bool, [Engine.Effect])])
    func `a feed that repeats its state changes places at once, with a gap if an earlier answer was lost`(
        isCertain: Bool, gap: [Engine.Effect]
    ) {
        var moving = Moving(trades)
        #expect(
            moving.switchOver(isCertain: isCertain)
                == [.detach(id, old), .attach(id, new), .expectReplay(id)] + gap)
    }

    @Test func `a feed that repeats nothing has a gap when it changes places without a handover`() {
        var moving = Moving(orders, isLive: false)
        #expect(
            moving.switchOver()
                == [.detach(id, old), .attach(id, new), .expectReplay(id), .announceGap(id, .moved)])
    }

    @Test func `a feed that repeats nothing keeps its old connection until the end there is confirmed`() {
        var moving = Moving(orders)
        #expect(moving.switchOver() == [.attach(id, new)])
        #expect(moving.mover.switchedHandoverCount == 1)
        #expect(moving.end(isLost: false) == [.endHandover(id, isLost: false), .detach(id, old)])
        #expect(moving.mover == mover(), "no trace of the move is left")
    }

    @Test func `a handover whose old connection is lost ends as lost`() {
        var moving = Moving(orders)
        _ = moving.switchOver()
        #expect(moving.end(isLost: true) == [.endHandover(id, isLost: true), .detach(id, old)])
    }

    @Test(arguments: [true, false])
    func `a replacement that ends before it takes over cancels the handover`(isLost: Bool) {
        var moving = Moving(orders)
        #expect(moving.end(isLost: isLost) == [.cancelHandover(id)])
        #expect(moving.mover == mover(), "no trace of the move is left")
    }

    @Test(arguments: [false, true])
    func `a cancelled handover detaches the old connection once the new one is attached`(isSwitched: Bool) {
        var moving = Moving(orders)
        if isSwitched { _ = moving.switchOver() }
        moving.turn.effects = []
        for _ in 0..<2 { moving.mover.cancelHandover(of: id, &moving.turn) }
        #expect(moving.turn.effects == [.cancelHandover(id)] + (isSwitched ? [.detach(id, old)] : []))
    }

    // MARK: Rotation

    /// A kind of slot, whether it carries something, and when its connection is due for a rotation after 60 s.
    private static let ages: [(ConnectionSlot.Kind, isEmpty: Bool, due: Int64?)] = [
        (.packed, false, 70), (.dedicated, false, 70), (.trial, false, nil), (.packed, true, nil),
    ]

    @Test(arguments: ages)
    func `a connection that carries feeds is due at its age, one for trials never`(
        kind: ConnectionSlot.Kind, isEmpty: Bool, due: Int64?
    ) throws {
        let mover = mover { $0.maximumConnectionAge = .seconds(60) }
        var turn = turn(at: 10)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        _ = pool.addSlot(kind, carrying: [.made(1, trades)])
        pool.connectAll(&turn)
        if isEmpty { _ = pool.remove(id, lingersUntil: .start, at: .start) }
        turn.now = at(69)
        let isDueEarly = mover.isDue(pool.slots[0], &turn)
        #expect(!isDueEarly && turn.wakeTime == due.map { at($0) })
        turn.now = at(70)
        let isDue = mover.isDue(pool.slots[0], &turn)
        #expect(isDue == (due != nil))
        let isDueWithoutAge = self.mover().isDue(pool.slots[0], &turn)
        #expect(!isDueWithoutAge)
    }

    @Test func `a rotation lasts until one of its slots is gone or a move fails`() {
        var pool = ConnectionPool(configuration: EngineConfiguration())
        let (from, to) = (pool.addSlot(carrying: [.made(1, trades)]), pool.addSlot())
        var mover = mover()
        #expect(mover.currentRotation(on: pool, at: .start) == nil)
        mover.rotate(from, to: to)
        let rotation = mover.currentRotation(on: pool, at: .start)
        #expect(rotation?.from == from && rotation?.to == to)
        // A plan could undo what the rotation does.
        #expect(!mover.mayPlan(at: .start))
        var failed = mover
        failed.giveUp(at: .start)
        #expect(failed.currentRotation(on: pool, at: .start) == nil && failed.rotation == nil)
        pool.removeUnusedSlots(posts: .empty)
        #expect(mover.currentRotation(on: pool, at: .start) == nil && mover.rotation == nil)
    }

    @Test func `two replacements of one original break an invariant`() {
        var mover = mover()
        mover.begin(replacement, of: id)
        #expect(mover.checkInvariants() == [])
        mover.begin(UpstreamID(3), of: id)
        #expect(mover.checkInvariants() == ["a replacement has no original"])
    }
}
