import HyperliquidEngine
import HyperliquidWire
import Testing

/// No two identities whose messages look alike share a lane: random sets and traces, judged by PROTOCOL's table.
@Suite("Placement: confusability") struct PlacementConfusionTests {
    static let policies: [PlacementPolicy] = [.packed, .isolated(sharedLimit: 5)]

    private func expectNoConfusion(_ lanes: [[FeedRequest]], _ seed: UInt64) {
        for lane in lanes {
            for (index, one) in lane.enumerated() {
                for other in lane[(index + 1)...] {
                    #expect(!PlacementOracle.areConfusable(one, other), "seed \(seed): \(one) beside \(other)")
                    #expect(PlacementOracle.isExplorer(one) == PlacementOracle.isExplorer(other), "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: policies, [UInt64](1...80))
    func `sets placed together`(policy: PlacementPolicy, seed: UInt64) {
        var feeds = PlacementFeeds(seed: seed)
        let wanted = feeds.take(feeds.number(1...60))
        let (lanes, unplaced) = arrange(
            wanted, policy, connections: feeds.number(1...40), users: feeds.number(1...6), seed)
        expectNoConfusion(lanes, seed)
        let all = lanes.flatMap { $0 } + unplaced
        #expect(all.count == wanted.count && Set(all) == Set(wanted.map(\.request)), "seed \(seed): each has one place")
    }

    private func arrange(
        _ wanted: [any Feed], _ policy: PlacementPolicy, connections: Int, users: Int, _ seed: UInt64
    ) -> (lanes: [[FeedRequest]], unplaced: [FeedRequest]) {
        var limits = VenueLimits()
        limits.connectionCount = connections
        limits.usersPerConnection = users
        let items = wanted.enumerated().map { index, feed in
            PlacementItem(id: WireID(UInt64(index) + 1), request: feed.request, traits: feed.traits)
        }
        let arrangement = Placement(policy: policy, limits: limits).arrange(items)
        #expect(arrangement.loads.count <= connections, "seed \(seed)")
        for load in arrangement.loads { #expect(load.users.count <= users, "seed \(seed)") }
        let lanes = arrangement.loads.map { load in load.members.compactMap { load.items[$0]?.request } }
        return (lanes, arrangement.unplaced.map(\.request))
    }

    @Test(arguments: policies, [UInt64](1...25))
    func `subscriptions that come and go`(policy: PlacementPolicy, seed: UInt64) {
        var feeds = PlacementFeeds(seed: seed)
        var board = PlacementBoard(policy) {
            $0.connectionCount = feeds.number(1...12)
            $0.usersPerConnection = feeds.number(1...4)
            $0.subscriptionsPerConnection = feeds.number(4...40)
        }
        for _ in 0..<150 {
            if feeds.number(0...2) > 0 || board.ids.isEmpty {
                let feed = feeds.next()
                guard !board.arrangement.joined().contains(feed.request) else { continue }
                _ = board.add(feed)
            } else {
                board.remove(feeds.pick(board.ids))
            }
            expectNoConfusion(board.arrangement, seed)
            #expect(board.arrangement.count <= board.placement.laneLimit, "seed \(seed)")
        }
    }

    @Test(arguments: [UInt64](1...60))
    func `the engine and the table agree on every pair`(seed: UInt64) {
        var feeds = PlacementFeeds(seed: seed)
        let wanted = feeds.take(25)
        for one in wanted {
            for other in wanted where one.request != other.request {
                let own = ConflictKey(one.traits).isConfusable(with: ConflictKey(other.traits))
                #expect(
                    own == PlacementOracle.areConfusable(one.request, other.request),
                    "seed \(seed): \(one.request) and \(other.request)")
            }
        }
    }
}
