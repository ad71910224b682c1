import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct PendingRequestsTests {
    private func request(_ fields: [(String, FeedRequest.Value)]) -> FeedRequest {
        FeedRequest(type: "l2Book", fields: fields)
    }

    private func pending(
        _ upstream: UInt64, _ request: FeedRequest, kind: RequestKind = .subscribe, attempts: Int = 1,
        sent second: Int64 = 0
    ) -> PendingRequests.Request {
        let sent = Instant.start.advanced(by: .seconds(second))
        return PendingRequests.Request(
            upstream: UpstreamID(upstream), kind: kind, feed: request, sentAt: sent,
            deadline: sent.advanced(by: .seconds(10)), attempts: attempts)
    }

    private let plain = PendingRequestsTests.plain
    private let coarse = PendingRequestsTests.coarse

    @Test func `an echo with unknown fields answers the most specific request that it contains`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain))
        requests.add(pending(2, coarse))
        let echo = request([("coin", "BTC"), ("nSigFigs", .integer(5)), ("depth", .integer(20))])
        #expect(requests.take(.subscribe, echo: echo, at: .start)?.upstream == UpstreamID(2))
        #expect(requests.take(.subscribe, echo: echo, at: .start)?.upstream == UpstreamID(1))
    }

    @Test func `an acknowledgement answers no request of the other kind`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, kind: .unsubscribe))
        #expect(requests.take(.subscribe, echo: plain, at: .start) == nil)
        #expect(requests.take(.unsubscribe, echo: plain, at: .start)?.upstream == UpstreamID(1))
    }

    @Test func `the second answer to a request that was sent twice answers no later request`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, attempts: 2))
        #expect(requests.take(.subscribe, echo: plain, at: .start)?.upstream == UpstreamID(1))
        requests.add(pending(1, plain, sent: 1))
        #expect(requests.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(2))) == nil)
        #expect(
            requests.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(2)))?.upstream == UpstreamID(1))
    }

    @Test func `a lost answer is not expected for ever`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, attempts: 2))
        _ = requests.take(.subscribe, echo: plain, at: .start)
        requests.add(pending(1, plain, sent: 60))
        #expect(
            requests.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(61)))?.upstream == UpstreamID(1))
    }

    @Test func `an error that names no request belongs to the oldest subscribe that can have caused it`() {
        var requests = PendingRequests()
        let user = FeedRequest(type: "userFills", fields: [("user", "0x1")])
        requests.add(pending(1, plain))
        requests.add(pending(2, user))
        requests.add(pending(3, coarse, kind: .unsubscribe))
        #expect(requests.takeOldestSubscribe { $0.feed.user != nil }?.upstream == UpstreamID(2))
        #expect(requests.takeOldestSubscribe { _ in true }?.upstream == UpstreamID(1))
        #expect(requests.takeOldestSubscribe { _ in true } == nil)
    }

    @Test func `an overdue request is taken once, and a pause delays it`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, sent: 2))
        requests.add(pending(2, coarse, sent: 1))
        #expect(requests.deadline == .start.advanced(by: .seconds(11)))
        requests.postpone(until: .start.advanced(by: .seconds(12)))
        #expect(requests.takeOverdue(at: .start.advanced(by: .seconds(11))) == [])
        let overdue = requests.takeOverdue(at: .start.advanced(by: .seconds(12)))
        #expect(Set(overdue.map(\.upstream)) == [UpstreamID(1), UpstreamID(2)])
        #expect(requests.deadline == nil && requests.subscribeCount == 0)
    }

    @Test func `requests are listed and taken oldest first, and known by their upstream subscription`() {
        var requests = PendingRequests()
        requests.add(pending(2, plain))
        requests.add(pending(1, coarse, kind: .unsubscribe))
        #expect(requests.all.map(\.upstream) == [UpstreamID(2), UpstreamID(1)])
        #expect(requests.contains(UpstreamID(1)) && !requests.contains(UpstreamID(3)))
        #expect(requests.subscribeCount == 1 && requests.hasSubscribe { $0.feed == plain })
        #expect(!requests.hasSubscribe { $0.feed == coarse }, "an unsubscribe is no subscribe")
        let taken = [requests.takeAll(), requests.takeAll()]
        #expect(taken.map { $0.map(\.upstream) } == [[UpstreamID(2), UpstreamID(1)], []])
        #expect(requests == PendingRequests())
    }

    // MARK: Errors

    private static let plain = FeedRequest(type: "l2Book", fields: [("coin", "BTC")])
    private static let user = FeedRequest(type: "userFills", fields: [("user", "0x1")])
    private static let unknown = FeedRequest(type: "trades", fields: [("coin", "NONE")])

    /// Four requests, oldest first: a subscribe whose data has come, one of market data, one of a user, and an
    /// unsubscribe.
    private func unanswered() -> PendingRequests {
        var requests = PendingRequests()
        requests.add(pending(1, request([("coin", "LIVE")])))
        requests.add(pending(2, plain))
        requests.add(pending(3, Self.user))
        requests.add(pending(4, coarse, kind: .unsubscribe))
        return requests
    }

    /// What an error means, with the request that it belongs to named by its number.
    private enum Meaning: Hashable, Sendable {
        case fulfilled(UInt64?)
        case refused(UInt64?, String)
        case limited(UInt64?, WaitReason, String)
        case other(PendingRequests.Attribution)

        init(_ attribution: PendingRequests.Attribution) {
            switch attribution {
            case .fulfilled(let request): self = .fulfilled(request?.upstream.rawValue)
            case .refused(let request, let text): self = .refused(request?.upstream.rawValue, text)
            case .limited(let request, let reason, let text):
                self = .limited(request?.upstream.rawValue, reason, text)
            case .tooManyMessages, .postRefused, .postPutOff, .unattributed: self = .other(attribution)
            }
        }
    }

    private static let coarse = FeedRequest(
        type: "l2Book", fields: [("coin", "BTC"), ("nSigFigs", .integer(5))])

    private static let meanings: [(VenueError, Meaning)] = [
        (.alreadySubscribed(plain), .fulfilled(2)), (.alreadySubscribed(unknown), .fulfilled(nil)),
        (.alreadyUnsubscribed(coarse), .fulfilled(4)), (.alreadyUnsubscribed(plain), .fulfilled(nil)),
        (.invalidSubscription(user, text: "no"), .refused(3, "no")),
        (.invalidSubscription(coarse, text: "no"), .refused(2, "no")),
        (.invalidSubscription(unknown, text: "no"), .refused(nil, "no")),
        (.invalidSubscription(nil, text: "no"), .refused(nil, "no")),
        (.unreadableRequest(.subscribe, plain, text: "what"), .refused(2, "what")),
        (.unreadableRequest(.unsubscribe, coarse, text: "what"), .refused(4, "what")),
        (.unreadableRequest(nil, plain, text: "what"), .refused(nil, "what")),
        (.unreadableRequest(.subscribe, nil, text: "what"), .refused(nil, "what")),
        // The oldest subscribe of a new user, and the oldest subscribe that is not live.
        (.tooManyUsers(text: "users"), .limited(3, .userLimit, "users")),
        (.tooManySubscriptions(text: "many"), .limited(2, .subscriptionLimit, "many")),
        (.tooManyMessages(text: "fast"), .other(.tooManyMessages("fast"))),
        (.unreadablePost(id: 7, text: "post"), .other(.postRefused(PostID(7), "post"))),
        (.unreadablePost(id: -7, text: "post"), .other(.unattributed("post"))),
        (.tooManyPosts(id: 7, text: "posts"), .other(.postPutOff(PostID(7), "posts"))),
        (.tooManyPosts(id: -7, text: "posts"), .other(.unattributed("posts"))),
        (.other("new"), .other(.unattributed("new"))),
        // In unknown words. Without a method, the text concerns a subscribe, whose answer may be late.
        (.unknownRefusal(nil, plain, text: "odd"), .refused(2, "odd")),
        (.unknownRefusal(nil, coarse, text: "odd"), .refused(2, "odd")),
        (.unknownRefusal(.unsubscribe, coarse, text: "odd"), .refused(4, "odd")),
    ]

    @Test(arguments: meanings.indices)
    func `an error belongs to the request that it names, or else to the oldest that can have caused it`(index: Int) {
        let (error, meaning) = Self.meanings[index]
        var requests = unanswered()
        let attribution = requests.attribute(
            error, isLive: { $0 == UpstreamID(1) }, isNewUser: { $0.user != nil }, at: .start)
        #expect(Meaning(attribution) == meaning)
        let taken: UInt64? =
            switch meaning {
            case .fulfilled(let number), .refused(let number, _), .limited(let number, _, _): number
            case .other: nil
            }
        #expect(requests.all.map(\.upstream.rawValue) == [1, 2, 3, 4].filter { $0 != taken })
    }

    @Test func `a limit error without a subscribe that can have caused it belongs to none`() {
        var requests = unanswered()
        let attribution = requests.attribute(
            .tooManySubscriptions(text: "many"), isLive: { _ in true }, isNewUser: { _ in true }, at: .start)
        #expect(attribution == .limited(nil, .subscriptionLimit, "many"))
        #expect(requests == unanswered())
    }

    // MARK: Overdue answers

    /// The state of the upstream subscription of an overdue request.
    private enum UpstreamState: Hashable, Sendable {
        case asked
        case live
        case leaving
    }

    /// A kind of request, the state and the endpoint of its upstream subscription, how often it was sent, when the
    /// connection was heard from last, and what becomes of it.
    private static let overdue: [(RequestKind, UpstreamState, EndpointKind, Int, Int64, PendingRequests.Overdue)] = [
        (.subscribe, .asked, .api, 1, 0, .again), (.subscribe, .asked, .api, 2, 0, .again),
        (.subscribe, .asked, .api, 3, 0, .exhausted), (.subscribe, .live, .api, 3, 0, .settled),
        (.subscribe, .leaving, .api, 3, 0, .unsubscribe), (.unsubscribe, .leaving, .api, 2, 9, .again),
        (.unsubscribe, .leaving, .api, 3, 9, .exhausted),
        // The explorer must have read it: it has sent something more than the flight time of 2 s later.
        (.unsubscribe, .leaving, .explorer, 1, 3, .ended), (.unsubscribe, .leaving, .explorer, 1, 2, .again),
        (.unsubscribe, .leaving, .explorer, 3, 2, .exhausted), (.subscribe, .asked, .explorer, 1, 9, .again),
    ]

    @Test(arguments: overdue.indices)
    func `an overdue request is sent again, given up or settled by what happened meanwhile`(index: Int) {
        let (kind, state, endpoint, attempts, heardAt, verdict) = Self.overdue[index]
        let feed: any Feed = endpoint == .api ? L2BookFeed(coin: "BTC") : ExplorerBlockFeed()
        let upstream = UpstreamSubscription.made(1, feed) { registry, id in
            registry.wasAsked(id, on: ConnectionID(1), at: .start)
            if state == .live { registry.becameLive(id, on: ConnectionID(1), at: .start) }
            if state == .leaving { registry.isLeaving(id, ConnectionID(1), at: .start) }
        }
        var requests = PendingRequests()
        let overdue = pending(1, feed.request, kind: kind, attempts: attempts)
        let found = requests.settleOverdue(
            overdue, of: upstream, heardAt: at(heardAt), flightTime: .seconds(2), maximumAttempts: 3)
        #expect(found == verdict)
        // An answer that still comes to a settled request answers no later request of the same feed.
        requests.add(pending(1, feed.request, kind: kind, sent: 10))
        let isSettled = verdict == .settled || verdict == .unsubscribe
        let outcomes = (0...attempts).map { _ in requests.take(kind, echo: feed.request, at: at(10)) != nil }
        #expect(outcomes.firstIndex(of: true) == (isSettled ? attempts : 0))
    }
}
