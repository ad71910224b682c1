import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct TurnTests {
    private func turn(_ change: (inout VenueLimits) -> Void = { _ in }) -> Turn {
        var limits = VenueLimits()
        change(&limits)
        return Turn(limits: limits)
    }

    @Test(
        arguments: [([], nil), ([nil], nil), ([9, 5, nil, 7], 5), ([5, 5], 5)] as [([Int64?], Int64?)])
    func `the earliest of the noted times is the wake time`(times: [Int64?], wake: Int64?) {
        var turn = turn()
        for time in times { turn.wake(at: time.map { at($0) }) }
        #expect(turn.wakeTime == wake.map { at($0) })
    }

    @Test func `the wake time of one turn is forgotten in the next`() {
        var turn = turn()
        turn.wake(at: at(5))
        turn.beginWork()
        #expect(turn.wakeTime == nil)
    }

    @Test func `a turn notes when the next message may be sent`() {
        var turn = turn { $0.messagesPerSecond = 1 }
        let maySendFirst = turn.maySendMessage()
        #expect(maySendFirst && turn.wakeTime == nil)
        turn.limiter.spendMessage(at: .start)
        let maySendSecond = turn.maySendMessage()
        #expect(!maySendSecond && turn.wakeTime == at(1))
    }

    private let fills = UserFillsFeed(user: .numbered(1))

    @Test func `a feed for which every limit has capacity is not kept waiting`() {
        var turn = turn()
        #expect(turn.exhaustedLimit(for: .made(1, fills)) == nil && turn.wakeTime == nil)
    }

    @Test func `a refused feed waits until its pause is over`() {
        let paused = UpstreamSubscription.made(1, fills) { $0.pause($1, for: .userLimit, until: at(15)) }
        var turn = turn()
        #expect(turn.exhaustedLimit(for: paused) == .userLimit && turn.wakeTime == at(15))
        turn.beginWork()
        turn.now = at(15)
        #expect(turn.exhaustedLimit(for: paused) == nil && turn.wakeTime == nil)
    }

    @Test func `a feed waits for a subscription that is returned, or for the next try beyond a refusal`() {
        var turn = turn { $0.subscriptions = 2 }
        for _ in 0..<2 { turn.limiter.takeSubscription() }
        #expect(turn.exhaustedLimit(for: .made(1, fills)) == .subscriptionLimit && turn.wakeTime == nil)
        turn.limiter.returnSubscription()
        turn.limiter.subscriptionCap.refused(beyond: 1, stated: nil, at: .start)
        #expect(turn.exhaustedLimit(for: .made(1, fills)) == .subscriptionLimit && turn.wakeTime == at(600))
    }

    @Test(arguments: [(nil, nil), (15, 15)] as [(Int64?, Int64?)])
    func `a feed waits for a user that leaves, and until that user no longer lingers`(linger: Int64?, wake: Int64?) {
        var turn = turn { $0.users = 1 }
        turn.limiter.takeUser("other")
        if let linger { turn.limiter.returnUser("other", lingersUntil: at(linger), at: .start) }
        #expect(turn.exhaustedLimit(for: .made(1, fills)) == .userLimit)
        #expect(turn.wakeTime == wake.map { at($0) })
        #expect(turn.exhaustedLimit(for: .made(2, TradesFeed(coin: "BTC"))) == nil, "a market feed has no user")
    }
}
