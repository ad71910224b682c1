import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Answers") struct PendingRequestsTests {
    private func request(_ fields: [(String, FeedRequest.Value)]) -> FeedRequest {
        FeedRequest(type: "l2Book", fields: fields)
    }

    private func pending(
        _ upstream: UInt64, _ request: FeedRequest, kind: RequestKind = .subscribe, attempts: Int = 1,
        sent second: Int64 = 0
    ) -> PendingRequests.Pending {
        let sent = Instant.start.advanced(by: .seconds(second))
        return PendingRequests.Pending(
            upstream: UpstreamID(upstream), generation: 1, kind: kind, request: request, sentAt: sent,
            deadline: sent.advanced(by: .seconds(10)), attempts: attempts)
    }

    private var plain: FeedRequest { request([("coin", "BTC")]) }
    private var coarse: FeedRequest { request([("coin", "BTC"), ("nSigFigs", .integer(5))]) }

    @Test func `an echo with fields that we do not know answers the most specific request it contains`() {
        var answers = PendingRequests()
        answers.add(pending(1, plain))
        answers.add(pending(2, coarse))
        let echo = request([("coin", "BTC"), ("nSigFigs", .integer(5)), ("depth", .integer(20))])
        #expect(answers.take(.subscribe, echo: echo, at: .start)?.upstream == UpstreamID(2))
        #expect(answers.take(.subscribe, echo: echo, at: .start)?.upstream == UpstreamID(1))
    }

    @Test func `an acknowledgement of one kind answers no request of the other`() {
        var answers = PendingRequests()
        answers.add(pending(1, plain, kind: .unsubscribe))
        #expect(answers.take(.subscribe, echo: plain, at: .start) == nil)
        #expect(answers.take(.unsubscribe, echo: plain, at: .start)?.upstream == UpstreamID(1))
    }

    @Test func `the second answer to what was sent twice does not answer what was asked since`() {
        var answers = PendingRequests()
        answers.add(pending(1, plain, attempts: 2))
        #expect(answers.take(.subscribe, echo: plain, at: .start)?.upstream == UpstreamID(1))
        answers.add(pending(1, plain, sent: 1))
        #expect(answers.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(2))) == nil)
        #expect(answers.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(2)))?.upstream == UpstreamID(1))
    }

    @Test func `an answer that was lost is not waited for for ever`() {
        var answers = PendingRequests()
        answers.add(pending(1, plain, attempts: 2))
        _ = answers.take(.subscribe, echo: plain, at: .start)
        answers.add(pending(1, plain, sent: 60))
        #expect(answers.take(.subscribe, echo: plain, at: .start.advanced(by: .seconds(61)))?.upstream == UpstreamID(1))
    }

    @Test func `an error that names nothing belongs to the oldest subscribe that can have caused it`() {
        var answers = PendingRequests()
        let user = FeedRequest(type: "userFills", fields: [("user", "0x1")])
        answers.add(pending(1, plain))
        answers.add(pending(2, user))
        answers.add(pending(3, coarse, kind: .unsubscribe))
        #expect(answers.takeOldestSubscribe { $0.request.user != nil }?.upstream == UpstreamID(2))
        #expect(answers.takeOldestSubscribe { _ in true }?.upstream == UpstreamID(1))
        #expect(answers.takeOldestSubscribe { _ in true } == nil)
    }

    @Test func `what is overdue is taken once, the earliest first, and a pause puts it off`() {
        var answers = PendingRequests()
        answers.add(pending(1, plain, sent: 2))
        answers.add(pending(2, coarse, sent: 1))
        #expect(answers.deadline == .start.advanced(by: .seconds(11)))
        answers.postpone(until: .start.advanced(by: .seconds(12)))
        #expect(answers.takeOverdue(at: .start.advanced(by: .seconds(11))) == [])
        let overdue = answers.takeOverdue(at: .start.advanced(by: .seconds(12)))
        #expect(Set(overdue.map(\.upstream)) == [UpstreamID(1), UpstreamID(2)])
        #expect(answers.deadline == nil && answers.subscribeCount == 0)
    }
}
