import Hyperliquid
import HyperliquidWire
import NIOCore
import NIOEmbedded
import Testing

@Suite("Deadline timer") struct DeadlineTimerTests {
    /// A timer on a loop whose time is the test's, and when it has fired, in seconds.
    private final class Clock {
        let loop = EmbeddedEventLoop()
        private(set) var now = Instant.start
        private(set) var firings: [Int64] = []
        private lazy var deadlineTimer = DeadlineTimer(eventLoop: loop)

        func arm(at seconds: Int64?) {
            deadlineTimer.arm(at: seconds.map { .start.advanced(by: .seconds($0)) }, now: now) { [unowned self] in
                deadlineTimer.fired()
                firings.append(now.nanoseconds / 1_000_000_000)
            }
        }

        func pass(to seconds: Int64) {
            while now < .start.advanced(by: .seconds(seconds)) {
                now = now.advanced(by: .seconds(1))
                loop.advanceTime(by: .seconds(1))
            }
        }
    }

    @Test func `a deadline that moves to a later time leaves the timer, which is set again once it has fired`() {
        let clock = Clock()
        clock.arm(at: 10)
        clock.arm(at: 20)
        clock.arm(at: 30)
        clock.pass(to: 12)
        #expect(clock.firings == [10])
        clock.arm(at: 30)
        clock.pass(to: 40)
        #expect(clock.firings == [10, 30])
    }

    @Test func `a nearer deadline moves the timer`() {
        let clock = Clock()
        clock.arm(at: 10)
        clock.arm(at: 5)
        clock.pass(to: 20)
        #expect(clock.firings == [5])
    }

    @Test func `a timer without a deadline does not fire`() {
        let clock = Clock()
        clock.arm(at: 10)
        clock.arm(at: nil)
        clock.pass(to: 20)
        #expect(clock.firings == [])
        clock.arm(at: 30)
        clock.pass(to: 40)
        #expect(clock.firings == [30])
    }
}
