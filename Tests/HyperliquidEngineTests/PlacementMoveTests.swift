import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Placement: moves") struct PlacementMoveTests {
    private let ann = PlacementFeeds.user(1)
    private let bob = PlacementFeeds.user(2)
    private let cyd = PlacementFeeds.user(3)

    @Test(arguments: [UInt64](1...30))
    func `nothing moves while a connection is to be had`(seed: UInt64) {
        var feeds = PlacementFeeds(seed: seed)
        var board = PlacementBoard(.packed) {
            $0.connectionCount = 1000
            $0.usersPerConnection = feeds.number(1...4)
            $0.subscriptionsPerConnection = feeds.number(4...40)
        }
        for _ in 0..<150 {
            if feeds.number(0...2) == 0, !board.ids.isEmpty {
                let gone = feeds.pick(board.ids)
                let feed = board.feed(gone)
                board.remove(gone)
                if let feed, feeds.number(0...1) == 0 { #expect(board.add(feed) != nil) }
            }
            let feed = feeds.next()
            if !board.arrangement.joined().contains(feed.request) { #expect(board.add(feed) != nil, "seed \(seed)") }
        }
        #expect(board.moveCount == 0, "seed \(seed)")
    }

    @Test func `a user's feeds move together when another needs the place that they took`() {
        var board = PlacementBoard(.packed) {
            $0.connectionCount = 2
            $0.usersPerConnection = 2
        }
        // Ann's and Bob's order updates open both slots; Cyd goes to the first one, which has its two users then.
        let before: [any Feed] = [
            OrderUpdatesFeed(user: ann), OrderUpdatesFeed(user: bob), UserFillsFeed(user: cyd),
            OpenOrdersFeed(user: cyd), UserEventsFeed(user: bob),
        ]
        for feed in before { #expect(board.add(feed) != nil) }
        #expect(board.moveCount == 0)
        // Dan's events look like Bob's, so he can only go where Cyd is.
        #expect(board.add(UserEventsFeed(user: PlacementFeeds.user(4))) != nil)
        #expect(board.slots.count == 2)
        #expect(board.moveCount == 2, "both of Cyd's feeds, and nothing else")
    }

    @Test func `a slot is emptied when its connection is needed by another endpoint`() {
        var board = PlacementBoard(.packed) { $0.connectionCount = 2 }
        let first = board.add(L2BookFeed(coin: "BTC"))
        #expect(board.add(L2BookFeed(coin: "BTC", nSigFigs: 5)) != nil)
        #expect(board.add(TradesFeed(coin: "BTC")) != nil)
        #expect(board.add(ExplorerBlockFeed()) == nil, "both connections are needed")
        first.map { board.remove($0) }
        #expect(board.add(L2BookFeed(coin: "ETH")) != nil)
        #expect(board.add(ExplorerBlockFeed()) != nil)
        #expect(board.slots.count == 2)
        #expect(board.moveCount <= 2)
    }

    @Test func `two shared slots join when a dedicated feed needs a connection`() {
        var board = PlacementBoard(.isolated(sharedLimit: 2)) { $0.connectionCount = 2 }
        let ids = ["A", "B", "C"].map { board.add(TradesFeed(coin: Coin($0))) }
        #expect(board.slots.count == 2)
        ids[0].map { board.remove($0) }
        #expect(board.add(L2BookFeed(coin: "BTC")) != nil)
        #expect(board.moveCount == 1)
    }

    @Test(arguments: [UInt64](1...80))
    func `with few connections whatever fits finds room after a few moves`(seed: UInt64) {
        var feeds = PlacementFeeds(seed: seed, userCount: 5)
        let (users, subscriptions, connections) = (feeds.number(1...3), feeds.pick([3, 4, 100]), feeds.number(2...4))
        var board = PlacementBoard(.packed) {
            $0.connectionCount = connections
            $0.usersPerConnection = users
            $0.subscriptionsPerConnection = subscriptions
        }
        for _ in 0..<40 {
            while board.ids.count > 8 { board.remove(feeds.pick(board.ids)) }
            let feed = feeds.next()
            let requests = board.arrangement.flatMap { $0 }
            guard !requests.contains(feed.request) else { continue }
            let before = board.moveCount
            let isPlaced = board.add(feed) != nil
            let best = PlacementOracle.fewestConnections(
                requests + [feed.request], users: users, subscriptions: subscriptions, limit: connections)
            #expect(isPlaced == (best != nil), "seed \(seed): \(feed.request) beside \(board.arrangement)")
            #expect(board.moveCount - before <= 8, "seed \(seed)")
        }
    }
}
