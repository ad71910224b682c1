import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Link") struct LinkTests {
    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func link(isOpen: Bool = true) -> Link {
        var link = Link(id: LinkID(1), lane: LaneID(1), at: .start)
        if isOpen { link.opened(at: at(1), silence: .seconds(20), patience: .seconds(10)) }
        return link
    }

    private func wire(_ feed: some Feed, id: UInt64 = 1) -> WireSubscription { .made(id, feed) }

    @Test func `it dials, opens and closes, each once`() {
        var link = link(isOpen: false)
        #expect(!link.isOpen && link.openedAt == nil && link.heartbeatDeadline == nil)
        link.opened(at: at(1), silence: .seconds(20), patience: .seconds(10))
        #expect(link.isOpen && link.openedAt == at(1) && link.heartbeatDeadline == at(21))
        link.opened(at: at(5), silence: .seconds(20), patience: .seconds(10))
        #expect(link.openedAt == at(1), "it opens once")
        let closes = [link.beginClosing(at: at(9)), link.beginClosing(at: at(9))]
        #expect(closes == [true, false])
        #expect(!link.isOpen && link.heartbeatDeadline == nil, "what is closing is not probed")
        link.opened(at: at(10), silence: .seconds(20), patience: .seconds(10))
        #expect(!link.isOpen, "an upgrade that comes too late opens nothing")
    }

    @Test func `a link that is given up before it opens never beats`() {
        var link = link(isOpen: false)
        _ = link.beginClosing(at: at(1))
        var effects: [Heartbeat.Effect] = []
        link.beat(.frameArrived, at: at(2), into: &effects)
        link.beat(.woke, at: at(60), into: &effects)
        #expect(effects == [])
    }

    @Test(
        arguments: [
            // What ended, what is asked for next, and whether it waits.
            (OrderUpdatesFeed(user: PlacementFeeds.user(1)), OrderUpdatesFeed(user: PlacementFeeds.user(2)), true),
            (OrderUpdatesFeed(user: PlacementFeeds.user(1)), OrderUpdatesFeed(user: PlacementFeeds.user(1)), false),
            (OrderUpdatesFeed(user: PlacementFeeds.user(1)), UserEventsFeed(user: PlacementFeeds.user(2)), false),
            (L2BookFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5), true),
            (L2BookFeed(coin: "BTC"), L2BookFeed(coin: "ETH", nSigFigs: 5), false),
        ] as [(any Feed, any Feed, Bool)])
    func `late messages of what ended keep its doubles waiting`(_ old: any Feed, _ new: any Feed, _ waits: Bool) {
        var link = link()
        link.ended(wire(old), lateUntil: at(4), at: at(2))
        #expect(link.isClear(for: wire(new, id: 2), at: at(3)) == (waits ? at(4) : at(3)))
        #expect(link.isClear(for: wire(new, id: 2), at: at(5)) == at(5), "they do not come for ever")
    }

    @Test func `whoever was promised a gap first waits for late messages of his own feed too`() {
        var link = link()
        var wire = wire(OrderUpdatesFeed(user: PlacementFeeds.user(1)))
        link.ended(wire, lateUntil: at(4), at: at(2))
        wire.pendingGap = .stale
        #expect(link.isClear(for: wire, at: at(3)) == at(4))
    }
}
