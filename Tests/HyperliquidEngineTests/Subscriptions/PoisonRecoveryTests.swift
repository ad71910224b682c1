import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

@Suite(.computing) struct PoisonRecoveryTests {
    private let bad = TradesFeed(coin: "btc")
    private let good = TradesFeed(coin: "BTC")

    @Test(arguments: 1...120) func `k poisonous feeds among n cost at most 5k + 2 dials, and all others become live`(
        seed: Int
    ) {
        var random = SplitMix64(seed: UInt64(seed))
        let count = 1 + Int(random.next() % 60)
        let poisonCount = min(count, Int(random.next() % 7))
        let connectionCount = [1, 2, 10][Int(random.next() % 3)]
        var venue = VirtualVenue(seed: random.next()) { $0.limits.connections = connectionCount }
        var feeds = (0..<count).map { TradesFeed(coin: Coin("C\($0)")) }
        for index in feeds.indices { feeds.swapAt(index, Int(random.next() % UInt64(count))) }
        venue.poison = Set(feeds.prefix(poisonCount).map(\.request))
        for index in feeds.indices { feeds.swapAt(index, Int(random.next() % UInt64(count))) }
        let ids = feeds.map { venue.subscribe($0) }
        venue.handle(.started)
        venue.run(for: .seconds(600))
        for (id, feed) in zip(ids, feeds) {
            let isPoison = venue.poison.contains(feed.request)
            #expect(venue.poisoned.contains(id) == isPoison, "seed \(seed): \(feed.request)")
            let isLive = venue.engine.registry.subscriptions[id].flatMap { venue.engine.registry[$0.upstream]?.isLive }
            #expect(isLive == (isPoison ? nil : true), "seed \(seed): \(feed.request)")
        }
        let most = 5 * poisonCount + 2
        #expect(venue.dialCount <= most, "seed \(seed): \(count) feeds, \(connectionCount) connections")
        #expect(venue.engine.checkInvariants(venue.turn.limiter) == [], "seed \(seed)")
    }

    /// A venue with a live feed, after the poisonous feed beside it was found and quarantined.
    private func quarantined() -> VirtualVenue {
        var venue = VirtualVenue(seed: 1)
        venue.poison = [bad.request]
        _ = venue.subscribe(good)
        let id = venue.subscribe(bad)
        venue.handle(.started)
        venue.run(for: .seconds(60))
        #expect(venue.poisoned == [id])
        return venue
    }

    @Test func `a poisonous identity is refused before it is sent`() {
        var venue = quarantined()
        let (sent, dials) = (venue.sentCount, venue.dialCount)
        let id = venue.subscribe(bad)
        #expect(venue.poisoned.contains(id))
        #expect(venue.sentCount == sent && venue.dialCount == dials)
        #expect(venue.engine.registry.upstreams.count == 1)
    }

    @Test func `a poisonous identity is tried again after an hour, alone, and refused after one more kill`() {
        var venue = quarantined()
        venue.run(for: .seconds(3600))
        let dials = venue.dialCount
        let deaths = venue.deathCount
        let id = venue.subscribe(bad)
        let upstream = venue.engine.registry.subscriptions[id]?.upstream ?? UpstreamID(0)
        #expect(venue.engine.pool.kind(of: upstream) == .trial)
        venue.run(for: .seconds(30))
        #expect(venue.poisoned.contains(id))
        #expect(venue.deathCount == deaths + 1 && venue.dialCount == dials + 1)
        let again = venue.subscribe(bad)
        #expect(venue.poisoned.contains(again))
    }

    @Test func `an identity that the venue accepts after an hour is released and forgotten`() {
        var venue = quarantined()
        venue.run(for: .seconds(3600))
        venue.poison = []
        let id = venue.subscribe(bad)
        venue.run(for: .seconds(30))
        let upstream = venue.engine.registry.subscriptions[id]?.upstream ?? UpstreamID(0)
        #expect(venue.engine.registry[upstream]?.isLive == true)
        #expect(venue.engine.pool.kind(of: upstream) == .packed)
        #expect(venue.engine.poison.isEmpty)
    }

    @Test func `an identity that leaves before its second trial keeps its single attempt`() {
        var venue = quarantined()
        venue.run(for: .seconds(3600))
        let first = venue.subscribe(bad)
        venue.handle(.unsubscribed(first))
        venue.run(for: .seconds(30))
        let deaths = venue.deathCount
        let second = venue.subscribe(bad)
        venue.run(for: .seconds(30))
        #expect(venue.poisoned.contains(second))
        #expect(venue.deathCount == deaths + 1)
    }

    @Test func `a suspect is dialled for ever more rarely while the venue is away`() {
        var venue = VirtualVenue(seed: 1)
        venue.poison = [bad.request]
        for coin in ["A", "B", "C"] { _ = venue.subscribe(TradesFeed(coin: Coin(coin))) }
        _ = venue.subscribe(bad)
        venue.handle(.started)
        while venue.deathCount == 0 { venue.run(for: .milliseconds(10)) }
        venue.isAway = true
        let dials = venue.dialCount
        venue.run(for: .seconds(60))
        // Two slots, each with at least 125 ms before the second dial, 250 ms before the third, and so on up to 15 s.
        #expect(venue.dialCount - dials <= 20)
        venue.isAway = false
        venue.run(for: .seconds(120))
        #expect(venue.poisoned.count == 1)
        #expect(venue.engine.registry.liveCount == 3)
    }
}
