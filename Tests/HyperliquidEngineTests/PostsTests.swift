import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Posts") struct PostsTests {
    let first = PostID(1)
    let second = PostID(2)
    let third = PostID(3)
    let connection = ConnectionID(1)
    let other = ConnectionID(2)

    func at(_ seconds: Int64) -> Instant { Instant(nanoseconds: seconds * 1_000_000_000) }

    func posts(window: Int = 2, _ kinds: PostKind...) -> PostTracker {
        var posts = PostTracker(window: window, memory: .seconds(60))
        for (index, kind) in kinds.enumerated() {
            posts.add(PostID(UInt64(index + 1)), kind, timeout: .seconds(10), at: .start)
        }
        return posts
    }

    @Test func `requests are sent by age, as many as the window holds`() {
        var posts = posts(.info, .action, .info)
        #expect(posts.next(at: .start) == first)
        posts.send(first, on: connection)
        #expect(posts.next(at: .start) == second)
        posts.send(second, on: connection)
        #expect(posts.next(at: .start) == nil)
        #expect(posts.isWindowFull)
        let isKnown = posts.answer(second, on: connection)
        #expect(isKnown)
        #expect(posts.next(at: .start) == third)
    }

    @Test func `an answer on another connection, or to nothing, changes nothing`() {
        var posts = posts(.info)
        posts.send(first, on: connection)
        let answers = [posts.answer(first, on: other), posts.answer(third, on: connection)]
        #expect(answers == [false, false])
        #expect(posts.inFlightCount == 1)
    }

    @Test func `a lost connection asks questions again, by age, and names actions of unknown outcome`() {
        var posts = posts(window: 9, .info, .action, .info)
        for id in [first, second] { posts.send(id, on: connection) }
        let unknown = posts.lose(connection)
        #expect(unknown == [second])
        #expect(posts.inFlightCount == 0)
        #expect(posts.next(at: .start) == first)
        #expect(posts.awaited == [first, third])
    }

    @Test func `another connection's loss concerns nobody`() {
        var posts = posts(.action)
        posts.send(first, on: connection)
        let unknown = posts.lose(other)
        #expect(unknown == [])
        #expect(posts.isSent(first))
    }

    @Test func `a caller's timeout ends it, sent or not`() {
        var posts = posts(.info, .action)
        posts.send(first, on: connection)
        #expect(posts.deadline == at(10))
        let expired = [posts.expired(at: at(9)), posts.expired(at: at(10))]
        #expect(expired == [[], [first, second]])
    }

    @Test func `its timeout begins when the client runs`() {
        var posts = posts(.info)
        posts.startClocks(at: at(100))
        #expect(posts.deadline == at(110))
    }

    static let abandonments: [(PostKind, isSent: Bool, PostTracker.Loss)] = [
        (.info, false, .harmless), (.action, false, .harmless), (.info, true, .harmless),
        (.action, true, .unknownOutcome),
    ]

    @Test(arguments: abandonments)
    func `only an action that was sent has an unknown outcome`(kind: PostKind, isSent: Bool, loss: PostTracker.Loss) {
        var posts = posts(kind)
        if isSent { posts.send(first, on: connection) }
        let found = posts.abandon(first, at: .start)
        #expect(found == loss)
        let again = posts.abandon(first, at: .start)
        #expect(again == nil)
        #expect(posts.awaited == [])
        #expect(posts.inFlightCount == (isSent ? 1 : 0))
    }

    @Test func `what nobody waits for counts until its answer, its connection's end, or the venue's memory`() {
        for end in 0..<3 {
            var posts = posts(window: 1, .action, .info)
            posts.send(first, on: connection)
            _ = posts.abandon(first, at: .start)
            #expect(posts.next(at: .start) == nil)
            switch end {
            case 0: _ = posts.answer(first, on: connection)
            case 1: _ = posts.lose(connection)
            default: _ = posts.expired(at: at(60))
            }
            #expect(posts.next(at: .start) == second)
        }
    }

    @Test func `one that the venue had no room for waits and is sent again, an action too`() {
        var posts = posts(.action)
        posts.send(first, on: connection)
        posts.putOff(first, on: connection, until: at(1))
        #expect(posts.inFlightCount == 0)
        #expect(posts.next(at: .start) == nil)
        #expect(posts.deadline == at(1))
        #expect(posts.next(at: at(1)) == first)
    }

    @Test func `a pause that is over is nothing to wake for`() {
        var posts = posts(.info)
        posts.send(first, on: connection)
        posts.putOff(first, on: connection, until: at(1))
        #expect(posts.deadline == at(1))
        let expired = posts.expired(at: at(1))
        #expect(expired == [])
        #expect(posts.next(at: at(1)) == first)
        // It may still have to wait, for the window, a message or a connection: then only its caller's timeout counts.
        #expect(posts.deadline == at(10))
    }
}
