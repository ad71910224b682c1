import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

@Suite(.computing) struct PlacementMoveTests {
    private let ann = Address.numbered(1)
    private let bob = Address.numbered(2)
    private let cyd = Address.numbered(3)

    @Test(arguments: [UInt64](1...30))
    func `no feed moves while a connection is available`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed)
        var layout = SlotLayout(.packed) {
            $0.connections = 1000
            $0.usersPerConnection = feeds.number(1...4)
            $0.subscriptionsPerConnection = feeds.number(4...40)
        }
        for _ in 0..<150 {
            if feeds.number(0...2) == 0, !layout.ids.isEmpty {
                let gone = feeds.pick(layout.ids)
                let feed = layout.feed(gone)
                layout.remove(gone)
                if let feed, feeds.number(0...1) == 0 { #expect(layout.add(feed) != nil, "seed \(seed)") }
            }
            let feed = feeds.next()
            if !layout.arrangement.joined().contains(feed.request) { #expect(layout.add(feed) != nil, "seed \(seed)") }
        }
        #expect(layout.moveCount == 0, "seed \(seed)")
    }

    @Test func `the feeds of a user move together when another user needs their slot`() {
        var layout = SlotLayout(.packed) {
            $0.connections = 2
            $0.usersPerConnection = 2
        }
        // The order updates of Ann and Bob open both slots; Cyd goes to the first one, which then has two users.
        let before: [any Feed] = [
            OrderUpdatesFeed(user: ann), OrderUpdatesFeed(user: bob), UserFillsFeed(user: cyd),
            OpenOrdersFeed(user: cyd), UserEventsFeed(user: bob),
        ]
        for feed in before { #expect(layout.add(feed) != nil) }
        #expect(layout.moveCount == 0)
        // The events of Dan look like those of Bob, so they can only go to the slot that Cyd is on.
        #expect(layout.add(UserEventsFeed(user: Address.numbered(4))) != nil)
        #expect(layout.slots.count == 2)
        #expect(layout.moveCount == 2, "both of Cyd's feeds, and nothing else")
    }

    @Test func `a slot is emptied when another endpoint needs its connection`() {
        var layout = SlotLayout(.packed) { $0.connections = 2 }
        let first = layout.add(L2BookFeed(coin: "BTC"))
        #expect(layout.add(L2BookFeed(coin: "BTC", nSigFigs: 5)) != nil)
        #expect(layout.add(TradesFeed(coin: "BTC")) != nil)
        #expect(layout.add(ExplorerBlockFeed()) == nil, "both connections are needed")
        first.map { layout.remove($0) }
        #expect(layout.add(L2BookFeed(coin: "ETH")) != nil)
        #expect(layout.add(ExplorerBlockFeed()) != nil)
        #expect(layout.slots.count == 2)
        #expect(layout.moveCount <= 2)
    }

    @Test func `two shared slots merge when a dedicated feed needs a connection`() {
        var layout = SlotLayout(.isolated(sharedLimit: 2)) { $0.connections = 2 }
        let ids = ["A", "B", "C"].map { layout.add(TradesFeed(coin: Coin($0))) }
        #expect(layout.slots.count == 2)
        ids[0].map { layout.remove($0) }
        #expect(layout.add(L2BookFeed(coin: "BTC")) != nil)
        #expect(layout.moveCount == 1)
    }

    @Test(arguments: [UInt64](1...80))
    func `a feed that fits is placed after a few moves when connections are few`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed, userCount: 5)
        let (users, subscriptions, connections) = (feeds.number(1...3), feeds.pick([3, 4, 100]), feeds.number(2...4))
        var layout = SlotLayout(.packed) {
            $0.connections = connections
            $0.usersPerConnection = users
            $0.subscriptionsPerConnection = subscriptions
        }
        for _ in 0..<40 {
            while layout.ids.count > 8 { layout.remove(feeds.pick(layout.ids)) }
            let feed = feeds.next()
            let requests = layout.arrangement.flatMap { $0 }
            guard !requests.contains(feed.request) else { continue }
            let before = layout.moveCount
            let isPlaced = layout.add(feed) != nil
            let best = PlacementOracle.fewestConnections(
                requests + [feed.request], users: users, subscriptions: subscriptions, limit: connections)
            #expect(isPlaced == (best != nil), "seed \(seed): \(feed.request) beside \(layout.arrangement)")
            #expect(layout.moveCount - before <= 8, "seed \(seed)")
        }
    }
}
