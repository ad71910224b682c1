import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Lane") struct LaneTests {
    private let ann = PlacementFeeds.user(1)

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func lane() -> Lane {
        let backoff = Backoff(shortest: .milliseconds(250), longest: .seconds(30))
        return Lane(id: LaneID(1), kind: .packed, endpoint: .api, backoff: backoff, at: at(1))
    }

    private func wire(_ id: UInt64, _ feed: some Feed) -> WireSubscription { .made(id, feed) }

    @Test func `it knows since when it carries nothing`() {
        var lane = lane()
        #expect(lane.emptySince == at(1) && lane.nextDial == at(1))
        lane.add(wire(1, TradesFeed(coin: "BTC")))
        lane.add(wire(2, TradesFeed(coin: "ETH")))
        #expect(lane.emptySince == nil && lane.members == [WireID(1), WireID(2)])
        lane.remove(wire(1, TradesFeed(coin: "BTC")), lingersUntil: at(5), at: at(5))
        #expect(lane.emptySince == nil)
        lane.remove(wire(2, TradesFeed(coin: "ETH")), lingersUntil: at(6), at: at(6))
        #expect(lane.emptySince == at(6))
        lane.remove(wire(2, TradesFeed(coin: "ETH")), lingersUntil: at(9), at: at(9))
        #expect(lane.emptySince == at(6), "what is not there is not removed")
    }

    @Test func `who leaves is in no queue any more`() {
        var lane = lane()
        for (id, coin) in [(1, "BTC"), (2, "ETH")] as [(UInt64, Coin)] {
            lane.add(wire(id, TradesFeed(coin: coin)))
            lane.queue.insert(SubscribeQueue.Turn(of: WireID(id), .normal, isProven: false, since: .start))
            lane.departures.append(WireID(id))
        }
        lane.remove(wire(1, TradesFeed(coin: "BTC")), lingersUntil: at(2), at: at(2))
        #expect(lane.queue.wires == [WireID(2)] && lane.departures == [WireID(2)])
    }

    @Test func `a user who left is counted until he has lingered, and not on another connection`() {
        var lane = lane()
        lane.add(wire(1, UserFundingsFeed(user: ann)))
        lane.remove(wire(1, UserFundingsFeed(user: ann)), lingersUntil: at(20), at: at(5))
        let bob = PlacementFeeds.user(2).description
        #expect(lane.load.userCount(adding: bob, at: at(19)) == 2)
        #expect(lane.load.userCount(adding: bob, at: at(20)) == 1)
        #expect(lane.load.userCount(adding: ann.description, at: at(19)) == 1, "he is counted once")
        lane.forgetLingering()
        #expect(lane.load.userCount(adding: bob, at: at(6)) == 1)
    }

    @Test func `a place is given from one wire subscription of an identity to another`() {
        var lane = lane()
        lane.add(wire(1, TradesFeed(coin: "BTC")))
        lane.exchange(WireID(1), for: wire(2, TradesFeed(coin: "BTC")))
        #expect(lane.members == [WireID(2)] && lane.emptySince == nil)
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
