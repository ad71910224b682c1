import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct ConnectionSlotTests {
    private let ann = Address.numbered(1)

    private func slot() -> ConnectionSlot {
        let backoff = Backoff(shortest: .milliseconds(250), longest: .seconds(30))
        return ConnectionSlot(id: SlotID(1), kind: .packed, endpoint: .api, backoff: backoff, dialLimit: 12, at: at(1))
    }

    private func item(_ id: UInt64, _ feed: some Feed) -> PlacementItem {
        PlacementItem(id: UpstreamID(id), request: feed.request, traits: feed.traits)
    }

    @Test func `a slot knows since when it has carried nothing`() {
        var slot = slot()
        #expect(slot.emptySince == at(1) && slot.nextDial == at(1))
        slot.add(item(1, TradesFeed(coin: "BTC")))
        slot.add(item(2, TradesFeed(coin: "ETH")))
        #expect(slot.emptySince == nil && slot.members == [UpstreamID(1), UpstreamID(2)])
        slot.remove(UpstreamID(1), lingersUntil: at(5), at: at(5))
        #expect(slot.emptySince == nil)
        slot.remove(UpstreamID(2), lingersUntil: at(6), at: at(6))
        #expect(slot.emptySince == at(6))
        slot.remove(UpstreamID(2), lingersUntil: at(9), at: at(9))
        #expect(slot.emptySince == at(6), "a second removal changes nothing")
    }

    @Test func `an exchange puts an upstream subscription in the place of another one of its identity`() {
        var slot = slot()
        slot.add(item(1, TradesFeed(coin: "BTC")))
        slot.exchange(UpstreamID(1), for: item(2, TradesFeed(coin: "BTC")))
        #expect(slot.members == [UpstreamID(2)] && slot.emptySince == nil)
    }

    @Test(
        arguments: [
            (.closedByVenue(code: 1000, reason: "Expired"), true), (.closedByUs, true),
            (.closedByVenue(code: 1001, reason: ""), false), (.closedByVenue(code: 1011, reason: ""), false),
            (.closedByVenue(code: 1012, reason: ""), false), (.closedByVenue(code: 1013, reason: ""), false),
            (.broken("reset"), false), (.dialFailed("refused", httpStatus: 429), false),
            (.protocolViolation("masked"), false), (.messageTooLarge(limit: 16, from: []), false),
        ] as [(CloseReason, Bool)])
    func `only Close 1000 and our own close are routine`(_ reason: CloseReason, _ isRoutine: Bool) {
        #expect(reason.isRoutine == isRoutine)
    }
}
