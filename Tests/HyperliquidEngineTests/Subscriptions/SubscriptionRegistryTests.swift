import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct SubscriptionRegistryTests {
    private let trades = TradesFeed(coin: "BTC")
    private let fills = UserFillsFeed(user: Address.numbered(1))
    private let user = Address.numbered(1).description

    private func subscribe(
        _ registry: inout SubscriptionRegistry, _ id: UInt64, _ feed: some Feed, timeout: Int64? = nil
    ) -> (upstream: UpstreamID, isNew: Bool) {
        registry.subscribe(
            SubscriptionID(id), feed.request, feed.traits, waitsForLimits: true, deadline: timeout.map(at), at: .start)
    }

    @Test func `subscriptions of one identity share an upstream subscription, others have their own`() {
        var registry = SubscriptionRegistry()
        let first = subscribe(&registry, 1, trades)
        let second = subscribe(&registry, 2, RawFeed(type: "trades", fields: [("coin", .string("BTC"))]))
        let third = subscribe(&registry, 3, fills)
        #expect(first.isNew && !second.isNew && third.isNew)
        #expect(first.upstream == second.upstream && first.upstream != third.upstream)
        #expect(registry[first.upstream]?.subscriptions == [SubscriptionID(1), SubscriptionID(2)])
    }

    @Test func `an unsubscribe returns the upstream subscription once`() {
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

    @Test func `unconfirmed subscriptions are taken once, oldest first`() {
        var registry = SubscriptionRegistry()
        let upstream = subscribe(&registry, 1, trades).upstream
        _ = subscribe(&registry, 2, trades)
        _ = registry.unsubscribe(SubscriptionID(1))
        _ = subscribe(&registry, 3, trades)
        let told = [registry.takeUnconfirmed(upstream), registry.takeUnconfirmed(upstream)]
        #expect(told == [[SubscriptionID(2), SubscriptionID(3)], []])
    }

    @Test func `a subscription expires at its deadline unless it was confirmed before`() {
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

    @Test func `live upstream subscriptions are counted, and their users`() {
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

    // MARK: Upstream subscriptions

    /// A registry with one upstream subscription, and its id.
    private func holding(_ feed: some Feed) -> (SubscriptionRegistry, UpstreamID) {
        (.holding([feed]), UpstreamID(1))
    }

    @Test func `an upstream subscription waits, is asked for, becomes live, leaves and waits again`() {
        var (registry, id) = holding(trades)
        let connection = ConnectionID(1)
        #expect(registry[id]?.state == .waiting(.start, since: .start))
        registry.wait(id, for: .connection)
        #expect(registry[id]?.state == .waiting(.connection, since: .start), "it waits since it was wanted")
        registry.wasAsked(id, on: connection, at: at(1))
        #expect(registry[id]?.state == .asked(connection, since: at(1)) && registry[id]?.generation == 1)
        registry.wasAccepted(id)
        registry.becameLive(id, on: connection, at: at(2))
        #expect(registry[id]?.state == .live(connection, since: at(2)) && registry[id]?.isProven == true)
        registry.isLeaving(id, connection, at: at(3))
        #expect(registry[id]?.state == .leaving(connection, since: at(3)) && registry[id]?.connection == connection)
        registry.wait(id, for: .connection, since: at(4))
        #expect(registry[id]?.state == .waiting(.connection, since: at(4)) && registry[id]?.connection == nil)
        registry.wasAsked(id, on: ConnectionID(2), at: at(5))
        #expect(registry[id]?.generation == 2, "each attempt is a generation of its own")
    }

    @Test(arguments: [true, false]) func `a lost connection leaves a gap if the subscription was live`(isLive: Bool) {
        var (registry, id) = holding(trades)
        registry.wasAsked(id, on: ConnectionID(1), at: .start)
        if isLive { registry.becameLive(id, on: ConnectionID(1), at: .start) }
        registry.wasLost(id, at: at(5))
        #expect(registry[id]?.state == .waiting(.connection, since: at(5)))
        let gaps = [registry.takeGap(of: id), registry.takeGap(of: id)]
        #expect(gaps == [isLive ? .reconnected : nil, nil])
    }

    @Test func `the first of several reasons for a gap counts`() {
        var (registry, id) = holding(trades)
        registry.announceLater(.stale, of: id)
        registry.announceLater(.reconnected, of: id)
        #expect(registry.takeGap(of: id) == .stale)
    }

    @Test func `a refusal pauses an upstream subscription, and a new attempt lingers again`() {
        var (registry, id) = holding(fills)
        #expect(registry[id]?.hold == nil && registry[id]?.lingers == true)
        registry.wasAsked(id, on: ConnectionID(1), at: .start)
        registry.pause(id, for: .userLimit, until: at(15))
        registry.wasNeverCounted(id)
        #expect(registry[id]?.hold?.reason == .userLimit && registry[id]?.hold?.until == at(15))
        #expect(registry[id]?.lingers == false)
        registry.wasAsked(id, on: ConnectionID(1), at: at(15))
        #expect(registry[id]?.lingers == true)
        registry.wasNeverCounted(id)
        #expect(registry[id]?.lingers == true, "it may linger from the first attempt")
    }

    @Test func `a live replacement gives its connection and generation to its original`() throws {
        var (registry, id) = holding(trades)
        registry.makeLive(1)
        let replacement = registry.makeReplacement(of: try #require(registry[id]), at: at(1))
        #expect(registry[replacement]?.isProven == true && registry[replacement]?.subscriptions == [])
        for _ in 0..<3 { registry.wasAsked(replacement, on: ConnectionID(2), at: at(2)) }
        registry.becameLive(replacement, on: ConnectionID(2), at: at(2))
        registry.takePlace(id, of: replacement)
        #expect(registry[id]?.state == .live(ConnectionID(2), since: at(2)) && registry[id]?.generation == 3)
        #expect(registry.liveCount == 2)
        registry.isLeaving(replacement, ConnectionID(1), at: at(3))
        registry.remove(replacement)
        #expect(registry.liveCount == 1 && registry.checkInvariants() == [])
    }

    @Test func `a change of an unknown upstream subscription does nothing`() {
        let before = SubscriptionRegistry.holding([trades])
        var registry = before
        let unknown = UpstreamID(9)
        registry.becameLive(unknown, on: ConnectionID(1), at: .start)
        registry.remove(unknown)
        #expect(registry.takeGap(of: unknown) == nil && registry.unsubscribe(SubscriptionID(9)) == nil)
        #expect(registry == before)
    }

    @Test func `a removed live upstream subscription is no longer counted`() {
        var (registry, id) = holding(fills)
        registry.makeLive(1)
        #expect(registry.hasLive(user: user))
        _ = registry.unsubscribe(SubscriptionID(1))
        registry.remove(id)
        #expect(registry.liveCount == 0 && !registry.hasLive(user: user) && registry.checkInvariants() == [])
    }

    @Test func `unconfirmed subscriptions whose callers do not wait for limits are listed`() {
        var registry = SubscriptionRegistry()
        for (number, waits) in [(1, true), (2, false), (3, false)] as [(UInt64, Bool)] {
            _ = registry.subscribe(
                SubscriptionID(number), trades.request, trades.traits, waitsForLimits: waits, deadline: nil,
                at: .start)
        }
        #expect(registry.impatientSubscriptions(of: UpstreamID(1)) == [SubscriptionID(2), SubscriptionID(3)])
        _ = registry.takeUnconfirmed(UpstreamID(1))
        #expect(registry.impatientSubscriptions(of: UpstreamID(1)) == [])
    }

    @Test func `the start of the client begins the waits of all upstream subscriptions`() {
        var (registry, id) = holding(trades)
        registry.startWaits(at: at(100))
        #expect(registry[id]?.since == at(100))
    }
}
