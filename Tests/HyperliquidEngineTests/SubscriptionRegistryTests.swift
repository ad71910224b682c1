import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Subscription registry") struct SubscriptionRegistryTests {
    private let trades = TradesFeed(coin: "BTC")
    private let fills = UserFillsFeed(user: PlacementFeeds.user(1))
    private let user = PlacementFeeds.user(1).description

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func subscribe(
        _ registry: inout SubscriptionRegistry, _ id: UInt64, _ feed: some Feed, timeout: Int64? = nil
    ) -> (upstream: UpstreamID, isNew: Bool) {
        registry.subscribe(
            SubscriptionID(id), feed.request, feed.traits, timeout: timeout.map { .seconds($0) },
            waitsForLimits: true,
            deadline: timeout.map(at), at: .start)
    }

    @Test func `subscriptions of one identity share its upstream subscription, others have their own`() {
        var registry = SubscriptionRegistry()
        let first = subscribe(&registry, 1, trades)
        let second = subscribe(&registry, 2, RawFeed(type: "trades", fields: [("coin", .string("BTC"))]))
        let third = subscribe(&registry, 3, fills)
        #expect(first.isNew && !second.isNew && third.isNew)
        #expect(first.upstream == second.upstream && first.upstream != third.upstream)
        #expect(registry[first.upstream]?.subscriptions == [SubscriptionID(1), SubscriptionID(2)])
    }

    @Test func `a release names the upstream subscription, once`() {
        var registry = SubscriptionRegistry()
        let upstream = subscribe(&registry, 1, trades).upstream
        let unsubscribed = [registry.unsubscribe(SubscriptionID(1)), registry.unsubscribe(SubscriptionID(1))]
        #expect(unsubscribed == [upstream, nil])
        #expect(registry[upstream]?.subscriptions == [])
        #expect(registry.upstream(of: trades.request) == upstream, "it is there until it is removed")
        registry.remove(upstream)
        #expect(registry.upstream(of: trades.request) == nil)
        #expect(subscribe(&registry, 2, trades).upstream != upstream, "ids are never used twice")
    }

    @Test func `each subscription is told once, oldest first`() {
        var registry = SubscriptionRegistry()
        let upstream = subscribe(&registry, 1, trades).upstream
        _ = subscribe(&registry, 2, trades)
        _ = registry.unsubscribe(SubscriptionID(1))
        _ = subscribe(&registry, 3, trades)
        let told = [registry.takeUnconfirmed(upstream), registry.takeUnconfirmed(upstream)]
        #expect(told == [[SubscriptionID(2), SubscriptionID(3)], []])
    }

    @Test func `who waits too long is named by the deadline, who was told is not`() {
        var registry = SubscriptionRegistry()
        let upstream = subscribe(&registry, 1, trades, timeout: 5).upstream
        _ = subscribe(&registry, 2, fills, timeout: 3)
        #expect(registry.deadline == at(3))
        _ = registry.takeUnconfirmed(upstream)
        let expired = [
            registry.takeExpired(at: at(2)), registry.takeExpired(at: at(9)), registry.takeExpired(at: at(9)),
        ]
        #expect(expired == [nil, SubscriptionID(2), nil])
        #expect(registry.deadline == nil)
    }

    @Test func `before the client runs nobody's clock does`() {
        var registry = SubscriptionRegistry()
        _ = registry.subscribe(
            SubscriptionID(1), trades.request, trades.traits, timeout: .seconds(5), waitsForLimits: true,
            deadline: nil, at: .start)
        #expect(registry.deadline == nil)
        registry.startClocks(at: at(100))
        #expect(registry.deadline == at(105))
    }

    @Test func `what is live is counted, by user too`() {
        var registry = SubscriptionRegistry()
        let upstreams = [
            subscribe(&registry, 1, fills).upstream,
            subscribe(&registry, 2, OrderUpdatesFeed(user: fills.user)).upstream,
        ]
        for upstream in upstreams { registry.becameLive(upstream, on: ConnectionID(1), at: .start) }
        #expect(registry.liveCount == 2 && registry.liveUserCount == 1 && registry.hasLive(user: user))
        registry.isLeaving(upstreams[0], ConnectionID(1), at: .start)
        #expect(registry.liveCount == 1 && registry.hasLive(user: user))
        registry.wasLost(upstreams[1], at: .start)
        #expect(registry.liveCount == 0 && registry.liveUserCount == 0 && !registry.hasLive(user: user))
    }

    @Test func `a replacement is not found by its identity`() throws {
        var registry = SubscriptionRegistry()
        let upstream = subscribe(&registry, 1, trades).upstream
        let replacement = registry.makeReplacement(of: try #require(registry[upstream]), at: .start)
        #expect(registry.upstream(of: trades.request) == upstream)
        registry.remove(replacement)
        #expect(registry.upstream(of: trades.request) == upstream)
    }
}
