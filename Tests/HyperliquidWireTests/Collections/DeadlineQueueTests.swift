import HyperliquidWire
import Testing

@Suite("Deadline queue") struct DeadlineQueueTests {
    @Test(arguments: UInt64(1)...10) func `a deadline queue agrees with a plain list however often deadlines change`(
        _ seed: UInt64
    ) {
        var generator = SplitMix64(seed: seed)
        var queue = DeadlineQueue<Int>()
        var expected: [Int: Instant] = [:]
        for _ in 0..<300 {
            let key = Int.random(in: 0..<20, using: &generator)
            let time = Instant(nanoseconds: Int64.random(in: 0..<1000, using: &generator))
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                queue.set(key, at: time)
                expected[key] = time
            case 2:
                queue.cancel(key)
                expected[key] = nil
            default:
                let due = queue.popDue(at: time)
                #expect(
                    due.map { expected[$0] == expected.values.min() && (expected[$0] ?? .start) <= time }
                        ?? expected.values.allSatisfy { $0 > time },
                    "seed \(seed)")
                if let due { expected[due] = nil }
            }
            #expect(queue.next == expected.values.min(), "seed \(seed)")
        }
    }

    @Test func `keys with equal deadlines come out in the order in which they were last set`() {
        var queue = DeadlineQueue<String>()
        for key in ["c", "a", "b"] { queue.set(key, at: Instant(nanoseconds: 5)) }
        queue.set("c", at: Instant(nanoseconds: 5))
        #expect((0..<4).map { _ in queue.popDue(at: Instant(nanoseconds: 5)) } == ["a", "b", "c", nil])
    }

    @Test(arguments: UInt64(1)...5) func `a heap returns its elements in ascending order`(_ seed: UInt64) {
        var generator = SplitMix64(seed: seed)
        let numbers = (0..<100).map { _ in Int.random(in: 0..<50, using: &generator) }
        var heap = Heap<Int>()
        for number in numbers { heap.insert(number) }
        heap.insert(nil)
        var sorted: [Int] = []
        while let least = heap.popFirst() { sorted.append(least) }
        #expect(sorted == numbers.sorted(), "seed \(seed)")
        #expect(heap.first == nil)
    }
}
