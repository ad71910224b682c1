import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct SendSchedulerTests {
    private let slot = SlotID(1)
    private let other = SlotID(2)

    private func scheduler(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> SendScheduler {
        SendScheduler(configuration: .with(change))
    }

    private func trades(_ number: UInt64) -> UpstreamSubscription { .made(number, TradesFeed(coin: "BTC")) }

    private func candles(_ number: UInt64) -> UpstreamSubscription {
        .made(number, CandleFeed(coin: "BTC", interval: .oneMinute))
    }

    private func fills(_ number: UInt64) -> UpstreamSubscription {
        .made(number, UserFillsFeed(user: .numbered(Int(number))))
    }

    /// Takes all subscribes in the order in which they are sent, over these slots.
    private func order(_ scheduler: inout SendScheduler, over slots: [SlotID]) -> [UpstreamID] {
        var sent: [UpstreamID] = []
        var round = SendScheduler.Round()
        for slot in slots { round.add(scheduler.candidate(on: slot)) }
        while let candidate = round.popFirst() {
            if let id = scheduler.take(candidate) { sent.append(id) }
            round.add(scheduler.candidate(on: candidate.slot))
        }
        scheduler.end(round)
        return sent
    }

    // MARK: Queues

    @Test func `an upstream subscription that leaves its slot is in no queue any more`() {
        var scheduler = scheduler()
        for number in [1, 2] as [UInt64] {
            scheduler.queueSubscribe(trades(number), on: slot)
            scheduler.queueUnsubscribe(UpstreamID(number), on: slot)
        }
        scheduler.remove(UpstreamID(1), from: slot)
        #expect(scheduler.queuedSubscribes(on: slot) == [UpstreamID(2)])
        #expect(scheduler.nextUnsubscribe(on: slot) == UpstreamID(2))
        #expect(!scheduler.isQueued(UpstreamID(1), on: slot) && scheduler.isQueued(UpstreamID(2), on: slot))
    }

    @Test func `a cleared slot has empty queues, and other slots keep theirs`() {
        var scheduler = scheduler()
        for slot in [slot, other] {
            scheduler.queueSubscribe(trades(1), on: slot)
            scheduler.queueUnsubscribe(UpstreamID(2), on: slot)
        }
        scheduler.clear(slot)
        #expect(scheduler.candidate(on: slot) == nil && scheduler.nextUnsubscribe(on: slot) == nil)
        #expect(scheduler.candidate(on: other) != nil && scheduler.nextUnsubscribe(on: other) == UpstreamID(2))
        scheduler.clear(other)
        #expect(!scheduler.hasSubscribes)
    }

    @Test func `unsubscribes of a slot are sent in the order in which they were queued`() {
        var scheduler = scheduler()
        for number in [3, 1, 2] as [UInt64] { scheduler.queueUnsubscribe(UpstreamID(number), on: slot) }
        var sent: [UpstreamID] = []
        while let id = scheduler.nextUnsubscribe(on: slot) {
            sent.append(id)
            scheduler.unsubscribeSent(on: slot)
        }
        #expect(sent == [3, 1, 2].map { UpstreamID($0) })
    }

    @Test func `subscribes of all slots are sent by urgency, and equals by age`() {
        var scheduler = scheduler()
        for upstream in [candles(1), trades(2), fills(3)] { scheduler.queueSubscribe(upstream, on: slot) }
        for upstream in [fills(4), candles(5), trades(6)] { scheduler.queueSubscribe(upstream, on: other) }
        #expect(scheduler.hasSubscribes)
        #expect(order(&scheduler, over: [slot, other]) == [3, 4, 2, 6, 1, 5].map { UpstreamID($0) })
        #expect(!scheduler.hasSubscribes)
    }

    @Test func `a candidate that is passed is queued again at the end of the round`() {
        var scheduler = scheduler()
        for number in [1, 2] as [UInt64] { scheduler.queueSubscribe(trades(number), on: slot) }
        var round = SendScheduler.Round()
        round.add(scheduler.candidate(on: slot))
        let first = round.popFirst()
        if let first {
            #expect(scheduler.take(first) == UpstreamID(1))
            round.pass(first)
        }
        #expect(scheduler.queuedSubscribes(on: slot) == [UpstreamID(2)])
        #expect(round.popFirst() == nil, "a passed candidate does not come again in the same round")
        scheduler.end(round)
        #expect(scheduler.queuedSubscribes(on: slot) == [UpstreamID(1), UpstreamID(2)])
        #expect(order(&scheduler, over: [slot]) == [UpstreamID(1), UpstreamID(2)])
    }

    // MARK: Attribution

    private func requests(_ upstreams: [UpstreamSubscription], _ kind: RequestKind = .subscribe) -> PendingRequests {
        var requests = PendingRequests()
        for upstream in upstreams {
            requests.add(
                PendingRequests.Request(
                    upstream: upstream.id, kind: kind, feed: upstream.request, sentAt: .start,
                    deadline: at(10), attempts: 1))
        }
        return requests
    }

    /// A detector for which these upstream subscriptions are suspects.
    private func detector(suspecting suspects: [UpstreamSubscription]) -> PoisonDetector {
        let configuration = EngineConfiguration.with { $0.poisonKillCount = 9 }
        var detector = PoisonDetector(configuration: configuration)
        for suspect in suspects {
            let registry = SubscriptionRegistry.holding(
                (1...suspect.id.rawValue).map { TradesFeed(coin: Coin("C\($0)")) })
            let death = PoisonDetector.Death(
                slot: SlotID(1), kind: .packed, endpoint: .api, openedAt: .start, isRoutine: false,
                unanswered: requests([suspect]).all, live: [:])
            _ = detector.judge(
                death, in: registry, on: ConnectionPool(configuration: configuration), at: .start)
        }
        return detector
    }

    @Test(arguments: [(2, 0, true), (2, 1, true), (2, 2, false), (1, 1, false), (0, 0, true), (0, 1, false)])
    func `a connection has no more unanswered subscribes than configured, and at least one`(
        limit: Int, count: Int, mayAsk: Bool
    ) {
        let scheduler = scheduler { $0.unansweredSubscribeLimit = limit }
        let unanswered = requests((0..<count).map { trades(UInt64($0) + 1) })
        #expect(scheduler.mayAskMore(beside: unanswered, detector(suspecting: [])) == mayAsk)
        let unsubscribes = requests((0..<count).map { trades(UInt64($0) + 1) }, .unsubscribe)
        #expect(scheduler.mayAskMore(beside: unsubscribes, detector(suspecting: [])), "an unsubscribe does not count")
    }

    @Test func `no subscribe joins a suspect that is unanswered`() {
        let detector = detector(suspecting: [trades(1)])
        #expect(!scheduler().mayAskMore(beside: requests([trades(1), trades(2)]), detector))
        #expect(scheduler().mayAskMore(beside: requests([trades(2)]), detector))
        #expect(scheduler().mayAskMore(beside: requests([]), detector))
    }

    @Test func `a suspect joins no subscribe that is unanswered`() {
        let detector = detector(suspecting: [trades(1)])
        func mayAsk(for upstream: UpstreamSubscription, beside others: [UpstreamSubscription]) -> Bool {
            scheduler().mayAsk(
                for: upstream, beside: requests(others), detector, RateLimiter(limits: VenueLimits()),
                isNewUser: { _ in false }, at: .start)
        }
        #expect(mayAsk(for: trades(1), beside: []))
        #expect(!mayAsk(for: trades(1), beside: [trades(2)]))
        #expect(mayAsk(for: trades(3), beside: [trades(2)]))
    }

    @Test(arguments: [(8, true), (9, false)])
    func `new users are asked for one at a time near the limit of users`(usedCount: Int, mayAsk: Bool) {
        var limiter = RateLimiter(limits: VenueLimits())
        for number in 0..<usedCount { limiter.takeUser("user \(number)") }
        func mayAskForFills(beside others: [UpstreamSubscription]) -> Bool {
            scheduler().mayAsk(
                for: fills(1), beside: requests(others), detector(suspecting: []), limiter,
                isNewUser: { $0.user != nil }, at: .start)
        }
        #expect(mayAskForFills(beside: [fills(2)]) == mayAsk)
        #expect(mayAskForFills(beside: [trades(2)]), "a feed without a user is never refused for its user")
        let asksForMarket = scheduler().mayAsk(
            for: trades(1), beside: requests([fills(2)]), detector(suspecting: []), limiter,
            isNewUser: { $0.user != nil }, at: .start)
        #expect(asksForMarket)
    }
}

@Suite struct SubscribeQueueTests {
    @Test(
        arguments: [
            // The first one waits since 0 s, the second one since that many seconds; which goes first.
            (.normal, false, .normal, false, 0, true), (.high, false, .normal, false, 0, true),
            (.normal, false, .high, false, 9, false), (.normal, false, .high, false, 10, true),
            (.low, false, .high, false, 19, false), (.low, false, .high, false, 20, true),
            (.low, true, .low, false, 0, true), (.low, false, .low, true, 4, false), (.low, false, .low, true, 5, true),
        ] as [(FeedPriority, Bool, FeedPriority, Bool, Int64, Bool)])
    func `a subscribe goes first by its head start, which a longer wait makes up for`(
        one: FeedPriority, isProven: Bool, other: FeedPriority, isOtherProven: Bool, since: Int64, isFirst: Bool
    ) {
        let first = SubscribeQueue.Turn(of: UpstreamID(1), one, isProven: isProven, since: .start)
        let second = SubscribeQueue.Turn(of: UpstreamID(2), other, isProven: isOtherProven, since: at(since))
        #expect((first < second) == isFirst)
    }

    @Test(arguments: [UInt64](1...20))
    func `the queue returns the most urgent subscribe, whatever was removed`(seed: UInt64) {
        var random = SplitMix64(seed: seed)
        for _ in 0..<10 {
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
                    #expect(first == expected, "seed \(seed)")
                    if let first { model[first.upstream] = nil }
                default:
                    let turn = SubscribeQueue.Turn(
                        of: id, .normal, isProven: true, since: at(Int64(random.next() % 4)))
                    queue.insert(turn)
                    model[id] = turn
                }
                let (first, expected) = (queue.first, model.values.min())
                #expect(first == expected, "seed \(seed)")
                let (upstreams, ids) = (queue.upstreams, model.keys.sorted())
                #expect(upstreams == ids, "seed \(seed)")
            }
        }
    }
}
