import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct ConnectionPoolTests {
    private let ann = PlacementFeeds.user(1)

    @Test func `a user who left counts while lingering, and not on the connection that comes next`() throws {
        var pool = ConnectionPool(configuration: EngineConfiguration())
        var turn = Turn(limits: VenueLimits(), at: at(1))
        let opened = pool.openSlot(.packed, .api, limit: 10, at: at(1))
        let slot = try #require(opened)
        let fundings = UserFundingsFeed(user: ann)
        pool.place(PlacementItem(id: UpstreamID(1), request: fundings.request, traits: fundings.traits), on: slot)
        pool.dial(posts: PostTracker(window: 1, memory: .seconds(60)), &turn)
        _ = pool.remove(UpstreamID(1), lingersUntil: at(20), at: at(5))
        let bob = PlacementFeeds.user(2).description
        #expect(pool.load(of: slot)?.userCount(adding: bob, at: at(19)) == 2)
        #expect(pool.load(of: slot)?.userCount(adding: bob, at: at(20)) == 1)
        #expect(pool.load(of: slot)?.userCount(adding: ann.description, at: at(19)) == 1, "one user counts once")
        _ = pool.closed(ConnectionID(1), .broken("reset"), draw: 0, &turn)
        #expect(pool.load(of: slot)?.userCount(adding: bob, at: at(6)) == 1)
    }

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }
}
