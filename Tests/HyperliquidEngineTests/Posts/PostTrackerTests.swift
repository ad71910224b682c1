import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct PostTrackerTests {
    let first = PostID(1)
    let second = PostID(2)
    let third = PostID(3)
    let connection = ConnectionID(1)
    let other = ConnectionID(2)

    func posts(limit: Int = 2, _ kinds: PostKind...) -> PostTracker {
        var posts = PostTracker(limit: limit, memory: .seconds(60))
        for (index, kind) in kinds.enumerated() {
            posts.add(PostID(UInt64(index + 1)), kind, timeout: .seconds(10), at: .start)
        }
        return posts
    }

    @Test func `posts are sent by age, as many as the limit allows`() {
        var posts = posts(.info, .action, .info)
        #expect(posts.next(at: .start)?.id == first)
        posts.send(first, on: connection)
        #expect(posts.next(at: .start)?.id == second)
        posts.send(second, on: connection)
        #expect(posts.next(at: .start)?.id == nil)
        #expect(posts.isFull)
        let isKnown = posts.answer(second, on: connection)
        #expect(isKnown)
        #expect(posts.next(at: .start)?.id == third)
    }

    @Test func `an answer on another connection or to an unknown post changes nothing`() {
        var posts = posts(.info)
        posts.send(first, on: connection)
        let outcomes = [posts.answer(first, on: other), posts.answer(third, on: connection)]
        #expect(outcomes == [false, false])
        #expect(posts.inFlightCount == 1)
    }

    @Test func `a lost connection has info posts sent again, by age, and returns its actions`() {
        var posts = posts(limit: 9, .info, .action, .info)
        for id in [first, second] { posts.send(id, on: connection) }
        let unknown = posts.lose(connection)
        #expect(unknown == [second])
        #expect(posts.inFlightCount == 0)
        #expect(posts.next(at: .start)?.id == first)
        #expect(posts.awaited == [first, third])
    }

    @Test func `the loss of another connection changes nothing`() {
        var posts = posts(.action)
        posts.send(first, on: connection)
        let unknown = posts.lose(other)
        #expect(unknown == [])
        #expect(posts.isSent(first))
    }

    @Test func `a post ends at its timeout, sent or not`() {
        var posts = posts(.info, .action)
        posts.send(first, on: connection)
        #expect(posts.deadline == at(10))
        let expired = [posts.expired(at: at(9)), posts.expired(at: at(10))]
        #expect(expired == [[], [first, second]])
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

    @Test func `an abandoned post counts until its answer, its connection's end or the end of its memory`() {
        for end in 0..<3 {
            var posts = posts(limit: 1, .action, .info)
            posts.send(first, on: connection)
            _ = posts.abandon(first, at: .start)
            #expect(posts.next(at: .start)?.id == nil)
            switch end {
            case 0: _ = posts.answer(first, on: connection)
            case 1: _ = posts.lose(connection)
            default: _ = posts.expired(at: at(60))
            }
            #expect(posts.next(at: .start)?.id == second)
        }
    }

    @Test func `a post that was one too many for the venue is sent again later, an action included`() {
        var posts = posts(.action)
        posts.send(first, on: connection)
        posts.putOff(first, on: connection, until: at(1))
        #expect(posts.inFlightCount == 0)
        #expect(posts.next(at: .start)?.id == nil)
        #expect(posts.deadline == at(1))
        #expect(posts.next(at: at(1))?.id == first)
    }

    @Test func `a pause that is over needs no wake-up`() {
        var posts = posts(.info)
        posts.send(first, on: connection)
        posts.putOff(first, on: connection, until: at(1))
        #expect(posts.deadline == at(1))
        let expired = posts.expired(at: at(1))
        #expect(expired == [])
        #expect(posts.next(at: at(1))?.id == first)
        // It may still have to wait, for an answer, a message or a connection: then only its caller's timeout counts.
        #expect(posts.deadline == at(10))
    }

    // MARK: Turns

    private func turn(_ change: (inout VenueLimits) -> Void = { _ in }) -> Turn {
        var limits = VenueLimits()
        change(&limits)
        return Turn(limits: limits)
    }

    @Test(arguments: [(0, 90), (2, 0)])
    func `a post fails at once where none is ever allowed`(limit: Int, shared: Int) {
        var posts = posts(limit: limit)
        var turn = turn { $0.postsInFlight = shared }
        posts.post(first, .info, timeout: .seconds(10), &turn)
        #expect(turn.effects == [.failPost(first, .neverFits)] && !posts.isWaiting)
    }

    @Test func `actions that wait are sent first, then questions, each oldest first while the limits allow it`() {
        var posts = posts(limit: 2, .info, .action, .info)
        var turn = turn { $0.messagesPerSecond = 1 }
        posts.sendAll(on: nil, &turn)
        #expect(turn.takeEffects() == [], "there is no connection")
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, second)] && turn.wakeTime == at(1))
        turn.now = at(1)
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, first)])
        turn.now = at(2)
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [] && turn.limiter.postCount == 2, "the limit is reached")
    }

    @Test func `during a pause a cancel is sent before an older order`() {
        var posts = posts(limit: 9, .action, .cancel)
        var turn = turn()
        turn.limiter.pauseMessages(until: at(60))
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, second)] && turn.wakeTime == at(60))
        turn.now = at(60)
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, first)])
    }

    @Test func `a question waits until its weight fits, no lighter one overtakes it, and an action does not wait`() {
        var posts = PostTracker(limit: 9, memory: .seconds(60))
        for (id, kind, weight) in [(first, .info, 20), (second, .info, 20), (third, .info, 2)]
            as [(PostID, PostKind, Int)]
        {
            posts.add(id, kind, weight: weight, timeout: .seconds(90), at: .start)
        }
        posts.add(PostID(4), .action, timeout: .seconds(90), at: .start)
        var turn = turn { $0.requestWeightPerMinute = 30 }
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, PostID(4)), .sendPost(connection, first)])
        #expect(turn.wakeTime == at(60) && turn.limiter.used(at: .start).requestWeight == 21)
        turn.now = at(60)
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, second), .sendPost(connection, third)])
    }

    @Test func `a question that is heavier than the limit is sent when nothing else counts`() {
        var posts = PostTracker(limit: 9, memory: .seconds(60))
        for id in [first, second] { posts.add(id, .info, weight: 20, timeout: .seconds(90), at: .start) }
        var turn = turn { $0.requestWeightPerMinute = 10 }
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, first)])
        turn.now = at(60)
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, second)])
    }

    @Test func `a post that other clients leave no capacity for waits, and capacity is given back after an answer`() {
        var posts = posts(limit: 9, .info, .info)
        var turn = turn { $0.postsInFlight = 1 }
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, first)])
        _ = posts.answer(first, on: connection)
        #expect(turn.limiter.postCount == 1)
        posts.giveBack(&turn)
        #expect(turn.limiter.postCount == 0)
        posts.sendAll(on: connection, &turn)
        #expect(turn.takeEffects() == [.sendPost(connection, second)])
    }

    /// How many posts may be in flight and messages sent, whether there is a connection, and what a post waits for.
    private static let waits:
        [(limit: Int, shared: Int, messages: Int, weight: Int, hasConnection: Bool, Engine.PostWait)] = [
            (1, 90, 50, 40, false, .connection), (0, 90, 50, 40, true, .postsInFlight),
            (1, 0, 50, 40, true, .postsInFlight), (1, 90, 1, 40, true, .messageLimit),
            (1, 90, 50, 39, true, .requestWeight), (1, 90, 50, 40, true, .answer),
        ]

    @Test(arguments: waits)
    func `a post that was not sent says at its timeout what it waited for`(
        limit: Int, shared: Int, messages: Int, weight: Int, hasConnection: Bool, wait: Engine.PostWait
    ) {
        var posts = PostTracker(limit: limit, memory: .seconds(60))
        posts.add(first, .info, weight: 20, timeout: .seconds(10), at: .start)
        var turn = turn {
            $0.postsInFlight = shared
            $0.messagesPerSecond = messages
            $0.requestWeightPerMinute = weight
        }
        turn.now = at(10)
        turn.limiter.spendMessage(at: at(10))
        turn.limiter.countRequest(weight: 20, at: at(10))
        posts.expire(hasConnection: hasConnection, &turn)
        #expect(turn.effects == [.failPost(first, .timedOut(wait))] && posts.deadline == nil)
    }

    /// A kind of post, whether it was sent, and its failures at its timeout, on a cancellation and at the end of the
    /// client.
    private static let ends:
        [(
            PostKind, isSent: Bool, timeout: Engine.PostFailure, cancel: Engine.PostFailure, drain: Engine.PostFailure
        )] = [
            (.info, false, .timedOut(.connection), .cancelled, .clientEnded),
            (.action, false, .timedOut(.connection), .cancelled, .clientEnded),
            (.info, true, .timedOut(.answer), .cancelled, .clientEnded),
            (
                .action, true, .unknownOutcome(.timedOut), .unknownOutcome(.cancelled), .unknownOutcome(.clientEnded)
            ),
        ]

    @Test(arguments: ends)
    func `a post ends once, and an action that was sent ends with an unknown outcome`(
        kind: PostKind, isSent: Bool, timeout: Engine.PostFailure, cancel: Engine.PostFailure,
        drain: Engine.PostFailure
    ) {
        var initial = posts(kind)
        if isSent { initial.send(first, on: connection) }
        var turn = turn()
        turn.now = at(10)
        var posts = initial
        for _ in 0..<2 { posts.expire(hasConnection: false, &turn) }
        #expect(turn.takeEffects() == [.failPost(first, timeout)])
        posts = initial
        for _ in 0..<2 { posts.cancel(first, &turn) }
        #expect(turn.takeEffects() == [.failPost(first, cancel)])
        posts = initial
        for _ in 0..<2 { posts.drain(&turn) }
        #expect(turn.takeEffects() == [.failPost(first, drain)])
    }

    @Test func `a refusal ends the post on its connection and no other`() {
        var posts = posts(.info, .info)
        for id in [first, second] { posts.send(id, on: connection) }
        var turn = turn()
        posts.refused(first, "no", on: other, &turn)
        posts.refused(first, "no", on: connection, &turn)
        #expect(turn.effects == [.failPost(first, .refused("no"))] && posts.awaited == [second])
    }

    @Test func `a refusal of too many posts delays one by a second`() {
        var posts = posts(.action)
        posts.send(first, on: connection)
        posts.putOff(first, on: connection, at: at(5))
        #expect(posts.next(at: at(5))?.id == nil && posts.next(at: at(6))?.id == first)
    }

    @Test func `a lost connection ends its actions with the reason`() {
        var posts = posts(.info, .action)
        for id in [first, second] { posts.send(id, on: connection) }
        var turn = turn()
        posts.connectionLost(connection, .broken("reset"), &turn)
        #expect(turn.effects == [.failPost(second, .unknownOutcome(.connectionLost(.broken("reset"))))])
        #expect(posts.next(at: .start)?.id == first)
    }
}

extension PostTracker {
    /// Sends the actions and the questions that wait.
    fileprivate mutating func sendAll(on connection: ConnectionID?, _ turn: inout Turn) {
        sendActions(on: connection, &turn)
        sendQuestions(on: connection, &turn)
    }
}
