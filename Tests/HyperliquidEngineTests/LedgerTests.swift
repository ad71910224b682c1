import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Ledger") struct LedgerTests {
    private let trades = TradesFeed(coin: "BTC")
    private let fills = UserFillsFeed(user: PlacementFeeds.user(1))
    private let user = PlacementFeeds.user(1).description

    private func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    private func claim(
        _ ledger: inout Ledger, _ id: UInt64, _ feed: some Feed, patience: Int64? = nil
    ) -> (wire: WireID, isNew: Bool) {
        ledger.claim(
            SubscriptionID(id), feed.request, feed.traits, patience: patience.map { .seconds($0) },
            waitsForLimits: true,
            deadline: patience.map(at), at: .start)
    }

    private func become(_ ledger: inout Ledger, _ wire: WireID, _ state: WireSubscription.State) {
        ledger[wire]?.state = state
    }

    @Test func `claims of one identity share its wire subscription, others have their own`() {
        var ledger = Ledger()
        let first = claim(&ledger, 1, trades)
        let second = claim(&ledger, 2, RawFeed(type: "trades", fields: [("coin", .string("BTC"))]))
        let third = claim(&ledger, 3, fills)
        #expect(first.isNew && !second.isNew && third.isNew)
        #expect(first.wire == second.wire && first.wire != third.wire)
        #expect(ledger[first.wire]?.claims == [SubscriptionID(1), SubscriptionID(2)])
    }

    @Test func `a release names the wire subscription, once`() {
        var ledger = Ledger()
        let wire = claim(&ledger, 1, trades).wire
        let released = [ledger.release(SubscriptionID(1)), ledger.release(SubscriptionID(1))]
        #expect(released == [wire, nil])
        #expect(ledger[wire]?.claims == [])
        #expect(ledger.wire(of: trades.request) == wire, "it is there until it is removed")
        ledger.remove(wire)
        #expect(ledger.wire(of: trades.request) == nil)
        #expect(claim(&ledger, 2, trades).wire != wire, "ids are never used twice")
    }

    @Test func `each claim is told once, oldest first`() {
        var ledger = Ledger()
        let wire = claim(&ledger, 1, trades).wire
        _ = claim(&ledger, 2, trades)
        _ = ledger.release(SubscriptionID(1))
        _ = claim(&ledger, 3, trades)
        let told = [ledger.takeAwaited(wire), ledger.takeAwaited(wire)]
        #expect(told == [[SubscriptionID(2), SubscriptionID(3)], []])
    }

    @Test func `who waits too long is named by the deadline, who was told is not`() {
        var ledger = Ledger()
        let wire = claim(&ledger, 1, trades, patience: 5).wire
        _ = claim(&ledger, 2, fills, patience: 3)
        #expect(ledger.deadline == at(3))
        _ = ledger.takeAwaited(wire)
        let expired = [ledger.takeExpired(at: at(2)), ledger.takeExpired(at: at(9)), ledger.takeExpired(at: at(9))]
        #expect(expired == [nil, SubscriptionID(2), nil])
        #expect(ledger.deadline == nil)
    }

    @Test func `before the client runs nobody's clock does`() {
        var ledger = Ledger()
        _ = ledger.claim(
            SubscriptionID(1), trades.request, trades.traits, patience: .seconds(5), waitsForLimits: true,
            deadline: nil, at: .start)
        #expect(ledger.deadline == nil)
        ledger.startClocks(at: at(100))
        #expect(ledger.deadline == at(105))
    }

    @Test func `what is live is counted, by user too`() {
        var ledger = Ledger()
        let wires = [claim(&ledger, 1, fills).wire, claim(&ledger, 2, OrderUpdatesFeed(user: fills.user)).wire]
        for wire in wires { become(&ledger, wire, .live(LinkID(1), since: .start)) }
        #expect(ledger.liveCount == 2 && ledger.liveUserCount == 1 && ledger.hasLive(user: user))
        become(&ledger, wires[0], .leaving(LinkID(1), since: .start))
        #expect(ledger.liveCount == 1 && ledger.hasLive(user: user))
        become(&ledger, wires[1], .waiting(.connection, since: .start))
        #expect(ledger.liveCount == 0 && ledger.liveUserCount == 0 && !ledger.hasLive(user: user))
    }

    @Test func `a shadow is not found by its identity`() throws {
        var ledger = Ledger()
        let wire = claim(&ledger, 1, trades).wire
        let shadow = ledger.makeShadow(of: try #require(ledger[wire]), at: .start)
        #expect(ledger.wire(of: trades.request) == wire)
        ledger.remove(shadow)
        #expect(ledger.wire(of: trades.request) == wire)
    }
}
