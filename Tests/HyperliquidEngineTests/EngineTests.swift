import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Engine") struct EngineTests {
    let btc = TradesFeed.trades("BTC")
    let eth = TradesFeed.trades("ETH")

    @Test func `a subscription is dialled for, asked for and confirmed in this order`() {
        var bench = Bench()
        let id = bench.subscribe(btc)
        #expect(bench.take() == [])
        bench.tell(.started)
        #expect(bench.take() == [.dial(ConnectionID(1), .api)])
        bench.tell(.connectionOpened(ConnectionID(1)))
        #expect(
            bench.take() == [
                .attach(UpstreamID(1), ConnectionID(1)), .expectReplay(UpstreamID(1)),
                .send(ConnectionID(1), .subscribe(btc.request)),
            ])
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(id)])
    }

    @Test func `a lost connection is restored and its gap announced before its subscription goes on`() {
        var bench = Bench()
        _ = bench.subscribe(btc)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        _ = bench.take()
        bench.tell(.connectionClosed(ConnectionID(1), .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        #expect(bench.take().contains(.dial(ConnectionID(2), .api)))
        bench.tell(.connectionOpened(ConnectionID(2)))
        #expect(bench.takeSent() == [.subscribe(btc.request)])
        bench.tell(.acknowledged(ConnectionID(2), .subscribe, echo: btc.request))
        #expect(bench.take() == [.announceGap(UpstreamID(1), .reconnected)])
    }

    @Test func `subscriptions of one identity share its upstream subscription and the last one to leave ends it`() {
        var bench = Bench()
        let first = bench.subscribe(btc)
        let second = bench.subscribe(btc)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        #expect(bench.takeSent() == [.subscribe(btc.request)])
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(first), .confirm(second)])
        bench.tell(.unsubscribed(first))
        #expect(bench.take() == [])
        bench.tell(.unsubscribed(second))
        #expect(
            bench.take() == [
                .detach(UpstreamID(1), ConnectionID(1)), .send(ConnectionID(1), .unsubscribe(btc.request)),
            ])
        bench.tell(.acknowledged(ConnectionID(1), .unsubscribe, echo: btc.request))
        #expect(bench.take() == [.forget(UpstreamID(1))])
        #expect(bench.engine.registry.upstreams.isEmpty)
        #expect(bench.turn.limiter.subscriptionCount == 0)
    }

    @Test func `a feed wanted again while it leaves is asked for after its end is confirmed`() {
        var bench = Bench()
        let first = bench.subscribe(btc)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        bench.tell(.unsubscribed(first))
        _ = bench.take()
        let second = bench.subscribe(btc)
        #expect(bench.take() == [])
        bench.tell(.acknowledged(ConnectionID(1), .unsubscribe, echo: btc.request))
        #expect(bench.takeSent() == [.subscribe(btc.request)])
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(second)])
    }

    @Test func `a refusal ends its own request with the venue's words and nothing else`() {
        var bench = Bench()
        let good = bench.subscribe(btc)
        let bad = bench.subscribe(eth)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        _ = bench.take()
        bench.tell(.errorArrived(ConnectionID(1), .invalidSubscription(eth.request, text: "Invalid subscription {…}")))
        #expect(
            bench.take() == [
                .detach(UpstreamID(2), ConnectionID(1)), .fail(bad, .refused("Invalid subscription {…}")),
                .forget(UpstreamID(2)),
            ])
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(good)])
    }

    @Test func `a poisonous subscription is found and everybody else comes back`() {
        var bench = Bench()
        let good = bench.subscribe(btc)
        let bad = bench.subscribe(eth)
        bench.tell(.started)
        bench.tell(.connectionOpened(ConnectionID(1)))
        bench.tell(.acknowledged(ConnectionID(1), .subscribe, echo: btc.request))
        var dials = 1
        var failed: [Engine.Effect] = []
        // The venue kills every connection on which the poison was asked for.
        for _ in 0..<8 where failed.isEmpty {
            bench.pass(.milliseconds(120))
            let poisoned = bench.engine.pool.connections.first { connection in
                connection.pendingRequests.all.contains { $0.feed == eth.request && $0.kind == .subscribe }
            }
            if let poisoned { bench.tell(.connectionClosed(poisoned.id, .broken("reset"), draw: 0)) }
            bench.pass(.seconds(1))
            for connection in bench.engine.pool.connections where !connection.isOpen {
                dials += 1
                bench.tell(.connectionOpened(connection.id))
                bench.tell(.acknowledged(connection.id, .subscribe, echo: btc.request))
            }
            failed = bench.take().filter { if case .fail = $0 { true } else { false } }
        }
        #expect(failed == [.fail(bad, .poisoned(retryIn: .seconds(3600)))])
        #expect(bench.engine.registry.subscriptions[good] != nil)
        bench.pass(.seconds(1))
        let waiting = bench.engine.registry.upstreams.values.filter { !$0.isLive }
        #expect(waiting.isEmpty)
        #expect(dials <= 5)
    }

    @Test func `an unanswered caller is told what it waited for`() {
        var bench = Bench()
        let id = bench.subscribe(btc)
        bench.tell(.started)
        bench.pass(.seconds(10))
        #expect(bench.take().contains(.fail(id, .timedOut(.connection))))
    }

    @Test func `two variants of one book never share a slot`() {
        var bench = Bench()
        let plain = RawFeed(type: "orderUpdates", fields: [("user", "0x1111111111111111111111111111111111111111")])
        let other = RawFeed(type: "orderUpdates", fields: [("user", "0x2222222222222222222222222222222222222222")])
        _ = bench.subscribe(plain)
        _ = bench.subscribe(other)
        bench.tell(.started)
        #expect(bench.engine.pool.slots.count == 2)
    }
}
