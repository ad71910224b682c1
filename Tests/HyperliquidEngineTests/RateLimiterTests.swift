import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Allowance") struct RateLimiterTests {
    private func rateLimiter(_ change: (inout VenueLimits) -> Void = { _ in }) -> RateLimiter {
        var limits = VenueLimits()
        change(&limits)
        return RateLimiter(limits: limits)
    }

    private func second(_ second: Int64) -> Instant { .start.advanced(by: .seconds(second)) }

    @Test func `a user keeps its slot while it lingers, and takes it up again at once`() {
        var rateLimiter = rateLimiter { $0.userCount = 1 }
        rateLimiter.takeUser("a")
        #expect(rateLimiter.nextUser("b", at: .start) == nil)
        rateLimiter.returnUser("a", lingersUntil: second(15), at: .start)
        #expect(rateLimiter.nextUser("a", at: second(1)) == second(1))
        #expect(rateLimiter.nextUser("b", at: second(1)) == second(15))
        #expect(rateLimiter.nextUser("b", at: second(15)) == second(15))
    }

    @Test func `two feeds of a user are one user`() {
        var rateLimiter = rateLimiter { $0.userCount = 2 }
        rateLimiter.takeUser("a")
        rateLimiter.takeUser("a")
        #expect(rateLimiter.usedUserCount(at: .start) == 1)
        rateLimiter.returnUser("a", lingersUntil: second(15), at: .start)
        rateLimiter.takeUser("b")
        #expect(rateLimiter.nextUser("c", at: .start) == nil)
    }

    @Test func `pings find messages left when nothing else does`() {
        var rateLimiter = rateLimiter { $0.messagesPerMinute = 80 }
        var sentCount = 0
        while rateLimiter.nextMessage(at: second(Int64(sentCount) / 20)) <= second(Int64(sentCount) / 20) {
            rateLimiter.spendMessage(at: second(Int64(sentCount) / 20))
            sentCount += 1
        }
        #expect(sentCount == 78)
        #expect(rateLimiter.nextPing(at: second(4)) == second(4))
        #expect(rateLimiter.nextMessage(at: second(4)) == second(60))
    }

    @Test func `a pause holds back everything but pings`() {
        var rateLimiter = rateLimiter()
        rateLimiter.pauseMessages(until: second(60))
        #expect(rateLimiter.nextMessage(at: .start) == second(60))
        #expect(rateLimiter.nextPing(at: .start) == .start)
    }

    @Test func `posts in flight are counted, and what is given back is told`() {
        var rateLimiter = rateLimiter { $0.postsInFlight = 2 }
        rateLimiter.takePost()
        rateLimiter.takePost()
        #expect(!rateLimiter.hasPost)
        let count = rateLimiter.changeCount
        rateLimiter.returnPost()
        #expect(rateLimiter.hasPost && rateLimiter.changeCount == count + 1)
    }
}
