import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import SimulatedWorld
import TestPacing
import Testing

/// A venue with a lower cap on users than the client's configuration: the client learns the cap from refusals.
@Suite("Learning", .computing) struct LearningTests {
    struct Venue: CustomTestStringConvertible {
        let userLimit: Int
        let scope: ExchangeConfiguration.UserScope
        /// How many of 40 users can have live feeds at the same time on ten connections.
        var capacity: Int { scope == .address ? userLimit : min(40, 10 * userLimit) }
        var testDescription: String { "\(userLimit) users per \(scope)" }
    }

    private func world(_ venue: Venue) -> World {
        var plan = WorldPlan(seed: 1, actionCount: 1)
        plan.faultPerMille = 0
        plan.feeds = TestFeeds.market
        plan.isVenueStricter = true
        plan.engine = EngineConfiguration()
        plan.engine.limits.users = 150
        plan.exchange = ExchangeConfiguration()
        plan.exchange.marketSize = .small
        plan.exchange.activity = 0.1
        plan.exchange.userLimit = venue.userLimit
        plan.exchange.userScope = venue.scope
        return World(plan)
    }

    @Test(arguments: [
        Venue(userLimit: 10, scope: .address), Venue(userLimit: 14, scope: .address),
        Venue(userLimit: 15, scope: .connection), Venue(userLimit: 10, scope: .connection),
    ]) func `the client learns a cap and its scope from at most eight refusals`(_ venue: Venue) {
        let world = world(venue)
        world.start()
        for user in TestFeeds.users {
            let feed = TestFeed(RawFeed(type: "userFundings", fields: [("user", .string(user))]))
            world.subscribe(feed, waitsForever: true)
        }
        world.stopActing()
        _ = world.run(for: .seconds(120)) { false }
        let refusalCount = world.refusalCount
        #expect(world.engine.registry.liveUserCount == venue.capacity, "\(world.upstreamsNotLive)")
        #expect(refusalCount <= 8)
        _ = world.run(for: .seconds(240)) { false }
        #expect(world.refusalCount == refusalCount, "the client exceeded a cap that it had learned")
        #expect(world.violation == nil)
    }
}
