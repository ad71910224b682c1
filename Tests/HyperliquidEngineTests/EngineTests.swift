import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Engine") struct EngineTests {
    let btc = TradesFeed.trades("BTC")
    let eth = TradesFeed.trades("ETH")

    @Test func `a claim is dialled for, asked for and confirmed in this order`() {
        var bench = Bench()
        let id = bench.claim(btc)
        #expect(bench.take() == [])
        bench.tell(.started)
        #expect(bench.take() == [.dial(LinkID(1), .api)])
        bench.tell(.linkOpened(LinkID(1)))
        #expect(
            bench.take() == [
                .attach(WireID(1), LinkID(1)), .expectReplay(WireID(1)), .send(LinkID(1), .subscribe(btc.request)),
            ])
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(id)])
    }

    @Test func `a lost link is restored and its gap announced before its subscription goes on`() {
        var bench = Bench()
        _ = bench.claim(btc)
        bench.tell(.started)
        bench.tell(.linkOpened(LinkID(1)))
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        _ = bench.take()
        bench.tell(.linkClosed(LinkID(1), .closedByVenue(code: 1000, reason: "Expired"), draw: 0))
        #expect(bench.take().contains(.dial(LinkID(2), .api)))
        bench.tell(.linkOpened(LinkID(2)))
        #expect(bench.takeSent() == [.subscribe(btc.request)])
        bench.tell(.acknowledged(LinkID(2), .subscribe, echo: btc.request))
        #expect(bench.take() == [.announceGap(WireID(1), .reconnected)])
    }

    @Test func `claims of one identity share its wire subscription and the last one to leave ends it`() {
        var bench = Bench()
        let first = bench.claim(btc)
        let second = bench.claim(btc)
        bench.tell(.started)
        bench.tell(.linkOpened(LinkID(1)))
        #expect(bench.takeSent() == [.subscribe(btc.request)])
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(first), .confirm(second)])
        bench.tell(.released(first))
        #expect(bench.take() == [])
        bench.tell(.released(second))
        #expect(bench.take() == [.detach(WireID(1), LinkID(1)), .send(LinkID(1), .unsubscribe(btc.request))])
        bench.tell(.acknowledged(LinkID(1), .unsubscribe, echo: btc.request))
        #expect(bench.take() == [.forget(WireID(1))])
        #expect(bench.engine.ledger.wires.isEmpty)
        #expect(bench.engine.allowance.subscriptionCount == 0)
    }

    @Test func `a feed wanted again while it leaves is asked for after its end is confirmed`() {
        var bench = Bench()
        let first = bench.claim(btc)
        bench.tell(.started)
        bench.tell(.linkOpened(LinkID(1)))
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        bench.tell(.released(first))
        _ = bench.take()
        let second = bench.claim(btc)
        #expect(bench.take() == [])
        bench.tell(.acknowledged(LinkID(1), .unsubscribe, echo: btc.request))
        #expect(bench.takeSent() == [.subscribe(btc.request)])
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(second)])
    }

    @Test func `a refusal ends its own request with the venue's words and nothing else`() {
        var bench = Bench()
        let good = bench.claim(btc)
        let bad = bench.claim(eth)
        bench.tell(.started)
        bench.tell(.linkOpened(LinkID(1)))
        _ = bench.take()
        bench.tell(.errorArrived(LinkID(1), .invalidSubscription(eth.request, text: "Invalid subscription {…}")))
        #expect(
            bench.take() == [
                .detach(WireID(2), LinkID(1)), .fail(bad, .refused("Invalid subscription {…}")), .forget(WireID(2)),
            ])
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        #expect(bench.take() == [.confirm(good)])
    }

    @Test func `a poisonous subscription is found and everybody else comes back`() {
        var bench = Bench()
        let good = bench.claim(btc)
        let bad = bench.claim(eth)
        bench.tell(.started)
        bench.tell(.linkOpened(LinkID(1)))
        bench.tell(.acknowledged(LinkID(1), .subscribe, echo: btc.request))
        var dials = 1
        var failed: [Engine.Effect] = []
        // The venue kills every link on which the poison was asked for.
        for _ in 0..<8 where failed.isEmpty {
            bench.pass(.milliseconds(120))
            let poisoned = bench.engine.links.values.first { link in
                link.answers.pending.contains { $0.request == eth.request && $0.kind == .subscribe }
            }
            if let poisoned { bench.tell(.linkClosed(poisoned.id, .broken("reset"), draw: 0)) }
            bench.pass(.seconds(1))
            for link in bench.engine.links.values where !link.isOpen {
                dials += 1
                bench.tell(.linkOpened(link.id))
                bench.tell(.acknowledged(link.id, .subscribe, echo: btc.request))
            }
            failed = bench.take().filter { if case .fail = $0 { true } else { false } }
        }
        #expect(failed == [.fail(bad, .poisoned(retryIn: .seconds(3600)))])
        #expect(bench.engine.ledger.claims[good] != nil)
        bench.pass(.seconds(1))
        let waiting = bench.engine.ledger.wires.values.filter { !$0.isLive }
        #expect(waiting.isEmpty)
        #expect(dials <= 5)
    }

    @Test func `an unanswered caller is told what it waited for`() {
        var bench = Bench()
        let id = bench.claim(btc)
        bench.tell(.started)
        bench.pass(.seconds(10))
        #expect(bench.take().contains(.fail(id, .timedOut(.connection))))
    }

    @Test func `two variants of one book never share a lane`() {
        var bench = Bench()
        let plain = RawFeed(type: "orderUpdates", fields: [("user", "0x1111111111111111111111111111111111111111")])
        let other = RawFeed(type: "orderUpdates", fields: [("user", "0x2222222222222222222222222222222222222222")])
        _ = bench.claim(plain)
        _ = bench.claim(other)
        bench.tell(.started)
        #expect(bench.engine.lanes.count == 2)
    }
}
