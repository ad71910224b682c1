import HyperliquidWire
import Testing

@testable import HyperliquidEngine

@Suite struct DeadlineQueueTests {
    @Test(arguments: UInt64(1)...10) func `a deadline queue agrees with a plain list of times`(
        _ seed: UInt64
    ) {
        var generator = SplitMix64(seed: seed)
        var queue = DeadlineQueue<Int>()
        var plain: [Int: Instant] = [:]
        for _ in 0..<300 {
            let key = Int.random(in: 0..<20, using: &generator)
            let time = Instant(nanoseconds: Int64.random(in: 0..<1000, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                queue.set(key, at: time)
                plain[key] = time
            case 2:
                queue.cancel(key)
                plain[key] = nil
            default:
                let due = queue.popDue(at: time)
                #expect(
                    due.map { plain[$0] == plain.values.min() } ?? (plain.values.allSatisfy { $0 > time }),
                    "seed \(seed)")
                if let due { plain[due] = nil }
            }
            #expect(queue.next == plain.values.min(), "seed \(seed)")
        }
    }
}
