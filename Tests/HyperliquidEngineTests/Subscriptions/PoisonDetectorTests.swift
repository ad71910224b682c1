import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct PoisonDetectorTests {
    private let feeds: [any Feed] = ["A", "B", "C"].map { TradesFeed(coin: Coin($0)) }

    private func detector(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> PoisonDetector {
        PoisonDetector(configuration: .with(change))
    }

    /// Subscribes of these upstream subscriptions, sent at these times and unanswered.
    private func unanswered(_ sent: [(number: UInt64, at: Instant)]) -> [PendingRequests.Request] {
        sent.map { number, time in
            PendingRequests.Request(
                upstream: UpstreamID(number), generation: 1, kind: .subscribe, feed: feeds[Int(number) - 1].request,
                sentAt: time, deadline: time.advanced(by: .seconds(10)), attempts: 1)
        }
    }

    /// A detector that has found the first feed poisonous at this time.
    private func quarantining(at now: Instant = .start, registry: SubscriptionRegistry) -> PoisonDetector {
        var detector = detector()
        for _ in 0..<2 { _ = detector.judge(unanswered([(1, now)]), in: registry, at: now) }
        detector.forget(UpstreamID(1))
        return detector
    }

    // MARK: Verdicts

    /// The unanswered subscribes at each of several deaths, each at 10 s, and what each death shows.
    private static let deaths: [([[(UInt64, Instant)]], [[PoisonDetector.Finding]])] = [
        // One that is sent alone: the second kill is enough.
        ([[(1, at(9))], [(1, at(9))]], [[.suspected(UpstreamID(1))], [.poisonous(UpstreamID(1))]]),
        // Several at once: suspects, and a further death in company proves nothing more.
        (
            [[(1, at(9)), (2, at(9))], [(1, at(9)), (2, at(9))], [(1, at(9)), (2, at(9))]],
            [[.suspected(UpstreamID(1)), .suspected(UpstreamID(2))], [], []]
        ),
        // The window of 2 s has passed.
        ([[(1, at(8))]], [[]]),
        // One is recent and one is old: the recent one is a suspect, but was not alone.
        ([[(1, at(9)), (2, at(1))], [(1, at(9)), (2, at(1))], [(1, at(9))]], [[.suspected(UpstreamID(1))], [], []]),
        ([[]], [[]]),
    ]

    @Test(arguments: deaths)
    func `a death makes recent subscribes suspects, and one that is sent alone poisonous the second time`(
        deaths: [[(UInt64, Instant)]], findings: [[PoisonDetector.Finding]]
    ) {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        let found = deaths.map { detector.judge(unanswered($0.map { ($0.0, $0.1) }), in: registry, at: at(10)) }
        #expect(found == findings)
        #expect(detector.checkInvariants() == [])
    }

    @Test(arguments: 1...4) func `an identity is poisonous after as many solitary kills as are configured`(count: Int) {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector { $0.poisonKillCount = count }
        for kill in 1...count {
            let findings = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
            #expect(findings.contains(.poisonous(UpstreamID(1))) == (kill == count))
        }
    }

    @Test func `an identity that the venue has accepted before is never judged`() {
        var registry = SubscriptionRegistry.holding(feeds)
        registry.wasAccepted(UpstreamID(1))
        var detector = detector()
        let findings = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
        #expect(findings == [] && detector.suspectCount == 0)
    }

    @Test func `an identity without a subscription is not judged`() {
        var registry = SubscriptionRegistry.holding(feeds)
        _ = registry.unsubscribe(SubscriptionID(1))
        var detector = detector()
        let findings = detector.judge(unanswered([(1, .start), (2, .start)]), in: registry, at: .start)
        #expect(findings == [.suspected(UpstreamID(2))])
    }

    @Test func `an acceptance clears a suspect and its kills`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        _ = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
        #expect(detector.isSuspect(UpstreamID(1)))
        detector.wasAccepted(UpstreamID(1), feeds[0].request)
        #expect(!detector.isSuspect(UpstreamID(1)))
        let findings = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
        #expect(findings == [.suspected(UpstreamID(1))], "an earlier kill no longer counts")
    }

    @Test func `a forgotten upstream subscription is no suspect and waits for no trial`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        _ = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
        detector.awaitTrial(of: UpstreamID(1))
        detector.forget(UpstreamID(1))
        #expect(detector.suspectCount == 0 && detector.hasNoTrial)
        let findings = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
        #expect(findings == [.suspected(UpstreamID(1))], "an earlier kill no longer counts")
    }

    // MARK: Quarantine

    @Test(
        arguments: [(0, .seconds(3600)), (3000, .seconds(600)), (3600, nil), (9000, nil)] as [(Int64, Duration?)])
    func `a poisonous identity is refused for an hour`(second: Int64, remaining: Duration?) {
        let detector = quarantining(registry: .holding(feeds))
        #expect(detector.remainingQuarantine(of: feeds[0].request, at: at(second)) == remaining)
        #expect(detector.remainingQuarantine(of: feeds[1].request, at: at(second)) == nil)
    }

    @Test func `an identity that was in quarantine is tried alone, and one kill is enough`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = quarantining(registry: registry)
        let admissions = [
            detector.admit(UpstreamID(1), feeds[0].request), detector.admit(UpstreamID(2), feeds[1].request),
        ]
        #expect(admissions == [true, false])
        #expect(detector.isAwaitingTrial(UpstreamID(1)) && !detector.isAwaitingTrial(UpstreamID(2)))
        let findings = detector.judge(unanswered([(1, at(4000))]), in: registry, at: at(4000))
        #expect(findings == [.poisonous(UpstreamID(1))])
    }

    @Test func `an acceptance ends a quarantine for good`() {
        var detector = quarantining(registry: .holding(feeds))
        #expect(!detector.isEmpty)
        detector.wasAccepted(UpstreamID(7), feeds[0].request)
        #expect(detector.isEmpty)
        let isTried = detector.admit(UpstreamID(8), feeds[0].request)
        #expect(!isTried)
    }

    @Test(arguments: [(7199, true), (7200, false)] as [(Int64, Bool)])
    func `a quarantine is remembered as long again as it lasted`(second: Int64, isRemembered: Bool) {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = quarantining(registry: registry)
        for _ in 0..<2 { _ = detector.judge(unanswered([(2, at(second))]), in: registry, at: at(second)) }
        let isTried = detector.admit(UpstreamID(9), feeds[0].request)
        #expect(isTried == isRemembered)
    }

    // MARK: Trials

    /// A detector for which the first two upstream subscriptions wait for their trial.
    private func suspecting(_ registry: SubscriptionRegistry) -> PoisonDetector {
        var detector = detector()
        _ = detector.judge(unanswered([(1, .start), (2, .start)]), in: registry, at: .start)
        detector.awaitTrial(of: UpstreamID(1))
        detector.awaitTrial(of: UpstreamID(2))
        return detector
    }

    private func nextTrial(
        _ detector: inout PoisonDetector, _ registry: SubscriptionRegistry, _ pool: ConnectionPool,
        userCapacity: Int = 10, _ turn: inout Turn
    ) -> PoisonDetector.NextTrial {
        detector.nextTrial(in: registry, on: pool, userCapacity: userCapacity, &turn)
    }

    @Test func `a suspect needs a connection for trials, takes it when there is one, and the next suspect waits`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = suspecting(registry)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits())
        #expect(nextTrial(&detector, registry, pool, &turn) == .needsSlot(UpstreamID(1), .api))
        let slot = pool.addSlot(.trial)
        #expect(nextTrial(&detector, registry, pool, &turn) == .begins(UpstreamID(1), on: slot))
        #expect(!detector.isAwaitingTrial(UpstreamID(1)) && detector.isSuspect(UpstreamID(1)))
        pool.place(.made(1, feeds[0]), on: slot)
        #expect(nextTrial(&detector, registry, pool, &turn) == .none)
        _ = pool.remove(UpstreamID(1), lingersUntil: .start, at: .start)
        #expect(nextTrial(&detector, registry, pool, &turn) == .begins(UpstreamID(2), on: slot))
        #expect(nextTrial(&detector, registry, pool, &turn) == .none)
    }

    @Test func `a suspect of the explorer needs a connection to the explorer`() {
        let registry = SubscriptionRegistry.holding([ExplorerBlockFeed()])
        var detector = detector()
        _ = detector.judge(unanswered([(1, .start)]), in: registry, at: .start)
        detector.awaitTrial(of: UpstreamID(1))
        var pool = ConnectionPool(configuration: EngineConfiguration())
        _ = pool.addSlot(.trial)
        var turn = Turn(limits: VenueLimits())
        #expect(nextTrial(&detector, registry, pool, &turn) == .needsSlot(UpstreamID(1), .explorer))
    }

    @Test func `a full limit keeps a suspect waiting`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = suspecting(registry)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        _ = pool.addSlot(.trial)
        var limits = VenueLimits()
        limits.subscriptionCount = 0
        var turn = Turn(limits: limits)
        #expect(nextTrial(&detector, registry, pool, &turn) == .waits(UpstreamID(1), .subscriptionLimit))
        #expect(detector.isAwaitingTrial(UpstreamID(1)))
    }

    @Test func `a suspect waits while the user of an earlier one lingers on the connection for trials`() {
        let fills: [any Feed] = [1, 2].map { UserFillsFeed(user: .numbered($0)) }
        let registry = SubscriptionRegistry.holding(fills)
        var detector = detector()
        detector.awaitTrial(of: UpstreamID(2))
        var pool = ConnectionPool(configuration: EngineConfiguration())
        let slot = pool.addSlot(.trial, carrying: [.made(1, fills[0])])
        _ = pool.remove(UpstreamID(1), lingersUntil: at(15), at: .start)
        var turn = Turn(limits: VenueLimits())
        #expect(nextTrial(&detector, registry, pool, userCapacity: 1, &turn) == .none)
        #expect(turn.wakeTime == at(15))
        turn.now = at(15)
        #expect(nextTrial(&detector, registry, pool, userCapacity: 1, &turn) == .begins(UpstreamID(2), on: slot))
    }

    @Test func `a suspect that has ended is passed over`() {
        var registry = SubscriptionRegistry.holding(feeds)
        var detector = suspecting(registry)
        _ = registry.unsubscribe(SubscriptionID(1))
        registry.remove(UpstreamID(1))
        var turn = Turn(limits: VenueLimits())
        let pool = ConnectionPool(configuration: EngineConfiguration())
        #expect(nextTrial(&detector, registry, pool, &turn) == .needsSlot(UpstreamID(2), .api))
    }

    @Test func `a cancelled trial does not take place, and all trials are taken at once where none can`() {
        var detector = suspecting(.holding(feeds))
        detector.cancelTrial(of: UpstreamID(1))
        let taken = [detector.takeTrials(), detector.takeTrials()]
        #expect(taken == [[UpstreamID(2)], []])
        #expect(detector.hasNoTrial && detector.suspectCount == 2)
    }

    @Test func `a trial of an upstream subscription that is no suspect breaks an invariant`() {
        var detector = detector()
        detector.awaitTrial(of: UpstreamID(5))
        #expect(detector.checkInvariants() == ["upstream subscription 5 waits for a trial and is no suspect"])
    }
}
