import HyperliquidEngine
import HyperliquidWire
import Testing

@Suite struct SlidingWindowTests {
    @Test(arguments: UInt64(1)...20) func `no span of its length holds more events than the limit`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let limit = Int.random(in: 1...7, using: &generator)
        var window = SlidingWindow(limit: limit, span: .seconds(10))
        var times: [Instant] = []
        var now = Instant.start
        for _ in 0..<200 {
            now = now.advanced(by: .milliseconds(Int64.random(in: 0...3000, using: &generator)))
            now = window.nextAllowed(at: now)
            window.spend(at: now)
            times.append(now)
            let recent = times.count { $0.advanced(by: .seconds(10)) > now }
            #expect(recent <= limit, "seed \(seed)")
            #expect(window.usedCount(at: now) == recent, "seed \(seed)")
        }
    }

    @Test(arguments: UInt64(1)...20)
    func `events that were not allowed count too, and those that are allowed keep to the limit`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let limit = Int.random(in: 4...20, using: &generator)
        var window = SlidingWindow(limit: limit, span: .seconds(10))
        var times: [Instant] = []
        var now = Instant.start
        for _ in 0..<200 {
            now = now.advanced(by: .milliseconds(Int64.random(in: 0...3000, using: &generator)))
            let weight = Int.random(in: 1...4, using: &generator)
            if Bool.random(using: &generator) {
                now = window.nextAllowed(at: now, reserving: weight - 1)
                #expect(times.count { $0.advanced(by: .seconds(10)) > now } + weight <= limit, "seed \(seed)")
            }
            window.count(weight, at: now)
            times += Array(repeating: now, count: weight)
            let recent = times.count { $0.advanced(by: .seconds(10)) > now }
            #expect(window.usedCount(at: now) == min(recent, limit), "seed \(seed)")
        }
    }

    @Test func `an event counts for one whole span, wherever the span begins`() {
        var window = SlidingWindow(limit: 2, span: .seconds(60))
        window.spend(at: .start.advanced(by: .seconds(59)))
        window.spend(at: .start.advanced(by: .seconds(59)))
        #expect(window.nextAllowed(at: .start.advanced(by: .seconds(61))) == .start.advanced(by: .seconds(119)))
    }

    @Test func `a reserve is kept back from callers that must leave one`() {
        var window = SlidingWindow(limit: 3, span: .seconds(60))
        window.spend(at: .start)
        #expect(window.nextAllowed(at: .start, reserving: 1) == .start)
        window.spend(at: .start)
        #expect(window.nextAllowed(at: .start, reserving: 1) == .start.advanced(by: .seconds(60)))
        #expect(window.nextAllowed(at: .start) == .start)
        window.spend(at: .start.advanced(by: .seconds(1)))
        let later = Instant.start.advanced(by: .seconds(60))
        // Two of three have left the span: one more may be spent while one is still kept back.
        #expect(window.nextAllowed(at: later, reserving: 1) == later)
    }
}
