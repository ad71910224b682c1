import HyperliquidEngine
import HyperliquidWire
import Testing

/// Plans for feeds that come and go, with moves, lingering users and limits.
@Suite struct PlanTraceTests {
    @Test(arguments: [UInt64](1...40))
    func `every feed that fits is placed, and none moves while a connection is available`(seed: UInt64) {
        var feeds = RandomFeeds(seed: seed, userCount: 5)
        var configuration = EngineConfiguration()
        configuration.limits.connections = feeds.number(2...4)
        configuration.limits.users = 20
        configuration.limits.usersPerConnection = feeds.number(1...3)
        let limits = configuration.limits
        var planner = Planner(configuration: configuration)
        var present: [any Feed] = []
        var last = planner.plan()
        for step in 0..<40 {
            let isRemoval = present.count > 8 || (!present.isEmpty && feeds.number(0...2) == 0)
            if isRemoval {
                let gone = present.remove(at: feeds.number(0...present.count - 1))
                let wasThere = planner.remove(gone.request)
                #expect(wasThere, "seed \(seed), step \(step)")
            } else {
                let feed = feeds.next()
                guard !present.contains(where: { $0.request == feed.request }) else { continue }
                present.append(feed)
                planner.add(feed.request, feed.traits)
            }
            let plan = planner.plan()
            let best = PlacementOracle.fewestConnections(
                present.map(\.request), users: limits.usersPerConnection ?? 20, subscriptions: 950,
                limit: limits.connections)
            #expect(plan.unplaced.isEmpty || best == nil, "seed \(seed), step \(step): \(plan.unplaced)")
            #expect(plan.moves.isEmpty || last.slots.count == limits.connections, "seed \(seed), step \(step)")
            expectSound(plan, limits, present.map(\.request), "seed \(seed), step \(step)")
            last = plan
        }
    }

    private func expectSound(_ plan: Plan, _ limits: VenueLimits, _ present: [FeedRequest], _ comment: Comment) {
        #expect(plan.slots.count <= limits.connections, comment)
        let shown = plan.slots.flatMap { $0.feeds.map(\.request) } + plan.unplaced.map(\.request)
        #expect(shown.sorted() == present.sorted(), comment)
        for slot in plan.slots {
            let requests = slot.feeds.map(\.request)
            #expect(Set(requests.compactMap(\.user)).count <= limits.usersPerConnection ?? .max, comment)
            for one in requests {
                #expect(!requests.contains { PlacementOracle.areAmbiguous(one, $0) }, comment)
            }
        }
    }
}
