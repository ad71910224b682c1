import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

@Suite(.computing) struct PlacementMinimumTests {
    private func arrange(
        _ feeds: [any Feed], users: Int, subscriptions: Int, connections: Int
    ) -> Placement.Arrangement {
        var limits = VenueLimits()
        limits.connections = connections
        limits.users = 1000
        limits.usersPerConnection = users
        limits.subscriptionsPerConnection = subscriptions
        let items = feeds.enumerated().map { index, feed in
            PlacementItem(id: UpstreamID(UInt64(index) + 1), request: feed.request, traits: feed.traits)
        }
        return Placement(policy: .packed, limits: limits).arrange(items)
    }

    @Test(arguments: [UInt64](1...600))
    func `a small set needs as few slots as an exhaustive search finds`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed, userCount: 4)
        let wanted = feeds.take(feeds.number(1...8), mostlyUsers: feeds.number(0...1) == 0)
        let users = feeds.number(1...3)
        let subscriptions = feeds.pick([2, 3, 4, 100])
        let best = PlacementOracle.fewestConnections(
            wanted.map(\.request), users: users, subscriptions: subscriptions, limit: wanted.count)
        let found = arrange(wanted, users: users, subscriptions: subscriptions, connections: wanted.count)
        #expect(found.loads.count == best, "seed \(seed): \(wanted.map(\.request)), \(users), \(subscriptions)")
    }

    @Test(arguments: [UInt64](1...200))
    func `a small set is placed whole whenever it fits`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed, userCount: 4)
        let wanted = feeds.take(feeds.number(1...8), mostlyUsers: feeds.number(0...1) == 0)
        let users = feeds.number(1...3)
        let subscriptions = feeds.pick([2, 3, 4, 100])
        let connections = feeds.number(1...4)
        let best = PlacementOracle.fewestConnections(
            wanted.map(\.request), users: users, subscriptions: subscriptions, limit: connections)
        let found = arrange(wanted, users: users, subscriptions: subscriptions, connections: connections)
        #expect(found.unplaced.isEmpty == (best != nil), "seed \(seed)")
        // A feed that was left out does not fit beside those that were placed.
        let placed = found.loads.flatMap { load in load.members.compactMap { load.items[$0]?.request } }
        for item in found.unplaced {
            let more = PlacementOracle.fewestConnections(
                placed + [item.request], users: users, subscriptions: subscriptions, limit: connections)
            #expect(more == nil, "seed \(seed): \(item.request)")
        }
    }

    @Test(arguments: [UInt64](1...8))
    func `a thousand identities need no more slots than the lower bound`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed, userCount: 12)
        var wanted = (0..<700).map { TradesFeed(coin: Coin("C\($0)")) as any Feed }
        wanted += (0..<100).map { L2BookFeed(coin: Coin("C\($0)"), nSigFigs: 5) as any Feed }
        wanted += (0..<60).map { L2BookFeed(coin: Coin("C\($0)")) as any Feed }
        wanted += (1...12).flatMap { number in
            (0..<10).map { ActiveAssetDataFeed(user: Address.numbered(number), coin: Coin("C\($0)")) as any Feed }
        }
        wanted += feeds.take(1000 - wanted.count).filter { !wanted.map(\.request).contains($0.request) }
        wanted = feeds.shuffled(wanted)
        let (users, subscriptions) = feeds.pick([(1000, 10_000), (1000, 150), (4, 10_000), (5, 200)])
        let found = arrange(wanted, users: users, subscriptions: subscriptions, connections: 1000)
        var limits = VenueLimits()
        limits.usersPerConnection = users
        limits.subscriptionsPerConnection = subscriptions
        let placement = Placement(policy: .packed, limits: limits)
        let bound = EndpointKind.allCases.reduce(0) { sum, endpoint in
            let own = wanted.enumerated().map {
                PlacementItem(id: UpstreamID(UInt64($0.offset)), request: $0.element.request, traits: $0.element.traits)
            }
            return sum + placement.fewestConnections(for: own.filter { $0.ambiguityKey.endpoint == endpoint })
        }
        #expect(found.loads.count == bound, "seed \(seed): \(users) users, \(subscriptions) subscriptions a slot")
    }

    @Test(arguments: [UInt64](1...60))
    func `feeds placed one after the other need no more slots than feeds placed together`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed)
        let wanted = feeds.take(40).filter { !($0 is RawFeed) }
        var layout = SlotLayout(.packed) { $0.connections = 1000 }
        for feed in wanted { #expect(layout.add(feed) != nil, "seed \(seed)") }
        let together = arrange(wanted, users: 1000, subscriptions: 1000, connections: 1000)
        #expect(layout.slots.count == together.loads.count, "seed \(seed)")
        #expect(layout.moveCount == 0, "seed \(seed)")
    }
}
