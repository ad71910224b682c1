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
        var limiter = limiter { $0.users = 1 }
        limiter.takeUser("a")
        #expect(limiter.nextUser("b", at: .start) == nil)
        limiter.returnUser("a", lingersUntil: at(15), at: .start)
        #expect(limiter.nextUser("a", at: at(1)) == at(1))
        #expect(limiter.nextUser("b", at: at(1)) == at(15))
        #expect(limiter.nextUser("b", at: at(15)) == at(15))
    }

    @Test func `two feeds of a user count as one user`() {
        var limiter = limiter { $0.users = 2 }
        limiter.takeUser("a")
        limiter.takeUser("a")
        #expect(limiter.usedUserCount(at: .start) == 1)
        limiter.returnUser("a", lingersUntil: at(15), at: .start)
        limiter.takeUser("b")
        #expect(limiter.nextUser("c", at: .start) == nil)
    }

    @Test func `reserves of messages per minute are left for actions and pings`() {
        var limiter = limiter { $0.messagesPerMinute = 80 }
        for (urgency, total) in [(.other, 76), (.action, 78)] as [(RateLimiter.Urgency, Int)] {
            var sentCount = limiter.used(at: .start).messages
            while limiter.nextMessage(at: at(Int64(sentCount) / 20), for: urgency) <= at(Int64(sentCount) / 20) {
                limiter.spendMessage(at: at(Int64(sentCount) / 20), for: urgency)
                sentCount += 1
            }
            #expect(sentCount == total)
        }
        #expect(limiter.nextPing(at: at(4)) == at(4))
        #expect(limiter.nextMessage(at: at(4), for: .cancel) == at(60))
    }

    @Test(arguments: [(50, 45), (19, 18), (9, 9), (1, 1)])
    func `a tenth of the messages per second is left for actions`(limit: Int, otherCount: Int) {
        var limiter = limiter { $0.messagesPerSecond = limit }
        for (urgency, total) in [(.other, otherCount), (.action, limit)] as [(RateLimiter.Urgency, Int)] {
            while limiter.nextMessage(at: .start, for: urgency) <= .start {
                limiter.spendMessage(at: .start, for: urgency)
            }
            #expect(limiter.used(at: .start).messagesInSecond == total)
        }
    }

    @Test func `a pause holds back every message except pings and five cancels`() {
        var limiter = limiter()
        for end in [60, 90] as [Int64] {
            limiter.pauseMessages(until: at(end))
            for urgency in [.other, .action] as [RateLimiter.Urgency] {
                #expect(limiter.nextMessage(at: .start, for: urgency) == at(end))
            }
            var cancelCount = 0
            while limiter.nextMessage(at: .start, for: .cancel) == .start {
                limiter.spendMessage(at: .start, for: .cancel)
                cancelCount += 1
            }
            #expect(cancelCount == 5 && limiter.nextMessage(at: .start, for: .cancel) == at(end))
            #expect(limiter.nextPing(at: .start) == .start)
        }
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

    @Test func `a learnt cap that grows is a change for other clients, an accepted number below it is none`() {
        var limiter = RateLimiter(limits: VenueLimits())
        limiter.connectionCap.refused(beyond: 2, stated: nil, at: .start)
        let count = limiter.changeCount
        limiter.accepted(2, \.connectionCap)
        #expect(limiter.changeCount == count)
        limiter.accepted(3, \.connectionCap)
        #expect(limiter.changeCount == count + 1)
    }
}
