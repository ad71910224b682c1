import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Posts of an engine") struct EnginePostTests {
    let first = PostID(1)
    let second = PostID(2)
    let connection = ConnectionID(1)
    private let trades = TradesFeed(coin: "BTC")

    /// A running engine with one open connection.
    private func openHarness(_ change: (inout EngineConfiguration) -> Void = { _ in }) -> EngineHarness {
        var harness = EngineHarness(change)
        _ = harness.subscribe(trades)
        harness.handle(.started)
        harness.handle(.connectionOpened(connection))
        harness.handle(.acknowledged(connection, .subscribe, echo: trades.request))
        _ = harness.takeEffects()
        return harness
    }

    @Test func `a post is sent on the open connection`() {
        var harness = openHarness()
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        #expect(harness.takeEffects() == [.sendPost(connection, first)])
        harness.handle(.postAnswered(connection, first))
        harness.advance(by: .seconds(15))
        #expect(harness.takeEffects() == [])
    }

    @Test func `a post without any subscription opens a connection, which closes once it is idle`() {
        var harness = EngineHarness()
        harness.handle(.started)
        harness.advance(by: .seconds(1))
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        #expect(harness.takeEffects() == [.dial(connection, .api)])
        harness.handle(.connectionOpened(connection))
        #expect(harness.takeEffects() == [.sendPost(connection, first)])
        // A slot without feeds would be closed after 5 s; the post in flight keeps it open.
        harness.advance(by: .seconds(10))
        #expect(harness.takeEffects() == [])
        harness.handle(.postAnswered(connection, first))
        harness.advance(by: .seconds(4))
        #expect(harness.takeEffects() == [])
        harness.advance(by: .seconds(1))
        #expect(harness.takeEffects() == [.close(connection)])
        harness.handle(.connectionClosed(connection, .closedByUs, draw: 0))
        #expect(harness.engine.pool.slots.isEmpty)
        #expect(harness.engine.checkInvariants(harness.turn.limiter) == [])
    }

    @Test func `what an answer adds to the weight delays the next question`() {
        var harness = openHarness { $0.limits.requestWeightPerMinute = 40 }
        harness.handle(.posted(first, .info, weight: 20, timeout: .seconds(90)))
        harness.advance(by: .seconds(5))
        harness.handle(.postAnswered(connection, first, addedWeight: 10))
        _ = harness.takeEffects()
        harness.handle(.posted(second, .info, weight: 20, timeout: .seconds(90)))
        #expect(harness.takeEffects() == [])
        harness.advance(by: .seconds(55))
        #expect(harness.takeEffects().contains(.sendPost(connection, second)))
    }

    @Test func `after the venue said that the requests weigh too much, questions pause and are sent again`() {
        var harness = openHarness()
        harness.handle(.posted(first, .info, weight: 20, timeout: .seconds(90)))
        harness.handle(.postLimited(connection, first, "429 Too Many Requests"))
        harness.handle(.posted(second, .info, weight: 2, timeout: .seconds(90)))
        #expect(
            harness.takeEffects() == [
                .sendPost(connection, first), .note(.limitRefusal(connection, "429 Too Many Requests")),
            ])
        harness.handle(.posted(PostID(3), .info, timeout: .seconds(9)))
        harness.advance(by: .seconds(9))
        #expect(harness.takeEffects() == [.failPost(PostID(3), .timedOut(.requestPause))])
        harness.advance(by: .seconds(1))
        #expect(harness.takeEffects() == [.sendPost(connection, first), .sendPost(connection, second)])
    }

    @Test
    func `an action that the venue did not execute because of the weight is refused, but not to a caller that left`() {
        var harness = openHarness()
        harness.handle(.posted(first, .action, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(15)))
        harness.handle(.postCancelled(second))
        _ = harness.takeEffects()
        let text = "429 Too Many Requests"
        for id in [first, second] { harness.handle(.postLimited(connection, id, text)) }
        let note = Engine.Effect.note(.limitRefusal(connection, text))
        #expect(harness.takeEffects() == [note, .failPost(first, .refused(text)), note])
        #expect(harness.turn.limiter.postCount == 0)
    }

    @Test func `a post is sent before subscribes when messages are scarce`() {
        var harness = openHarness { $0.limits.messagesPerSecond = 1 }
        _ = harness.subscribe(TradesFeed(coin: "ETH"))
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        #expect(harness.takeEffects() == [])
        harness.advance(by: .seconds(1))
        #expect(harness.takeEffects() == [.sendPost(connection, first)])
        harness.advance(by: .seconds(1))
        #expect(harness.takeSent() == [.subscribe(TradesFeed(coin: "ETH").request)])
    }

    @Test func `an action does not wait behind hundreds of unsubscribes and subscribes`() throws {
        var harness = EngineHarness()
        let ids = (0..<900).map { harness.subscribe(TradesFeed(coin: Coin("C\($0)")), timeout: nil) }
        harness.handle(.started)
        for _ in 0..<90 {
            harness.advance(by: .seconds(1))
            harness.answerAll()
        }
        #expect(harness.engine.registry.liveCount >= 899)
        harness.stayOpen(for: .seconds(60))
        for id in ids.prefix(450) { harness.handle(.unsubscribed(id)) }
        for number in 0..<40 { _ = harness.subscribe(TradesFeed(coin: Coin("D\(number)")), timeout: nil) }
        _ = harness.takeEffects()
        harness.handle(.posted(first, .action, timeout: .seconds(15)))
        let connection = try #require(harness.engine.pool.postConnection)
        #expect(harness.takeEffects().first == .sendPost(connection, first))
    }

    @Test func `an action goes to the connection that was heard last`() {
        var harness = EngineHarness { $0.policy = .isolated(sharedLimit: 1) }
        for coin in ["A", "B"] { _ = harness.subscribe(TradesFeed(coin: Coin(coin)), timeout: nil) }
        harness.handle(.started)
        harness.answerAll()
        harness.advance(by: .seconds(1))
        harness.handle(.frameArrived(ConnectionID(2)))
        _ = harness.takeEffects()
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(15)))
        #expect(harness.takeEffects() == [.sendPost(ConnectionID(1), first), .sendPost(ConnectionID(2), second)])
    }

    @Test func `after a lost connection, an info post is sent again and an action fails`() {
        var harness = openHarness()
        harness.stayOpen()
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.takeEffects()
        harness.handle(.connectionClosed(connection, .broken("reset"), draw: 0))
        #expect(harness.takeEffects().contains(.failPost(second, .unknownOutcome(.connectionLost(.broken("reset"))))))
        harness.advance(by: .seconds(1))
        harness.handle(.connectionOpened(ConnectionID(2)))
        #expect(
            harness.takeEffects().filter { if case .sendPost = $0 { true } else { false } } == [
                .sendPost(ConnectionID(2), first)
            ])
    }

    static let waits: [(PostKind, Engine.PostFailure)] = [
        (.info, .timedOut(.answer)), (.action, .unknownOutcome(.timedOut)),
    ]

    @Test(arguments: waits)
    func `a post without an answer ends at its timeout`(kind: PostKind, failure: Engine.PostFailure) {
        var harness = openHarness()
        harness.handle(.posted(first, kind, timeout: .seconds(15)))
        _ = harness.takeEffects()
        harness.handle(.frameArrived(connection))
        harness.advance(by: .seconds(15))
        #expect(harness.takeEffects() == [.failPost(first, failure)])
    }

    @Test func `a post that was never sent fails with the reason for its wait`() {
        var harness = EngineHarness()
        harness.handle(.started)
        harness.handle(.posted(first, .action, timeout: .seconds(5)))
        _ = harness.takeEffects()
        harness.advance(by: .seconds(5))
        #expect(harness.takeEffects().contains(.failPost(first, .timedOut(.connection))))
    }

    @Test func `a post that waits for earlier answers fails with that reason at its timeout`() {
        var harness = openHarness { $0.limits.postsInFlight = 1 }
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(5)))
        #expect(harness.takeEffects() == [.sendPost(connection, first)])
        harness.advance(by: .seconds(5))
        #expect(harness.takeEffects() == [.failPost(second, .timedOut(.postsInFlight))])
    }

    @Test func `a cancelled action is harmless before it is sent and of unknown outcome afterwards`() {
        var harness = openHarness { $0.limits.postsInFlight = 1 }
        harness.handle(.posted(first, .action, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.takeEffects()
        harness.handle(.postCancelled(second))
        harness.handle(.postCancelled(first))
        #expect(
            harness.takeEffects() == [.failPost(second, .cancelled), .failPost(first, .unknownOutcome(.cancelled))])
    }

    @Test func `the end of the client ends the posts whose callers still wait`() {
        var harness = openHarness { $0.limits.postsInFlight = 1 }
        harness.handle(.posted(first, .action, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.takeEffects()
        harness.handle(.drained)
        let effects = harness.takeEffects()
        #expect(effects.contains(.failPost(first, .unknownOutcome(.clientEnded))))
        #expect(effects.contains(.failPost(second, .clientEnded)))
        harness.handle(.posted(PostID(3), .info, timeout: .seconds(15)))
        #expect(harness.takeEffects() == [.failPost(PostID(3), .clientEnded)])
    }

    @Test func `an error text ends the post that it quotes and no other`() {
        var harness = openHarness()
        harness.handle(.posted(first, .info, timeout: .seconds(15)))
        harness.handle(.posted(second, .action, timeout: .seconds(15)))
        _ = harness.takeEffects()
        let text = #"Error parsing JSON into valid websocket request: {"method":"post","id":2,"request":{"type":"x"}}"#
        harness.handle(.errorArrived(connection, VenueError(text: text)))
        let shown = "Error parsing JSON into valid websocket request: {…}"
        #expect(harness.takeEffects() == [.failPost(second, .refused(shown))])
    }

    @Test func `a refusal of too many posts delays the post that it names`() {
        var harness = openHarness()
        harness.handle(.posted(first, .action, timeout: .seconds(15)))
        _ = harness.takeEffects()
        let text = "too many pending post requests id=1"
        harness.handle(.errorArrived(connection, VenueError(text: text)))
        #expect(harness.takeEffects() == [.note(.limitRefusal(connection, text))])
        harness.advance(by: .seconds(1))
        #expect(harness.takeEffects() == [.sendPost(connection, first)])
    }
}
