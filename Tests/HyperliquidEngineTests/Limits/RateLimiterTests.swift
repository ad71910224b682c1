import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct RateLimiterTests {
    private func limiter(_ change: (inout VenueLimits) -> Void = { _ in }) -> RateLimiter {
        var limits = VenueLimits()
        change(&limits)
        return RateLimiter(limits: limits)
    }

    @Test func `a user keeps its slot while it lingers and takes it up again at once`() {
        var limiter = limiter { $0.userCount = 1 }
        limiter.takeUser("a")
        #expect(limiter.nextUser("b", at: .start) == nil)
        limiter.returnUser("a", lingersUntil: at(15), at: .start)
        #expect(limiter.nextUser("a", at: at(1)) == at(1))
        #expect(limiter.nextUser("b", at: at(1)) == at(15))
        #expect(limiter.nextUser("b", at: at(15)) == at(15))
    }

    @Test func `two feeds of a user count as one user`() {
        var limiter = limiter { $0.userCount = 2 }
        limiter.takeUser("a")
        limiter.takeUser("a")
        #expect(limiter.usedUserCount(at: .start) == 1)
        limiter.returnUser("a", lingersUntil: at(15), at: .start)
        limiter.takeUser("b")
        #expect(limiter.nextUser("c", at: .start) == nil)
    }

    @Test func `a reserve of messages is left for pings`() {
        var limiter = limiter { $0.messagesPerMinute = 80 }
        var sentCount = 0
        while limiter.nextMessage(at: at(Int64(sentCount) / 20)) <= at(Int64(sentCount) / 20) {
            limiter.spendMessage(at: at(Int64(sentCount) / 20))
            sentCount += 1
        }
        #expect(sentCount == 78)
        #expect(limiter.nextPing(at: at(4)) == at(4))
        #expect(limiter.nextMessage(at: at(4)) == at(60))
    }

    @Test func `a pause holds back every message except pings`() {
        var limiter = limiter()
        limiter.pauseMessages(until: at(60))
        #expect(limiter.nextMessage(at: .start) == at(60))
        #expect(limiter.nextPing(at: .start) == .start)
    }

    @Test func `posts in flight are counted, and a returned post counts as a change`() {
        var limiter = limiter { $0.postsInFlight = 2 }
        limiter.takePost()
        limiter.takePost()
        #expect(!limiter.hasPost)
        let count = limiter.changeCount
        limiter.returnPost()
        #expect(limiter.hasPost && limiter.changeCount == count + 1)
    }
}
