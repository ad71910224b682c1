import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

/// No two ambiguous identities share a slot, in random sets and sequences
/// (docs/protocol.md, "Identity and ambiguity").
@Suite(.computing) struct PlacementAmbiguityTests {
    static let policies: [PlacementPolicy] = [.packed, .isolated(sharedLimit: 5)]

    private func expectNoAmbiguity(_ slots: [[FeedRequest]], _ seed: UInt64) {
        for slot in slots {
            for (index, one) in slot.enumerated() {
                for other in slot[(index + 1)...] {
                    #expect(!PlacementOracle.areAmbiguous(one, other), "seed \(seed): \(one) beside \(other)")
                    #expect(PlacementOracle.isExplorer(one) == PlacementOracle.isExplorer(other), "seed \(seed)")
                }
            }
        }
    }

    @Test(arguments: policies, [UInt64](1...80))
    func `a set placed together has no ambiguous pair on a slot`(policy: PlacementPolicy, seed: UInt64) {
        var feeds = RandomFeeds(seed: seed)
        let wanted = feeds.take(feeds.number(1...60))
        let (slots, unplaced) = arrange(
            wanted, policy, connections: feeds.number(1...40), users: feeds.number(1...6), seed)
        expectNoAmbiguity(slots, seed)
        let all = slots.flatMap { $0 } + unplaced
        #expect(all.count == wanted.count && Set(all) == Set(wanted.map(\.request)), "seed \(seed): each has one place")
    }

    private func arrange(
        _ wanted: [any Feed], _ policy: PlacementPolicy, connections: Int, users: Int, _ seed: UInt64
    ) -> (slots: [[FeedRequest]], unplaced: [FeedRequest]) {
        var limits = VenueLimits()
        limits.connections = connections
        limits.usersPerConnection = users
        let items = wanted.enumerated().map { index, feed in
            PlacementItem(id: UpstreamID(UInt64(index) + 1), request: feed.request, traits: feed.traits)
        }
        let arrangement = Placement(policy: policy, limits: limits).arrange(items)
        #expect(arrangement.loads.count <= connections, "seed \(seed)")
        for load in arrangement.loads { #expect(load.users.count <= users, "seed \(seed)") }
        let slots = arrangement.loads.map { load in load.members.compactMap { load.items[$0]?.request } }
        return (slots, arrangement.unplaced.map(\.request))
    }

    @Test(arguments: policies, [UInt64](1...25))
    func `subscriptions placed one after the other have no ambiguous pair on a slot`(
        policy: PlacementPolicy, seed: UInt64
    ) {
        var feeds = RandomFeeds(seed: seed)
        var layout = SlotLayout(policy) {
            $0.connections = feeds.number(1...12)
            $0.usersPerConnection = feeds.number(1...4)
            $0.subscriptionsPerConnection = feeds.number(4...40)
        }
        for _ in 0..<150 {
            if feeds.number(0...2) > 0 || layout.ids.isEmpty {
                let feed = feeds.next()
                guard !layout.arrangement.joined().contains(feed.request) else { continue }
                _ = layout.add(feed)
            } else {
                layout.remove(feeds.pick(layout.ids))
            }
            expectNoAmbiguity(layout.arrangement, seed)
            #expect(layout.arrangement.count <= layout.placement.slotLimit, "seed \(seed)")
        }
    }

    @Test(arguments: [UInt64](1...60))
    func `the engine and the documented table agree on every pair of feeds`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed)
        let wanted = feeds.take(25)
        for one in wanted {
            for other in wanted where one.request != other.request {
                let own = AmbiguityKey(one.traits).isAmbiguous(with: AmbiguityKey(other.traits))
                #expect(
                    own == PlacementOracle.areAmbiguous(one.request, other.request),
                    "seed \(seed): \(one.request) and \(other.request)")
            }
        }
    }
}
