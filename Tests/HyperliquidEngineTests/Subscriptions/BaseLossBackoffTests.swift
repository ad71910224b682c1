import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct BaseLossBackoffTests {
    private let feed = UpstreamID(1)

    private func backoff() -> BaseLossBackoff { BaseLossBackoff(configuration: EngineConfiguration()) }

    private func lost(_ id: UpstreamID, _ second: Int64, _ backoff: inout BaseLossBackoff) -> Bool {
        backoff.lost(id, at: at(second))
    }

    private func due(_ second: Int64, _ backoff: inout BaseLossBackoff) -> UpstreamID? {
        backoff.popDue(at: at(second))
    }

    @Test func `the first loss is mended at once, each further one after twice the wait`() {
        var backoff = backoff()
        #expect(lost(feed, 100, &backoff))
        var last: Int64 = 100
        for wait in [10, 20, 40, 80, 160, 300, 300] as [Int64] {
            #expect(!lost(feed, last + 1, &backoff), "wait \(wait)")
            #expect(backoff.deadline == at(last + wait))
            #expect(due(last + wait - 1, &backoff) == nil)
            #expect(due(last + wait, &backoff) == feed)
            last += wait
        }
        #expect(backoff.deadline == nil)
    }

    @Test(
        arguments: [
            // The next wait is 10 s.
            (9, false), (10, true), (19, true), (20, true),
        ] as [(Int64, Bool)])
    func `a loss after the wait is mended at once`(second: Int64, isNow: Bool) {
        var backoff = backoff()
        #expect(lost(feed, 0, &backoff))
        #expect(lost(feed, second, &backoff) == isNow)
        #expect((backoff.deadline == nil) == isNow)
    }

    @Test(arguments: [(39, 40), (40, 10)] as [(Int64, Int64)])
    func `a base that holds for twice the wait makes the waits short again`(held: Int64, next: Int64) {
        var backoff = backoff()
        #expect(lost(feed, 0, &backoff))
        #expect(lost(feed, 10, &backoff), "the next wait is 20 s")
        #expect(lost(feed, 10 + held, &backoff))
        #expect(!lost(feed, 11 + held, &backoff))
        #expect(backoff.deadline == at(10 + held + next))
    }

    @Test func `a feed that has ended is not renewed, and its waits are forgotten`() {
        var backoff = backoff()
        #expect(lost(feed, 0, &backoff))
        #expect(!lost(feed, 1, &backoff))
        backoff.forget(feed)
        #expect(backoff.deadline == nil && due(1000, &backoff) == nil)
        #expect(lost(feed, 2, &backoff))
    }

    @Test func `each feed has waits of its own`() {
        var backoff = backoff()
        #expect(lost(feed, 0, &backoff))
        #expect(lost(UpstreamID(2), 1, &backoff))
        #expect(!lost(feed, 2, &backoff))
    }
}
