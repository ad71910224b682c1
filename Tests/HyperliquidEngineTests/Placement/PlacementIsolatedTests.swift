import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

@Suite(.computing) struct PlacementIsolatedTests {
    private func slots(_ feeds: [any Feed], sharedLimit: Int = 200) -> [[String]] {
        var limits = VenueLimits()
        limits.connections = 50
        let placement = Placement(policy: .isolated(sharedLimit: sharedLimit), limits: limits)
        let items = feeds.enumerated().map { index, feed in
            PlacementItem(id: UpstreamID(UInt64(index) + 1), request: feed.request, traits: feed.traits)
        }
        return placement.arrange(items).loads.map { load in load.members.compactMap { load.items[$0]?.request.words } }
    }

    @Test func `shared feeds share a slot and each variant of a book has its own`() {
        let feeds: [any Feed] = [
            AllMidsFeed(), L2BookFeed(coin: "BTC"), TradesFeed(coin: "BTC"), L2BookFeed(coin: "BTC", nSigFigs: 5),
            L2BookFeed(coin: "ETH"), BestBidOfferFeed(coin: "ETH"),
        ]
        #expect(
            slots(feeds) == [
                ["allMids", "trades BTC", "bbo ETH"], ["l2Book BTC"], ["l2Book BTC nSigFigs=5"], ["l2Book ETH"],
            ])
    }

    @Test func `a shared slot is filled before the next one is opened`() {
        let coins = (1...5).map { TradesFeed(coin: Coin("C\($0)")) as any Feed }
        #expect(
            slots(coins, sharedLimit: 2) == [["trades C1", "trades C2"], ["trades C3", "trades C4"], ["trades C5"]])
    }

    @Test func `an explorer feed has a slot of its own`() {
        #expect(slots([ExplorerBlockFeed(), ExplorerTransactionsFeed()]) == [["explorerBlock"], ["explorerTxs"]])
    }

    @Test func `a user has one slot, and another one for each ambiguous mode`() {
        let (ann, bob) = (Address.numbered(1), Address.numbered(2))
        let feeds: [any Feed] = [
            UserFillsFeed(user: ann), OrderUpdatesFeed(user: ann), UserFillsFeed(user: ann, aggregateByTime: true),
            OrderUpdatesFeed(user: bob), SpotStateFeed(user: ann), OpenOrdersFeed(user: ann),
        ]
        #expect(
            slots(feeds) == [
                [
                    "userFills \(ann)", "orderUpdates \(ann)", "spotState \(ann)", "openOrders \(ann)",
                ], ["userFills \(ann) aggregateByTime=true"], ["orderUpdates \(bob)"],
            ])
    }

    @Test(arguments: [UInt64](1...10))
    func `a slot mixes neither connection types nor users`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed)
        var layout = SlotLayout(.isolated(sharedLimit: 4)) { $0.connections = feeds.number(3...30) }
        for _ in 0..<120 {
            if feeds.number(0...3) == 0, !layout.ids.isEmpty { layout.remove(feeds.pick(layout.ids)) }
            let feed = feeds.next()
            if !layout.arrangement.joined().contains(feed.request) { _ = layout.add(feed) }
            for slot in layout.slots {
                let members = slot.members.compactMap { layout.feed($0) }
                let types = Set(members.map(\.traits.connectionType))
                #expect(types.count == 1, "seed \(seed)")
                #expect(types != [.dedicated] || members.count == 1, "seed \(seed)")
                #expect(types != [.userGrouped] || Set(members.map(\.request.user)).count == 1, "seed \(seed)")
                #expect(types != [.shared] || members.count <= 4, "seed \(seed)")
            }
        }
    }
}
