import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Pending requests") struct PendingRequestsTests {
    private func request(_ fields: [(String, FeedRequest.Value)]) -> FeedRequest {
        FeedRequest(type: "l2Book", fields: fields)
    }

    private func pending(
        _ upstream: UInt64, _ request: FeedRequest, kind: RequestKind = .subscribe, attempts: Int = 1,
        sent second: Int64 = 0
    ) -> PendingRequests.Request {
        let sent = Instant.start.advanced(by: .seconds(second))
        return PendingRequests.Request(
            upstream: UpstreamID(upstream), generation: 1, kind: kind, feed: request, sentAt: sent,
            deadline: sent.advanced(by: .seconds(10)), attempts: attempts)
    }

    private var plain: FeedRequest { request([("coin", "BTC")]) }
    private var coarse: FeedRequest { request([("coin", "BTC"), ("nSigFigs", .integer(5))]) }

    @Test func `an echo with fields that we do not know answers the most specific request it contains`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain))
        requests.add(pending(2, coarse))
        let echo = request([("coin", "BTC"), ("nSigFigs", .integer(5)), ("depth", .integer(20))])
        #expect(requests.take(.subscribe, echo: echo, at: .start)?.upstream == UpstreamID(2))
        #expect(requests.take(.subscribe, echo: echo, at: .start)?.upstream == UpstreamID(1))
    }

    @Test func `an acknowledgement of one kind answers no request of the other`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, kind: .unsubscribe))
        #expect(requests.take(.subscribe, echo: plain, at: .start) == nil)
        #expect(requests.take(.unsubscribe, echo: plain, at: .start)?.upstream == UpstreamID(1))
    }

    @Test func `the second answer to what was sent twice does not answer what was asked since`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, attempts: 2))
        #expect(requests.take(.subscribe, echo: plain, at: .start)?.upstream == UpstreamID(1))
        requests.add(pending(1, plain, sent: 1))
        #expect(requests.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(2))) == nil)
        #expect(requests.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(2)))?.upstream == UpstreamID(1))
    }

    @Test func `an answer that was lost is not waited for for ever`() {
        var requests = PendingRequests()
        requests.add(pending(1, plain, attempts: 2))
        _ = requests.take(.subscribe, echo: plain, at: .start)
        requests.add(pending(1, plain, sent: 60))
        #expect(
            requests.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(61)))?.upstream == UpstreamID(1))
    }

    @Test func `an error that names nothing belongs to the oldest subscribe that can have caused it`() {
        var requests = PendingRequests()
        let user = FeedRequest(type: "userFills", fields: [("user", "0x1")])
        requests.add(pending(1, plain))
        requests.add(pending(2, user))
        requests.add(pending(3, coarse, kind: .unsubscribe))
        #expect(requests.takeOldestSubscribe { $0.feed.user != nil }?.upstream == UpstreamID(2))
        #expect(requests.takeOldestSubscribe { _ in true }?.upstream == UpstreamID(1))
        #expect(requests.takeOldestSubscribe { _ in true } == nil)
    }

    @Test func `what is overdue is taken once, the earliest first, and a pause puts it off`() {
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
}
