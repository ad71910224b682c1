import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Slot") struct ConnectionSlotTests {
    private let ann = PlacementFeeds.user(1)

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func slot() -> ConnectionSlot {
        let backoff = Backoff(shortest: .milliseconds(250), longest: .seconds(30))
        return ConnectionSlot(id: SlotID(1), kind: .packed, endpoint: .api, backoff: backoff, at: at(1))
    }

    private func upstream(_ id: UInt64, _ feed: some Feed) -> UpstreamSubscription { .made(id, feed) }

    @Test func `it knows since when it carries nothing`() {
        var slot = slot()
        #expect(slot.emptySince == at(1) && slot.nextDial == at(1))
        slot.add(upstream(1, TradesFeed(coin: "BTC")))
        slot.add(upstream(2, TradesFeed(coin: "ETH")))
        #expect(slot.emptySince == nil && slot.members == [UpstreamID(1), UpstreamID(2)])
        slot.remove(upstream(1, TradesFeed(coin: "BTC")), lingersUntil: at(5), at: at(5))
        #expect(slot.emptySince == nil)
        slot.remove(upstream(2, TradesFeed(coin: "ETH")), lingersUntil: at(6), at: at(6))
        #expect(slot.emptySince == at(6))
        slot.remove(upstream(2, TradesFeed(coin: "ETH")), lingersUntil: at(9), at: at(9))
        #expect(slot.emptySince == at(6), "what is not there is not removed")
    }

    @Test func `who leaves is in no queue any more`() {
        var slot = slot()
        for (id, coin) in [(1, "BTC"), (2, "ETH")] as [(UInt64, Coin)] {
            slot.add(upstream(id, TradesFeed(coin: coin)))
            slot.queue.insert(SubscribeQueue.Turn(of: UpstreamID(id), .normal, isProven: false, since: .start))
            slot.unsubscribeQueue.append(UpstreamID(id))
        }
        slot.remove(upstream(1, TradesFeed(coin: "BTC")), lingersUntil: at(2), at: at(2))
        #expect(slot.queue.upstreams == [UpstreamID(2)] && slot.unsubscribeQueue == [UpstreamID(2)])
    }

    @Test func `a user who left is counted until he has lingered, and not on another connection`() {
        var slot = slot()
        slot.add(upstream(1, UserFundingsFeed(user: ann)))
        slot.remove(upstream(1, UserFundingsFeed(user: ann)), lingersUntil: at(20), at: at(5))
        let bob = PlacementFeeds.user(2).description
        #expect(slot.load.userCount(adding: bob, at: at(19)) == 2)
        #expect(slot.load.userCount(adding: bob, at: at(20)) == 1)
        #expect(slot.load.userCount(adding: ann.description, at: at(19)) == 1, "he is counted once")
        slot.forgetLingering()
        #expect(slot.load.userCount(adding: bob, at: at(6)) == 1)
    }

    @Test func `a place is given from one upstream subscription of an identity to another`() {
        var slot = slot()
        slot.add(upstream(1, TradesFeed(coin: "BTC")))
        slot.exchange(UpstreamID(1), for: upstream(2, TradesFeed(coin: "BTC")))
        #expect(slot.members == [UpstreamID(2)] && slot.emptySince == nil)
    }

    @Test(
        arguments: [
            (.closedByVenue(code: 1000, reason: "Expired"), true, false), (.closedByUs, true, false),
            (.closedByVenue(code: 1012, reason: ""), false, false), (.broken("reset"), false, true),
            (.dialFailed("refused", httpStatus: 429), false, false), (.protocolViolation("masked"), false, false),
        ] as [(CloseReason, Bool, Bool)])
    func `ends are routine, or suspicious, or neither`(_ reason: CloseReason, _ isRoutine: Bool, _ isAbnormal: Bool) {
        #expect(reason.isRoutine == isRoutine)
        #expect(reason.isAbnormal == isAbnormal)
    }
}
