import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct EngineTests {
    let btc = TradesFeed(coin: "BTC")
    let eth = TradesFeed(coin: "ETH")

    @Test func `a subscription is dialled for, asked for and confirmed in this order`() {
        var harness = EngineHarness()
        let id = harness.subscribe(btc)
        #expect(harness.takeEffects() == [])
        harness.handle(.started)
        #expect(harness.takeEffects() == [.dial(ConnectionID(1), .api)])
        harness.handle(.connectionOpened(ConnectionID(1)))
        #expect(
            harness.takeEffects() == [
                .attach(UpstreamID(1), ConnectionID(1)), .expectReplay(UpstreamID(1)),
                .send(ConnectionID(1), .subscribe(btc.request)),
            ])
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(harness.takeEffects() == [.confirm(id)])
    }

    @Test func `a lost connection is restored and a gap announced before further events`() {
        var harness = EngineHarness()
        _ = harness.subscribe(btc)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        harness.stayOpen()
        _ = harness.takeEffects()
        harness.handle(.connectionClosed(ConnectionID(1), .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        #expect(harness.takeEffects().contains(.dial(ConnectionID(2), .api)))
        harness.handle(.connectionOpened(ConnectionID(2)))
        #expect(harness.takeSent() == [.subscribe(btc.request)])
        harness.handle(.acknowledged(ConnectionID(2), .subscribe, echo: btc.request))
        #expect(harness.takeEffects() == [.announceGap(UpstreamID(1), .reconnected)])
    }

    @Test func `subscriptions of one identity share an upstream subscription, which ends with the last of them`() {
        var harness = EngineHarness()
        let first = harness.subscribe(btc)
        let second = harness.subscribe(btc)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        #expect(harness.takeSent() == [.subscribe(btc.request)])
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(harness.takeEffects() == [.confirm(first), .confirm(second)])
        harness.handle(.unsubscribed(first))
        #expect(harness.takeEffects() == [])
        harness.handle(.unsubscribed(second))
        #expect(
            harness.takeEffects() == [
                .detach(UpstreamID(1), ConnectionID(1)), .send(ConnectionID(1), .unsubscribe(btc.request)),
            ])
        harness.handle(.acknowledged(ConnectionID(1), .unsubscribe, echo: btc.request))
        #expect(harness.takeEffects() == [.forget(UpstreamID(1))])
        #expect(harness.engine.registry.upstreams.isEmpty)
        #expect(harness.turn.limiter.subscriptionCount == 0)
    }

    @Test func `a feed that is wanted again while it leaves is asked for after its unsubscribe is confirmed`() {
        var harness = EngineHarness()
        let first = harness.subscribe(btc)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        harness.handle(.unsubscribed(first))
        _ = harness.takeEffects()
        let second = harness.subscribe(btc)
        #expect(harness.takeEffects() == [])
        harness.handle(.acknowledged(ConnectionID(1), .unsubscribe, echo: btc.request))
        #expect(harness.takeSent() == [.subscribe(btc.request)])
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(harness.takeEffects() == [.confirm(second)])
    }

    @Test func `a refusal ends its own request with the venue's words and no other`() {
        var harness = EngineHarness()
        let good = harness.subscribe(btc)
        let bad = harness.subscribe(eth)
        harness.handle(.started)
        harness.handle(.connectionOpened(ConnectionID(1)))
        _ = harness.takeEffects()
        harness.handle(
            .errorArrived(ConnectionID(1), .invalidSubscription(eth.request, text: "Invalid subscription {…}")))
        #expect(
            harness.takeEffects() == [
                .detach(UpstreamID(2), ConnectionID(1)), .fail(bad, .refused("Invalid subscription {…}")),
                .forget(UpstreamID(2)),
            ])
        harness.handle(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(harness.takeEffects() == [.confirm(good)])
    }

    @Test func `a caller that times out is told what it waited for`() {
        var harness = EngineHarness()
        let id = harness.subscribe(btc)
        harness.handle(.started)
        harness.advance(by: .seconds(10))
        #expect(harness.takeEffects().contains(.fail(id, .timedOut(.connection))))
    }

    @Test func `ambiguous feeds never share a slot`() {
        var harness = EngineHarness()
        let plain = RawFeed(type: "orderUpdates", fields: [("user", "0x1111111111111111111111111111111111111111")])
        let other = RawFeed(type: "orderUpdates", fields: [("user", "0x2222222222222222222222222222222222222222")])
        _ = harness.subscribe(plain)
        _ = harness.subscribe(other)
        harness.handle(.started)
        #expect(harness.engine.pool.slots.count == 2)
    }
}
