import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct EnginePostTests {
    let first = PostID(1)
    let second = PostID(2)
    let connection = ConnectionID(1)
    private let trades = TradesFeed.trades("BTC")

    /// A running engine with one open connection.
    private func openHarness(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineHarness {
        var harness = EngineHarness(change)
        _ = harness.subscribe(trades)
        harness.tell(.started)
        harness.tell(.connectionOpened(connection))
        harness.tell(.acknowledged(connection, .subscribe, echo: trades.request))
        _ = harness.take()
        return harness
    }

    @Test func `a post is sent on the open connection`() {
        var harness = openHarness()
        harness.tell(.posted(first, .info, timeout: .seconds(15)))
        #expect(harness.take() == [.sendPost(connection, first)])
        harness.tell(.postAnswered(connection, first))
        harness.pass(.seconds(15))
        #expect(harness.take() == [])
    }

    @Test func `a post without any subscription opens a connection, which closes once it is idle`() {
        var harness = EngineHarness()
        harness.tell(.started)
        harness.pass(.seconds(1))
        harness.tell(.posted(first, .info, timeout: .seconds(15)))
        #expect(harness.take() == [.dial(connection, .api)])
        harness.tell(.connectionOpened(connection))
        #expect(harness.take() == [.sendPost(connection, first)])
        // An empty slot is closed earlier than this, but an answer is still to come.
        harness.pass(.seconds(10))
        #expect(harness.take() == [])
        harness.tell(.postAnswered(connection, first))
        harness.pass(.seconds(4))
        #expect(harness.take() == [])
        harness.pass(.seconds(1))
        #expect(harness.take() == [.close(connection)])
        harness.tell(.connectionClosed(connection, .closedByUs, draw: 0))
        #expect(harness.engine.pool.slots.isEmpty)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `a post is sent before subscribes when messages are scarce`() {
        var harness = openHarness { $0.limits.messagesPerSecond = 1 }
        _ = harness.subscribe(.trades("ETH"))
        harness.tell(.posted(first, .info, timeout: .seconds(15)))
        #expect(harness.take() == [])
        harness.pass(.seconds(1))
        #expect(harness.take() == [.sendPost(connection, first)])
        harness.pass(.seconds(1))
        #expect(harness.takeSent() == [.subscribe(TradesFeed.trades("ETH").request)])
    }

    @Test func `a lost connection has an info post sent again and ends an action`() {
        var harness = openHarness()
        harness.tell(.posted(first, .info, timeout: .seconds(15)))
        harness.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.take()
        harness.tell(.connectionClosed(connection, .broken("reset"), draw: 0))
        #expect(harness.take().contains(.failPost(second, .unknownOutcome(.connectionLost(.broken("reset"))))))
        harness.pass(.seconds(1))
        harness.tell(.connectionOpened(ConnectionID(2)))
        #expect(
            harness.take().filter { if case .sendPost = $0 { true } else { false } } == [
                .sendPost(ConnectionID(2), first)
            ])
    }

    static let waits: [(PostKind, Engine.PostFailure)] = [
        (.info, .timedOut(.answer)), (.action, .unknownOutcome(.timedOut)),
    ]

    @Test(arguments: waits)
    func `a post without an answer ends at its timeout`(kind: PostKind, failure: Engine.PostFailure) {
        var harness = openHarness()
        harness.tell(.posted(first, kind, timeout: .seconds(15)))
        _ = harness.take()
        harness.tell(.frameArrived(connection))
        harness.pass(.seconds(15))
        #expect(harness.take() == [.failPost(first, failure)])
    }

    @Test func `a post that was never sent fails with the reason for its wait`() {
        var harness = EngineHarness()
        harness.tell(.started)
        harness.tell(.posted(first, .action, timeout: .seconds(5)))
        _ = harness.take()
        harness.pass(.seconds(5))
        #expect(harness.take().contains(.failPost(first, .timedOut(.connection))))
    }

    @Test func `a full window holds a post back and is the reason of its timeout`() {
        var harness = openHarness { $0.limits.postsInFlight = 1 }
        harness.tell(.posted(first, .info, timeout: .seconds(15)))
        harness.tell(.posted(second, .action, timeout: .seconds(5)))
        #expect(harness.take() == [.sendPost(connection, first)])
        harness.pass(.seconds(5))
        #expect(harness.take() == [.failPost(second, .timedOut(.window))])
    }

    @Test func `a cancelled action is harmless before it is sent and of unknown outcome afterwards`() {
        var harness = openHarness { $0.limits.postsInFlight = 1 }
        harness.tell(.posted(first, .action, timeout: .seconds(15)))
        harness.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.take()
        harness.tell(.postCancelled(second))
        harness.tell(.postCancelled(first))
        #expect(harness.take() == [.failPost(second, .cancelled), .failPost(first, .unknownOutcome(.cancelled))])
    }

    @Test func `the end of the client ends the posts whose callers still wait`() {
        var harness = openHarness { $0.limits.postsInFlight = 1 }
        harness.tell(.posted(first, .action, timeout: .seconds(15)))
        harness.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.take()
        harness.tell(.drained)
        let effects = harness.take()
        #expect(effects.contains(.failPost(first, .unknownOutcome(.clientEnded))))
        #expect(effects.contains(.failPost(second, .clientEnded)))
        harness.tell(.posted(PostID(3), .info, timeout: .seconds(15)))
        #expect(harness.take() == [.failPost(PostID(3), .clientEnded)])
    }

    @Test func `an error text ends the post that it quotes and no other`() {
        var harness = openHarness()
        harness.tell(.posted(first, .info, timeout: .seconds(15)))
        harness.tell(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.take()
        let text = #"Error parsing JSON into valid websocket request: {"method":"post","id":2,"request":{"type":"x"}}"#
        harness.tell(.errorArrived(connection, VenueError(text: text)))
        #expect(harness.take() == [.failPost(second, .refused(text))])
    }

    @Test func `a refusal of too many posts delays the post that it names`() {
        var harness = openHarness()
        harness.tell(.posted(first, .action, timeout: .seconds(15)))
        _ = harness.take()
        let text = "too many pending post requests id=1"
        harness.tell(.errorArrived(connection, VenueError(text: text)))
        #expect(harness.take() == [.note(.limitRefusal(connection, text))])
        harness.pass(.seconds(1))
        #expect(harness.take() == [.sendPost(connection, first)])
    }
}
