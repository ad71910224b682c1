import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite("Allowance") struct AllowanceTests {
    private func allowance(_ change: (inout VenueLimits) -> Void = { _ in }) -> Allowance {
        var limits = VenueLimits()
        change(&limits)
        return Allowance(limits: limits)
    }

    private func second(_ second: Int64) -> Instant { .start.advanced(by: .seconds(second)) }

    @Test func `a user keeps its slot while it lingers, and takes it up again at once`() {
        var allowance = allowance { $0.userCount = 1 }
        allowance.takeUser("a")
        #expect(allowance.nextUser("b", at: .start) == nil)
        allowance.returnUser("a", lingersUntil: second(15), at: .start)
        #expect(allowance.nextUser("a", at: second(1)) == second(1))
        #expect(allowance.nextUser("b", at: second(1)) == second(15))
        #expect(allowance.nextUser("b", at: second(15)) == second(15))
    }

    @Test func `two feeds of a user are one user`() {
        var allowance = allowance { $0.userCount = 2 }
        allowance.takeUser("a")
        allowance.takeUser("a")
        #expect(allowance.usedUserCount(at: .start) == 1)
        allowance.returnUser("a", lingersUntil: second(15), at: .start)
        allowance.takeUser("b")
        #expect(allowance.nextUser("c", at: .start) == nil)
    }

    @Test func `pings find messages left when nothing else does`() {
        var allowance = allowance { $0.messagesPerMinute = 80 }
        var sentCount = 0
        while allowance.nextMessage(at: second(Int64(sentCount) / 20)) <= second(Int64(sentCount) / 20) {
            allowance.spendMessage(at: second(Int64(sentCount) / 20))
            sentCount += 1
        }
        #expect(sentCount == 78)
        #expect(allowance.nextPing(at: second(4)) == second(4))
        #expect(allowance.nextMessage(at: second(4)) == second(60))
    }

    @Test func `a pause holds back everything but pings`() {
        var allowance = allowance()
        allowance.pauseMessages(until: second(60))
        #expect(allowance.nextMessage(at: .start) == second(60))
        #expect(allowance.nextPing(at: .start) == .start)
    }

    @Test func `posts in flight are counted, and what is given back is told`() {
        var allowance = allowance { $0.postsInFlight = 2 }
        allowance.takePost()
        allowance.takePost()
        #expect(!allowance.hasPost)
        let count = allowance.newsCount
        allowance.returnPost()
        #expect(allowance.hasPost && allowance.newsCount == count + 1)
    }
}
