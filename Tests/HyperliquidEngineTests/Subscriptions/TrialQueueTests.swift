import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct TrialQueueTests {
    private let feeds: [any Feed] = ["A", "B", "C"].map { TradesFeed(coin: Coin($0)) }

    /// A detector that suspects these upstream subscriptions.
    ///
    /// - Parameter isAnswered: Whether they were answered before two deaths; else they were unanswered at one.
    private func suspecting(
        _ registry: SubscriptionRegistry, _ numbers: UInt64..., isAnswered: Bool = false
    ) -> PoisonDetector {
        var detector = PoisonDetector(configuration: EngineConfiguration())
        let ids = numbers.map { UpstreamID($0) }
        let unanswered = ids.compactMap { registry[$0] }.map {
            PendingRequests.Request(
                upstream: $0.id, kind: .subscribe, feed: $0.request, sentAt: .start, deadline: at(10),
                attempts: 1)
        }
        let live = Dictionary(uniqueKeysWithValues: ids.map { ($0, Instant.start) })
        for _ in 0..<(isAnswered ? 2 : 1) {
            let death = PoisonDetector.Death(
                slot: SlotID(9), kind: .packed, endpoint: .api, openedAt: .start, isRoutine: false,
                unanswered: isAnswered ? [] : unanswered, live: isAnswered ? live : [:])
            var pool = ConnectionPool(configuration: EngineConfiguration())
            for _ in 0..<9 { _ = pool.addSlot() }
            _ = detector.judge(death, in: registry, on: pool, at: .start)
        }
        return detector
    }

    private func queue(_ numbers: UInt64...) -> TrialQueue {
        var trials = TrialQueue(configuration: EngineConfiguration())
        for number in numbers { trials.add(UpstreamID(number)) }
        return trials
    }

    private func next(
        _ trials: inout TrialQueue, _ poison: PoisonDetector, _ registry: SubscriptionRegistry, _ pool: ConnectionPool,
        userCapacity: Int = 10, _ turn: inout Turn
    ) -> TrialQueue.Next {
        trials.next(of: poison, in: registry, on: pool, userCapacity: userCapacity, &turn)
    }

    @Test func `a suspect needs a connection for trials, takes it when there is one, and the next suspect waits`() {
        let registry = SubscriptionRegistry.holding(feeds)
        let poison = suspecting(registry, 1, 2)
        var trials = queue(1, 2)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits(), at: at(1))
        #expect(next(&trials, poison, registry, pool, &turn) == .needsSlot(.api))
        let slot = pool.addSlot(.trial)
        #expect(next(&trials, poison, registry, pool, &turn) == .begins([UpstreamID(1)], on: slot))
        #expect(!trials.contains(UpstreamID(1)))
        pool.place(.made(1, feeds[0]), on: slot)
        #expect(next(&trials, poison, registry, pool, &turn) == .none)
        _ = pool.remove(UpstreamID(1), lingersUntil: .start, at: .start)
        #expect(next(&trials, poison, registry, pool, &turn) == .begins([UpstreamID(2)], on: slot))
        #expect(next(&trials, poison, registry, pool, &turn) == .none)
    }

    @Test func `a suspect of the explorer needs a connection to the explorer`() {
        let registry = SubscriptionRegistry.holding([ExplorerBlockFeed()])
        let poison = suspecting(registry, 1)
        var trials = queue(1)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        _ = pool.addSlot(.trial)
        var turn = Turn(limits: VenueLimits(), at: at(1))
        #expect(next(&trials, poison, registry, pool, &turn) == .needsSlot(.explorer))
    }

    @Test func `a full limit keeps a suspect waiting`() {
        let registry = SubscriptionRegistry.holding(feeds)
        let poison = suspecting(registry, 1, 2)
        var trials = queue(1, 2)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        _ = pool.addSlot(.trial)
        var limits = VenueLimits()
        limits.subscriptions = 0
        var turn = Turn(limits: limits, at: at(1))
        #expect(next(&trials, poison, registry, pool, &turn) == .waits(UpstreamID(1), .subscriptionLimit))
        #expect(trials.contains(UpstreamID(1)))
    }

    @Test func `a suspect waits while the user of an earlier one lingers on the connection for trials`() {
        let fills: [any Feed] = [1, 2].map { UserFillsFeed(user: .numbered($0)) }
        let registry = SubscriptionRegistry.holding(fills)
        let poison = suspecting(registry, 2)
        var trials = queue(2)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        let slot = pool.addSlot(.trial, carrying: [.made(1, fills[0])])
        _ = pool.remove(UpstreamID(1), lingersUntil: at(15), at: .start)
        var turn = Turn(limits: VenueLimits(), at: at(1))
        #expect(next(&trials, poison, registry, pool, userCapacity: 1, &turn) == .none)
        #expect(turn.wakeTime == at(15))
        turn.now = at(15)
        #expect(next(&trials, poison, registry, pool, userCapacity: 1, &turn) == .begins([UpstreamID(2)], on: slot))
    }

    @Test func `a suspect that has ended is passed over`() {
        var registry = SubscriptionRegistry.holding(feeds)
        let poison = suspecting(registry, 1, 2)
        var trials = queue(1, 2)
        _ = registry.unsubscribe(SubscriptionID(1))
        registry.remove(UpstreamID(1))
        var turn = Turn(limits: VenueLimits(), at: at(1))
        let pool = ConnectionPool(configuration: EngineConfiguration())
        #expect(next(&trials, poison, registry, pool, &turn) == .needsSlot(.api))
    }

    @Test(arguments: [(nil, [1, 2, 3]), (2, [1, 2]), (1, [1])] as [(Int?, [UInt64])])
    func `suspects that were answered before two deaths are tried as a group, within the limit`(
        limit: Int?, tried: [UInt64]
    ) {
        let registry = SubscriptionRegistry.holding(feeds)
        let poison = suspecting(registry, 1, 2, 3, isAnswered: true)
        var trials = queue(1, 2, 3)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        let slot = pool.addSlot(.trial)
        var limits = VenueLimits()
        if let limit { limits.subscriptions = limit }
        var turn = Turn(limits: limits, at: at(1))
        #expect(next(&trials, poison, registry, pool, &turn) == .begins(tried.map { UpstreamID($0) }, on: slot))
    }

    @Test func `trials take at most half of the dials of a minute`() {
        let registry = SubscriptionRegistry.holding(feeds)
        let poison = suspecting(registry, 1)
        var trials = queue(1)
        let pool = ConnectionPool(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits(), at: at(1))
        for _ in 0..<12 {
            #expect(next(&trials, poison, registry, pool, &turn) == .needsSlot(.api))
            trials.openedSlot(at: turn.now)
        }
        #expect(next(&trials, poison, registry, pool, &turn) == .none && turn.wakeTime == at(61))
        turn.now = at(61)
        #expect(next(&trials, poison, registry, pool, &turn) == .needsSlot(.api))
    }

    @Test func `a suspect that is removed is not tried, and all are taken at once where none can be`() {
        var trials = queue(1, 2)
        trials.remove(UpstreamID(1))
        let taken = [trials.takeAll(), trials.takeAll()]
        #expect(taken == [[UpstreamID(2)], []] && trials.isEmpty)
    }

    @Test func `a suspect is live although other clients have the connection that its trial needs`() {
        var harness = EngineHarness { $0.limits.connections = 2 }
        _ = harness.subscribe(TradesFeed(coin: "BTC"), timeout: nil)
        harness.handle(.started)
        harness.answerAll()
        harness.stayOpen()
        harness.turn.limiter.openConnection(at: harness.now)
        _ = harness.subscribe(BestBidOfferFeed(coin: "BTC"), timeout: nil)
        _ = harness.takeEffects()
        harness.handle(.connectionClosed(ConnectionID(1), .broken("reset"), draw: 0))
        #expect(harness.engine.poison.suspectCount == 1)
        for _ in 0..<60 {
            harness.stayOpen(for: .seconds(1))
            harness.answerAll()
        }
        #expect(harness.engine.registry.liveCount == 2)
        #expect(harness.engine.poison.suspectCount == 0)
        #expect(harness.engine.checkInvariants() == [])
    }
}
