import HyperliquidEngine
import HyperliquidWire
import TestPacing
import Testing

/// Who cost a connection: the guilty one is found however it was and however the connection died, its neighbours pay
/// at most one reconnect, and nobody innocent is condemned.
@Suite(.computing) struct GuiltTests {
    private static let reset = CloseReason.broken("reset")
    private static let deaths: [CloseReason] = [
        reset, .closedByVenue(code: 1000, reason: ""), .closedByVenue(code: 1001, reason: ""),
        .closedByVenue(code: 1006, reason: ""), .closedByVenue(code: 1008, reason: "policy"),
        .closedByVenue(code: 1011, reason: "internal"), .closedByVenue(code: 1012, reason: ""),
        .closedByVenue(code: 1013, reason: ""), .protocolViolation("masked"),
    ]

    private func feeds(_ count: Int) -> [BestBidOfferFeed] {
        (0..<count).map { BestBidOfferFeed(coin: Coin("C\($0)")) }
    }

    /// A venue with `count` live feeds and the given limit on connections.
    private func live(_ count: Int, seed: UInt64 = 1, connections: Int = 10) -> (VirtualVenue, [SubscriptionID]) {
        var venue = VirtualVenue(seed: seed) { $0.limits.connections = connections }
        let ids = feeds(count).map { venue.subscribe($0) }
        venue.handle(.started)
        venue.run(for: .seconds(60))
        #expect(ids.allSatisfy(venue.isLive))
        return (venue, ids)
    }

    @Test(arguments: deaths) func `a feed that turns poisonous while it is live is named after the next reconnect`(
        _ death: CloseReason
    ) {
        var (venue, ids) = live(6)
        venue.habits[feeds(6)[2].request] = .kills(death)
        venue.killAll(Self.reset)
        let start = venue.dialCount
        venue.run(for: .seconds(60)) { !$0.poisoned.isEmpty }
        #expect(venue.poisoned == [ids[2]])
        #expect(venue.dialCount - start <= 6, "the restored connection, its next one, and four for trials")
        venue.run(for: .seconds(600))
        ids.remove(at: 2)
        #expect(ids.allSatisfy(venue.isLive))
        #expect(ids.allSatisfy { venue.gapCount($0) <= 2 }, "one for the loss, one for the poison")
        #expect(venue.dialCount - start <= 6)
    }

    @Test(arguments: deaths) func `a poisonous feed that is added to live ones is named, and costs them one reconnect`(
        _ death: CloseReason
    ) {
        var (venue, ids) = live(5)
        let bad = BestBidOfferFeed(coin: "btc")
        venue.habits[bad.request] = .kills(death)
        let id = venue.subscribe(bad)
        venue.run(for: .seconds(60)) { !$0.poisoned.isEmpty }
        #expect(venue.poisoned == [id])
        venue.run(for: .seconds(600))
        #expect(ids.allSatisfy(venue.isLive) && ids.allSatisfy { venue.gapCount($0) <= 1 })
        #expect(venue.dialCount <= 6, "two, and four for trials")
        ids = []
    }

    @Test(arguments: deaths) func `a poisonous feed that the venue acknowledges first is named too`(
        _ death: CloseReason
    ) {
        let (quiet, ids) = live(5)
        var venue = quiet
        let bad = BestBidOfferFeed(coin: "btc")
        venue.habits[bad.request] = .acknowledgesAndKills(death)
        let id = venue.subscribe(bad)
        venue.run(for: .seconds(60)) { !$0.poisoned.isEmpty }
        #expect(venue.poisoned == [id])
        venue.run(for: .seconds(600))
        #expect(ids.allSatisfy(venue.isLive))
        #expect(ids.allSatisfy { venue.gapCount($0) <= 2 }, "answered feeds are suspected at a second death only")
    }

    @Test(arguments: [1, 6, 40]) func `one of many restored feeds that is acknowledged and kills is named`(count: Int) {
        var (venue, ids) = live(count)
        venue.habits[feeds(1)[0].request] = .acknowledgesAndKills(Self.reset)
        venue.killAll(Self.reset)
        venue.run(for: .seconds(600)) { !$0.poisoned.isEmpty }
        #expect(venue.poisoned == [ids.removeFirst()])
        venue.run(for: .seconds(600))
        #expect(ids.allSatisfy(venue.isLive))
        #expect(ids.allSatisfy { venue.gapCount($0) <= 3 }, "many answered ones are suspected at the second death only")
    }

