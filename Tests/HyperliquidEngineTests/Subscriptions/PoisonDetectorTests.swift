import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct PoisonDetectorTests {
    private static let names = ["A", "B", "C", "D", "E", "F", "G"]
    private let feeds: [any Feed] = Self.names.map { TradesFeed(coin: Coin($0)) }
    private let one = UpstreamID(1)

    private func detector(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> PoisonDetector {
        PoisonDetector(configuration: .with(change))
    }

    /// A death at `now`, in milliseconds, on a connection that opened at `opened`.
    struct Case: Sendable {
        var now: Int64
        var opened: Int64 = 0
        /// The upstream subscriptions whose subscribes were unanswered, each with the time at which it was sent.
        var unanswered: [UInt64: Int64] = [:]
        /// The upstream subscriptions that were live, each with the time of its answer.
        var live: [UInt64: Int64] = [:]
        var isTrial = false
        var isRoutine = false
        /// Which of them are suspected at this death, and which is found poisonous two seconds later.
        var suspected: [UInt64] = []
        var poisonous: UInt64?
        var line: UInt = #line
    }

    private func time(_ milliseconds: Int64) -> Instant { .start.advanced(by: .milliseconds(milliseconds)) }

    private func die(
        _ death: Case, _ detector: inout PoisonDetector, in registry: SubscriptionRegistry,
        on pool: ConnectionPool = ConnectionPool(configuration: EngineConfiguration())
    ) -> [PoisonDetector.Finding] {
        let unanswered = death.unanswered.sorted { $0.key < $1.key }.map { number, sent in
            PendingRequests.Request(
                upstream: UpstreamID(number), kind: .subscribe, feed: feeds[Int(number) - 1].request,
                sentAt: time(sent), deadline: time(sent + 10_000), attempts: 1)
        }
        let live = death.live.map { (UpstreamID($0.key), time($0.value)) }
        let fact = PoisonDetector.Death(
            slot: SlotID(1), kind: death.isTrial ? .trial : .packed, endpoint: .api, openedAt: time(death.opened),
            isRoutine: death.isRoutine, unanswered: unanswered, live: Dictionary(uniqueKeysWithValues: live))
        return detector.judge(fact, in: registry, on: pool, at: time(death.now))
    }

    private func suspect(_ detector: inout PoisonDetector, in registry: SubscriptionRegistry, _ numbers: UInt64...) {
        for number in numbers { _ = die(Case(now: 100, unanswered: [number: 0]), &detector, in: registry) }
    }

    private func condemned(
        by detector: inout PoisonDetector, at milliseconds: Int64, in registry: SubscriptionRegistry,
        on pool: ConnectionPool = ConnectionPool(configuration: EngineConfiguration())
    ) -> [UpstreamID] {
        var turn = Turn(limits: VenueLimits(), at: time(milliseconds))
        return detector.condemn(in: registry, on: pool, &turn)
    }

    /// A detector that has found the first feed poisonous at this time.
    private func quarantining(_ number: UInt64 = 1, at second: Int64 = 0) -> PoisonDetector {
        var detector = detector()
        quarantine(number, at: second, &detector)
        return detector
    }

    private func quarantine(_ number: UInt64, at second: Int64, _ detector: inout PoisonDetector) {
        let start = second * 1000
        let registry = SubscriptionRegistry.holding(feeds)
        for death in [
            Case(now: start - 15_000, unanswered: [number: start - 15_100]),
            Case(now: start - 14_000, opened: start - 14_200, unanswered: [number: start - 14_100], isTrial: true),
            Case(now: start - 13_000, opened: start - 13_200, unanswered: [number: start - 13_100], isTrial: true),
            Case(now: start - 9000, opened: start - 9200, unanswered: [number: start - 9100], isTrial: true),
            Case(now: start - 2000, opened: start - 4100, unanswered: [number: start - 2100], isTrial: true),
        ] { _ = die(death, &detector, in: registry) }
        #expect(condemned(by: &detector, at: start, in: registry) == [UpstreamID(number)])
        detector.forget(UpstreamID(number))
    }

    // MARK: Deaths

    /// A first death, and three trials that follow it quickly.
    private static let beginning = [
        Case(now: 120, unanswered: [1: 0], suspected: [1]),
        Case(now: 520, opened: 300, unanswered: [1: 400], isTrial: true),
        Case(now: 1700, opened: 1500, unanswered: [1: 1600], isTrial: true),
        Case(now: 4900, opened: 4700, unanswered: [1: 4800], isTrial: true),
    ]

    /// The deaths of each case in order.
    private static let cases: [[Case]] = [
        // Poison: suspected at first, killed one trial at once, and a last one on a connection that held for 2 s.
        beginning + [
            Case(now: 10_200, opened: 8000, unanswered: [1: 10_100], isTrial: true, poisonous: 1)
        ],
        // The same without a trial, because no connection is to spare for one.
        [
            Case(now: 120, unanswered: [1: 0], suspected: [1]),
            Case(now: 520, opened: 300, unanswered: [1: 400]),
            Case(now: 1700, opened: 1500, unanswered: [1: 1600]),
            Case(now: 4900, opened: 4700, unanswered: [1: 4800]),
            Case(now: 10_200, opened: 8000, unanswered: [1: 10_100], poisonous: 1),
        ],
        // The venue restarts for less than 10 s.
        beginning + [
            Case(now: 9900, opened: 7700, unanswered: [1: 9800], isTrial: true)
        ],
        // The connection of the last trial did not hold for 2 s without the suspect.
        beginning + [
            Case(now: 10_200, opened: 8200, unanswered: [1: 10_100], isTrial: true)
        ],
        // A connection on which nothing was asked for lately dies in between: the evidence is dropped.
        beginning + [
            Case(now: 5000, live: [2: 0]),
            Case(now: 10_200, opened: 8000, unanswered: [1: 10_100], isTrial: true),
        ],
        // The same, but the venue closed that one as it does from time to time.
        beginning + [
            Case(now: 5000, live: [2: 0], isRoutine: true),
            Case(now: 10_200, opened: 8000, unanswered: [1: 10_100], isTrial: true, poisonous: 1),
        ],
        // The connection of a trial dies before the suspect is asked for, or long after.
        [
            Case(now: 120, unanswered: [1: 0], suspected: [1]),
            Case(now: 520, opened: 300, isTrial: true),
            Case(now: 5520, opened: 600, unanswered: [1: 700], isTrial: true),
            Case(now: 10_200, opened: 8000, unanswered: [1: 10_100], isTrial: true),
        ],
        // Several at once are suspects, and a further death in company is nobody's kill.
        [
            Case(now: 120, unanswered: [1: 0, 2: 0], suspected: [1, 2]),
            Case(now: 620, opened: 300, unanswered: [1: 500, 2: 500]),
            Case(now: 10_200, opened: 8000, unanswered: [1: 10_100, 2: 10_100]),
            Case(now: 20_200, opened: 18_000, unanswered: [1: 20_100]),
        ],
        // Only a subscribe of the last 2 s is suspected, and an unanswered one rather than an answered one.
        [Case(now: 2000, unanswered: [1: 0])],
        [Case(now: 1999, unanswered: [1: 0], suspected: [1])],
        [Case(now: 5000, unanswered: [1: 0, 2: 4900], suspected: [2])],
        [Case(now: 5000, unanswered: [1: 4900], live: [2: 4900], suspected: [1])],
        // Answered ones are suspected if they were answered just before two deaths of their slot.
        [
            Case(now: 5000, live: [1: 3001, 2: 4000, 3: 3000, 4: 4000]),
            Case(now: 5900, live: [1: 5801, 2: 5802, 3: 5803, 5: 5800], suspected: [1, 2]),
        ],
        [
            Case(now: 500, live: [1: 1, 2: 2]), Case(now: 9000, live: [1: 1001, 2: 1002]),
            Case(now: 9900, live: [1: 9801, 2: 9802]),
        ],
        // Answered ones are not suspected while the unanswered ones of the earlier death are.
        [
            Case(now: 500, unanswered: [1: 400], live: [2: 2, 3: 3], suspected: [1]),
            Case(now: 900, unanswered: [4: 800], live: [2: 802, 3: 803], suspected: [4]),
        ],
        // One that is answered and kills after that.
        [
            Case(now: 120, live: [1: 20]), Case(now: 320, live: [1: 220], suspected: [1]),
            Case(now: 520, opened: 300, live: [1: 420], isTrial: true),
            Case(now: 1720, opened: 1500, live: [1: 1620], isTrial: true),
            Case(now: 4920, opened: 4700, live: [1: 4820], isTrial: true),
            Case(now: 10_400, opened: 8200, live: [1: 10_300], isTrial: true, poisonous: 1),
        ],
        [Case(now: 0)],
    ]

    @Test(arguments: cases) func `deaths make suspects, and enough evidence makes one of them poisonous`(
        _ deaths: [Case]
    ) {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        for death in deaths {
            let expected = death.suspected.map { PoisonDetector.Finding.suspected(UpstreamID($0)) }
            #expect(die(death, &detector, in: registry) == expected, "line \(death.line)")
            #expect(condemned(by: &detector, at: death.now + 1999, in: registry) == [], "line \(death.line)")
            let poisonous = [death.poisonous.map { UpstreamID($0) }].compactMap { $0 }
            #expect(condemned(by: &detector, at: death.now + 2000, in: registry) == poisonous, "line \(death.line)")
        }
    }

    /// What has become of another feed that was once accepted, and whether the verdict falls.
    private static let controls: [(state: String, isPoisonous: Bool)] = [
        ("live since before the trial", true), ("live since the suspect was asked for", false), ("waiting", false),
        ("dead two seconds later", false), ("live where the suspect was asked for", true),
    ]

    @Test(arguments: controls) func `a verdict needs a connection that holds without the suspect`(
        state: String, isPoisonous: Bool
    ) {
        var registry = SubscriptionRegistry.holding(feeds)
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits())
        turn.now = time(state == "live since the suspect was asked for" ? 10_100 : 500)
        _ = pool.addSlot(carrying: [.made(2, feeds[1])])
        pool.connectAll(&turn)
        registry.makeLive(2, at: turn.now)
        if state == "waiting" { registry.wasLost(UpstreamID(2), at: turn.now) }
        var detector = detector()
        let deaths = Self.beginning + [Case(now: 10_200, opened: 8000, unanswered: [1: 10_100], isTrial: true)]
        for var death in deaths {
            if state == "live where the suspect was asked for", !death.isTrial || death.now > 10_000 {
                death.live = [2: death.opened]
                death.isTrial = false
            }
            _ = die(death, &detector, in: registry, on: pool)
        }
        if state.hasPrefix("dead") || state.hasPrefix("live where") { registry.wasLost(UpstreamID(2), at: turn.now) }
        #expect(condemned(by: &detector, at: 12_200, in: registry, on: pool) == (isPoisonous ? [one] : []))
        #expect(detector.suspect(one)?.killCount == (isPoisonous ? 4 : 0), "without a control the evidence is dropped")
    }

    @Test func `pauses grow to ten seconds while no verdict can fall`() {
        var registry = SubscriptionRegistry.holding(feeds)
        registry.makeLive(2)
        registry.wasLost(UpstreamID(2), at: .start)
        var detector = detector()
        // With more than two suspects, none is tried in haste.
        suspect(&detector, in: registry, 1, 3, 4)
        var pauses: [Duration] = []
        for round in 1...6 as ClosedRange<Int64> {
            for kill in [round * 100_000, round * 100_000 + 50_000] {
                let death = Case(now: kill, opened: kill - 5000, unanswered: [1: kill - 100], isTrial: true)
                _ = die(death, &detector, in: registry)
                #expect(condemned(by: &detector, at: kill + 2000, in: registry) == [])
            }
            let end = time(round * 100_000 + 52_000)
            if let next = detector.suspect(one)?.notBefore { pauses.append(end.duration(to: next)) }
        }
        #expect(pauses == [1, 2, 4, 8, 10, 10].map { .seconds($0) })
    }

    @Test func `an identity that the venue has accepted before is judged too, one without a subscription is not`() {
        var registry = SubscriptionRegistry.holding(feeds)
        registry.wasAccepted(one)
        _ = registry.unsubscribe(SubscriptionID(2))
        var detector = detector()
        let findings = die(Case(now: 100, unanswered: [1: 0, 2: 0]), &detector, in: registry)
        #expect(findings == [.suspected(one)])
    }

    @Test func `an acceptance clears a suspect and its kills`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        suspect(&detector, in: registry, 1)
        #expect(detector.isSuspect(one))
        #expect(detector.holdAfterAnswer(one) == nil)
        detector.acquit(one, feeds[0].request)
        #expect(!detector.isSuspect(one))
    }

    @Test(arguments: [true, false]) func `answered ones are suspected once the unanswered ones are acquitted`(
        isGuilty: Bool
    ) throws {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        _ = die(Case(now: 500, unanswered: [1: 400], live: [2: 2, 3: 3]), &detector, in: registry)
        if isGuilty {
            let kill = Case(now: 700, opened: 550, unanswered: [1: 600], isTrial: true)
            _ = die(kill, &detector, in: registry)
        }
        detector.acquit(one, feeds[0].request)
        let death = Case(now: 900, unanswered: [4: 800], live: [2: 802, 5: 803])
        let findings = die(death, &detector, in: registry)
        #expect(findings == [.suspected(UpstreamID(4))] + (isGuilty ? [] : [.suspected(UpstreamID(2))]))
    }

    @Test func `one that was answered before two deaths is cleared only by a connection that holds`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        for death in [Case(now: 100, live: [1: 0]), Case(now: 500, live: [1: 400])] {
            _ = die(death, &detector, in: registry)
        }
        #expect(detector.holdAfterAnswer(one) == .seconds(2) && !detector.needsMessage(one))
    }

    @Test func `the messages of a single suspect are delivered during its trial, those of one of several are not`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        suspect(&detector, in: registry, 1)
        #expect(!detector.delivers(one))
        detector.beginTrial(of: one)
        #expect(detector.delivers(one))
        suspect(&detector, in: registry, 2)
        #expect(detector.delivers(one), "what has begun goes on")
        detector.beginTrial(of: one)
        #expect(!detector.delivers(one))
    }

    @Test func `a forgotten upstream subscription is no suspect`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        suspect(&detector, in: registry, 1)
        detector.forget(one)
        #expect(detector.suspectCount == 0)
    }

    // MARK: Other charges

    @Test func `an unanswered feed is tried apart, and ends if others are answered and it is not`() throws {
        var registry = SubscriptionRegistry.holding(feeds)
        let upstream = try #require(registry[one])
        var detector = detector()
        #expect(detector.judgeUnanswered(upstream, isHeard: true, in: registry, at: at(30)) == .suspected)
        registry.wasAsked(UpstreamID(2), on: ConnectionID(2), at: at(31))
        #expect(detector.judgeUnanswered(upstream, isHeard: true, in: registry, at: at(40)) == .unclear)
        detector.accepted(try #require(registry[UpstreamID(2)]), at: at(41))
        #expect(detector.judgeUnanswered(upstream, isHeard: false, in: registry, at: at(50)) == .unclear)
        detector.accepted(try #require(registry[UpstreamID(2)]), at: at(51))
        #expect(detector.judgeUnanswered(upstream, isHeard: true, in: registry, at: at(60)) == .ignored)
    }

    @Test func `a feed that sends too large a message is tried apart, and ends at the second one`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = detector()
        let death = PoisonDetector.Death(
            slot: SlotID(1), kind: .packed, endpoint: .api, openedAt: .start, isRoutine: false, unanswered: [],
            live: [one: at(1), UpstreamID(2): at(99), UpstreamID(3): at(1)])
        let judge = { (detector: inout PoisonDetector, senders: [UpstreamID]?, second: Int64) in
            detector.judgeTooLarge(death, limit: 16, from: senders, in: registry, at: at(second))
        }
        #expect(judge(&detector, [one], 200) == [.suspected(one)])
        #expect(detector.holdAfterAnswer(one) == .seconds(5) && detector.needsMessage(one))
        #expect(judge(&detector, [one], 201) == [.sendsTooLarge(one, limit: 16)])
        #expect(judge(&detector, nil, 100) == [.suspected(UpstreamID(2))], "the one that was subscribed last")
        detector.acquit(UpstreamID(2), feeds[1].request)
        #expect(judge(&detector, nil, 100) == [.suspected(UpstreamID(2))], "it was only guessed before")
        #expect(judge(&detector, nil, 300) == [.suspected(UpstreamID(3))], "all that are no suspects yet")
        #expect(judge(&detector, [], 300) == [], "a feed that has ended")
    }

    // MARK: Quarantine

    @Test(
        arguments: [(0, .seconds(3600)), (3000, .seconds(600)), (3600, nil), (9000, nil)] as [(Int64, Duration?)])
    func `a poisonous identity is refused for an hour`(second: Int64, remaining: Duration?) {
        let detector = quarantining()
        #expect(detector.remainingQuarantine(of: feeds[0].request, at: at(second)) == remaining)
        #expect(detector.remainingQuarantine(of: feeds[1].request, at: at(second)) == nil)
    }

    @Test func `an identity that was in quarantine is tried alone, and one kill is enough`() {
        let registry = SubscriptionRegistry.holding(feeds)
        var detector = quarantining()
        let admissions = [1, 2].map {
            detector.admit(UpstreamID($0), feeds[Int($0) - 1].request, at: at(4000))
        }
        #expect(admissions == [true, false])
        #expect(detector.isSuspect(one) && !detector.isSuspect(UpstreamID(2)))
        let death = Case(now: 4_003_000, opened: 4_000_000, unanswered: [1: 4_002_900], isTrial: true)
        #expect(die(death, &detector, in: registry) == [])
        #expect(condemned(by: &detector, at: 4_005_000, in: registry) == [one])
    }

    @Test func `an acceptance ends a quarantine for good`() {
        var detector = quarantining()
        #expect(!detector.isEmpty)
        detector.acquit(one, feeds[0].request)
        #expect(detector.isEmpty)
        let isTried = detector.admit(UpstreamID(8), feeds[0].request, at: at(2))
        #expect(!isTried)
    }

    @Test(arguments: [(7199, true), (7200, false)] as [(Int64, Bool)])
    func `a quarantine is remembered as long again as it lasted`(second: Int64, isRemembered: Bool) {
        var detector = quarantining()
        let isTried = detector.admit(UpstreamID(9), feeds[0].request, at: at(second))
        #expect(isTried == isRemembered)
    }
}
