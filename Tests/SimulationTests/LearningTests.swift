import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire
import Testing

/// A client that was told of no cap learns the venue's own from its refusals, and does not try it again and again.
@Suite("Learning") struct LearningTests {
    struct Venue: CustomTestStringConvertible {
        let userLimit: Int
        let scope: ExchangeConfiguration.UserScope
        /// How many of 40 users can be watched at once over ten connections.
        var capacity: Int { scope == .address ? userLimit : min(40, 10 * userLimit) }
        var testDescription: String { "\(userLimit) users for each \(scope)" }
    }

    private func world(_ venue: Venue) -> World {
        var plan = WorldPlan(seed: 1, actionCount: 1)
        plan.faultPerMille = 0
        plan.offers = OfferedFeeds.market
        plan.isVenueHarsh = true
        plan.engine = EngineConfiguration()
        plan.engine.limits.userCount = 150
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
    ]) func `the cap and its scope are found in a few refusals and kept`(_ venue: Venue) {
        let world = world(venue)
        world.start()
        for user in OfferedFeeds.users {
            world.subscribe(Offer(RawFeed(type: "userFundings", fields: [("user", .string(user))])), patient: true)
        }
        world.actionsLeft = 0
        _ = world.run(for: .seconds(120)) { false }
        let found = world.refusalCount
        #expect(world.engine.registry.liveUserCount == venue.capacity, "\(world.missing)")
        #expect(found <= 8)
        _ = world.run(for: .seconds(240)) { false }
        #expect(world.refusalCount == found, "a cap that is known is not tried again")
        #expect(world.journal.violation == nil)
    }
}
