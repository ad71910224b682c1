import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct BackoffTests {
    @Test(arguments: [UInt64(0), 1, .max / 2, .max])
    func `a wait lies in the upper half of a bound that doubles up to the longest`(
        _ draw: UInt64
    ) {
        var backoff = Backoff(shortest: .milliseconds(250), longest: .seconds(30))
        for failure in 0..<12 {
            let bound = min(Duration.milliseconds(250) * (1 << failure), .seconds(30))
            let wait = backoff.fail(draw: draw)
            #expect(wait >= bound / 2 && wait <= bound)
        }
    }

    @Test func `a reset forgets earlier failures`() {
        var backoff = Backoff(shortest: .milliseconds(250), longest: .seconds(30))
        for _ in 0..<5 { _ = backoff.fail(draw: 7) }
        backoff.reset()
        #expect(backoff.fail(draw: 0) == .milliseconds(125))
    }

    @Test func `the wait after a routine close does not grow with failures`() {
        var backoff = Backoff(shortest: .milliseconds(250), longest: .seconds(30))
        for _ in 0..<5 { _ = backoff.fail(draw: 7) }
        #expect(backoff.routine(draw: .max) < .milliseconds(250))
    }
}
