import Hyperliquid
import HyperliquidWire
import NIOPosix
import Testing

@Suite("Event buffer", .timeLimit(.minutes(10))) struct EventBufferTests {
    @Test func `dequeued batches come in order, in the reader's storage`() {
        let buffer = EventBuffer(policy: .buffered(limit: 10))
        var taken: [any _EventBatch] = []
        for round in 0..<3 as Range<Int64> {
            #expect(buffer.enqueue(batch(round * 3, round * 3 + 1), conflatedCount: 0, atMilliseconds: 0))
            #expect(buffer.enqueue(batch(round * 3 + 2), conflatedCount: 0, atMilliseconds: 0))
            guard case .batches = buffer.dequeue(into: &taken, atMilliseconds: 0) else {
                Issue.record("nothing in round \(round)")
                return
            }
            #expect(numbers(taken) == [[round * 3, round * 3 + 1], [round * 3 + 2]])
            taken.removeAll(keepingCapacity: true)
        }
        guard case .nothing = buffer.dequeue(into: &taken, atMilliseconds: 0) else {
            Issue.record("something is left")
            return
        }
    }

    @Test func `only the newest state waits, in either of the two arrays`() {
        let buffer = EventBuffer(policy: .latest)
        var taken: [any _EventBatch] = []
        for round in 0..<3 as Range<Int64> {
            for number in 0..<4 as Range<Int64> {
                _ = buffer.enqueue(batch(round * 4 + number), conflatedCount: 0, atMilliseconds: 0)
            }
            _ = buffer.dequeue(into: &taken, atMilliseconds: 0)
            #expect(numbers(taken) == [[round * 4 + 3]])
            taken.removeAll(keepingCapacity: true)
        }
    }

    @Test func `a cancelled reader does not wait, and the next one does`() async throws {
        let buffer = EventBuffer(policy: .buffered(limit: 10))
        await Task {
            unsafe withUnsafeCurrentTask { unsafe $0?.cancel() }
            await buffer.wait()
        }.value
        let loop = MultiThreadedEventLoopGroup.singleton.next()
        let reading = Task(executorPreference: LoopTaskExecutor(eventLoop: loop)) {
            await buffer.wait()
            var taken: [any _EventBatch] = []
            _ = buffer.dequeue(into: &taken, atMilliseconds: 0)
            return numbers(taken)
        }
        try await loop.untilReadersWait()
        _ = buffer.enqueue(batch(7), conflatedCount: 0, atMilliseconds: 0)
        #expect(await reading.value == [[7]])
    }

    private func batch(_ numbers: Int64...) -> any _EventBatch {
        let queue = _FlushQueue()
        let batches = Inbox<any _EventBatch>()
        let feedSubscriber = _FeedSubscriber<Int64>(
            .batches { batch, _ in batches.put(batch) }, conflates: false, queue: queue)
        for number in numbers { feedSubscriber.receive(.update(number)) }
        queue.flush()
        return batches.takeAll()[0]
    }
}

private func numbers(_ batches: [any _EventBatch]) -> [[Int64]] {
    batches.map { ($0 as? _TypedBatch<Int64>)?.events.compactMap(\.data) ?? [] }
}