    @Test(arguments: [1, 3]) func `a lone poisonous feed is named, without any other feed as a control`(count: Int) {
        var venue = VirtualVenue(seed: 1)
        venue.poison = Set(feeds(count).map(\.request))
        let ids = feeds(count).map { venue.subscribe($0) }
        venue.handle(.started)
        venue.run(for: .seconds(60))
        #expect(venue.poisoned == ids)
    }

    @Test func `with a single connection a poisonous feed is named, and its neighbours are live for good`() {
        var (venue, ids) = live(4, connections: 1)
        venue.habits[feeds(4)[1].request] = .kills(Self.reset)
        venue.killAll(Self.reset)
        venue.run(for: .seconds(60))
        #expect(venue.poisoned == [ids.remove(at: 1)])
        #expect(ids.allSatisfy(venue.isLive) && ids.allSatisfy { venue.gapCount($0) <= 4 })
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `six poisonous feeds among others are named within a minute`(seed: UInt64) {
        var (venue, ids) = live(40, seed: seed)
        venue.poison = Set(feeds(6).map(\.request))
        venue.killAll(Self.reset)
        let start = venue.dialCount
        venue.run(for: .seconds(60))
        #expect(venue.poisoned == Array(ids.prefix(6)), "seed \(seed)")
        #expect(venue.dialCount - start <= 4 * 6 + 2, "seed \(seed)")
        ids.removeFirst(6)
        #expect(ids.allSatisfy(venue.isLive), "seed \(seed)")
    }

    // MARK: The innocent

    /// How long the venue kills each connection after any subscribe, in milliseconds.
    private static let troubles: [Int64] = [100, 300, 1000, 3000, 9000]

    @Test(arguments: troubles, [1, 5]) func `trouble of the venue that stops within ten seconds condemns nobody`(
        milliseconds: Int64, count: Int
    ) {
        for seed in 1...20 as ClosedRange<UInt64> {
            var venue = VirtualVenue(seed: seed)
            let ids = feeds(count).map { venue.subscribe($0) }
            venue.killsAll = Self.reset
            venue.handle(.started)
            venue.run(for: .milliseconds(milliseconds))
            venue.killsAll = nil
            venue.run(for: .seconds(60))
            #expect(venue.failures.isEmpty && ids.allSatisfy(venue.isLive), "seed \(seed)")
        }
    }

    @Test(arguments: [15, 60, 600] as [Int64], deaths)
    func `a venue that kills every connection for long condemns nobody who was live before`(
        seconds: Int64, death: CloseReason
    ) {
        var (venue, ids) = live(8, seed: 7)
        venue.killsAll = death
        venue.killAll(death)
        venue.run(for: .seconds(seconds))
        venue.killsAll = nil
        venue.run(for: .seconds(120))
        #expect(venue.failures.isEmpty && ids.allSatisfy(venue.isLive))
        ids = []
    }

    @Test(arguments: 1...40 as ClosedRange<UInt64>)
    func `a venue that kills connections at random condemns nobody`(seed: UInt64) {
        var (venue, ids) = live(30, seed: seed)
        var random = SplitMix64(seed: seed)
        for _ in 0..<60 {
            venue.run(for: .milliseconds(Int64(200 + random.next() % 3000)))
            venue.killAll(Self.deaths[Int(random.next() % UInt64(Self.deaths.count))])
        }
        venue.run(for: .seconds(120))
        #expect(venue.failures.isEmpty && ids.allSatisfy(venue.isLive), "seed \(seed)")
        ids = []
    }

    @Test(arguments: 1...20 as ClosedRange<UInt64>)
    func `poison that comes and goes costs only its own feed, and never for good`(seed: UInt64) {
        var (venue, ids) = live(10, seed: seed)
        let bad = feeds(1)[0].request
        for _ in 0..<20 {
            venue.habits[bad] = venue.habits[bad] == nil ? .kills(Self.reset) : nil
            venue.killAll(Self.reset)
            venue.run(for: .seconds(7))
        }
        venue.habits = [:]
        venue.run(for: .seconds(120))
        #expect(venue.failures.keys.allSatisfy { $0 == ids[0] }, "seed \(seed)")
        ids.removeFirst()
        #expect(ids.allSatisfy(venue.isLive), "seed \(seed)")
    }

    // MARK: Other charges

    @Test(arguments: [true, false]) func `a feed that the venue ignores ends with its own error and costs nobody else`(
        isRestored: Bool
    ) {
        var (venue, ids) = live(20)
        let silent = isRestored ? feeds(20)[3] : BestBidOfferFeed(coin: "SILENT")
        venue.habits[silent.request] = .ignores
        var id = ids[3]
        if isRestored {
            venue.killAll(Self.reset)
            ids.remove(at: 3)
        } else {
            id = venue.subscribe(silent)
        }
        let dials = venue.dialCount
        venue.run(for: .seconds(600))
        #expect(venue.failures == [id: .unanswered])
        #expect(ids.allSatisfy(venue.isLive) && ids.allSatisfy { venue.gapCount($0) == (isRestored ? 1 : 0) })
        #expect(venue.dialCount - dials <= 2)
        #expect(venue.engine.checkInvariants(venue.turn.limiter) == [])
    }

    @Test(arguments: [5, 30, 35]) func `a caller that gives up on an ignored feed costs nobody else anything`(
        seconds: Int64
    ) {
        let (quiet, ids) = live(20)
        var venue = quiet
        let silent = BestBidOfferFeed(coin: "SILENT")
        venue.habits[silent.request] = .ignores
        let id = venue.subscribe(silent, timeout: .seconds(seconds))
        venue.run(for: .seconds(600))
        #expect(venue.failures.keys.sorted() == [id])
        #expect(ids.allSatisfy(venue.isLive) && ids.allSatisfy { venue.gapCount($0) == 0 })
        #expect(venue.engine.registry.upstreams.count == 20)
        #expect(venue.engine.checkInvariants(venue.turn.limiter) == [])
    }

    @Test func `nobody is said to be ignored while the venue answers nobody`() {
        var (venue, ids) = live(5)
        for feed in feeds(5) { venue.habits[feed.request] = .ignores }
        venue.killAll(Self.reset)
        venue.run(for: .seconds(300))
        #expect(venue.failures.isEmpty)
        venue.habits = [:]
        venue.run(for: .seconds(120))
        #expect(ids.allSatisfy(venue.isLive))
        ids = []
    }

    @Test(arguments: [true, false]) func `a feed that sends too large a message twice ends, its neighbours go on`(
        showsChannel: Bool
    ) {
        let (quiet, ids) = live(5)
        var venue = quiet
        let large = AllDexsAssetContextsFeed()
        venue.habits[large.request] = .sendsTooLarge(showsChannel: showsChannel)
        let id = venue.subscribe(large)
        venue.run(for: .seconds(120))
        #expect(venue.failures == [id: .messageTooLarge(limit: 1 << 24)])
        #expect(ids.allSatisfy(venue.isLive) && ids.allSatisfy { venue.gapCount($0) == 1 })
        #expect(venue.dialCount == 3)
    }

    @Test(arguments: [
        #"Unknown market: {"type":"bbo","coin":"NOPE"}"#,
        #"No such thing {"method":"subscribe","subscription":{"type":"bbo","coin":"NOPE"}}"#,
        #"{"type":"bbo","coin":"NOPE"}: sorry"#,
    ]) func `a refusal in unknown words ends the request that it quotes and no other`(text: String) {
        let (quiet, ids) = live(2)
        var venue = quiet
        let feed = BestBidOfferFeed(coin: "NOPE")
        venue.habits[feed.request] = .refuses(text)
        let id = venue.subscribe(feed)
        venue.run(for: .seconds(5))
        #expect(venue.failures == [id: .refused(text)])
        #expect(ids.allSatisfy(venue.isLive))
    }

    // MARK: Connections that say nothing

    @Test func `a connection that answers nothing is replaced after ten seconds`() {
        var venue = VirtualVenue(seed: 1)
        venue.isDeaf = { $0 == ConnectionID(1) }
        let ids = feeds(3).map { venue.subscribe($0) }
        venue.handle(.started)
        venue.run(for: .seconds(13))
        #expect(ids.allSatisfy(venue.isLive))
        #expect(venue.dialCount == 2)
    }

    @Test func `edges that answer nothing are dialled ever more rarely`() {
        var venue = VirtualVenue(seed: 1)
        venue.isDeaf = { _ in true }
        _ = venue.subscribe(feeds(1)[0])
        venue.handle(.started)
        venue.run(for: .seconds(600))
        #expect((15...30).contains(venue.dialCount), "\(venue.dialCount) dials in ten minutes")
    }
}
