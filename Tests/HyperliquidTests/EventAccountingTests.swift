import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Synchronization
import TestPacing
import Testing

/// No event buffer loses a gap or an event without a count.
@Suite("Event accounting", .overLoopback, .timeLimit(.minutes(30))) struct EventAccountingTests {
    typealias Event = FeedEvent<Int64>

    /// The way from a dispatcher to a reader.
    struct Path {
        let queue = _FlushQueue()
        let buffer: EventBuffer
        let subscriber: _FeedSubscriber<Int64>
        private let fitting: Fitting

        private final class Fitting: Sendable {
            let now = Atomic<Int64>(0)
            let fits = Atomic(true)
        }

        init(_ policy: DeliveryPolicy) {
            let (buffer, fitting) = (EventBuffer(policy: policy), Fitting())
            (self.buffer, self.fitting) = (buffer, fitting)
            subscriber = _FeedSubscriber(
                .batches { batch, count in
                    let now = fitting.now.load(ordering: .relaxed)
                    let fits = buffer.enqueue(batch, conflatedCount: count, atMilliseconds: now)
                    fitting.fits.store(fits, ordering: .relaxed)
                }, conflates: policy == .latest, queue: queue)
        }

        /// One read of the socket; `false` if its events do not fit.
        func read(_ events: [Event], at now: Int64 = 0) -> Bool {
            fitting.now.store(now, ordering: .relaxed)
            for event in events { subscriber.receive(event) }
            queue.flush()
            return fitting.fits.load(ordering: .relaxed)
        }

        func dequeue(at now: Int64 = 0) -> [Event] {
            var batches: [any _EventBatch] = []
            _ = buffer.dequeue(into: &batches, atMilliseconds: now)
            return batches.flatMap { ($0 as? _TypedBatch<Int64>)?.events ?? [] }
        }

        /// The counts received, delivered, conflated, dropped and pending.
        var counts: [Int] {
            let usage = buffer.usage
            return [
                usage.receivedCount, usage.deliveredCount, usage.conflatedCount, usage.droppedCount,
                usage.pendingCount,
            ]
        }
    }

    static func gap(
        _ from: Int64, _ to: Int64, _ reason: Gap.Reason = .reconnected, missed: Int? = nil
    ) -> Event {
        .gap(Gap(reason: reason, fromMilliseconds: from, toMilliseconds: to, missedCount: missed))
    }

    static let fault = Event.undecodable(DecodingFault(.unexpectedByte, at: 0))

    static func data(_ numbers: ClosedRange<Int64>) -> [Event] { numbers.map { .update($0) } }

    // MARK: Cases

    struct Case: Sendable {
        let name: String
        let policy: DeliveryPolicy
        /// The events of each read of the socket, all before the first read of the buffer. The reads are at 1000, 1001…
        let reads: [[Event]]
        let taken: [Event]
        /// Received, delivered, conflated, dropped.
        let counts: [Int]
    }

    static let cases: [Case] = [
        Case(
            name: "a gap is not dropped with the oldest data", policy: .droppingOldest(limit: 2),
            reads: [[gap(10, 20), .update(1)], data(2...2), data(3...3)],
            taken: [gap(10, 2000, missed: nil)] + data(2...3), counts: [3, 2, 0, 1]),
        Case(
            name: "a gap takes no place", policy: .droppingOldest(limit: 1), reads: [[gap(10, 20), .update(1)]],
            taken: [gap(10, 20), .update(1)], counts: [1, 1, 0, 0]),
        Case(
            name: "several gaps become one with the dropped data", policy: .droppingOldest(limit: 1),
            reads: [[gap(10, 20, missed: 3), .update(1)], [gap(30, 40, .moved, missed: 4), .update(2)], data(3...3)],
            taken: [gap(10, 2000, missed: 9), .update(3)], counts: [3, 1, 0, 2]),
        Case(
            name: "the reason is that of the first", policy: .droppingOldest(limit: 1),
            reads: [data(1...1), [gap(30, 40, .moved, missed: 4), .update(2)], data(3...3)],
            taken: [gap(30, 2000, .overflow, missed: 6), .update(3)], counts: [3, 1, 0, 2]),
        Case(
            name: "a gap behind what is dropped stays in its place", policy: .droppingOldest(limit: 3),
            reads: [data(1...2), [gap(30, 40), .update(3)], data(4...4)],
            taken: [gap(1002, 2000, .overflow, missed: 1), .update(2), gap(30, 40)] + data(3...4),
            counts: [4, 3, 0, 1]),
        Case(
            name: "an unknown begin does not hide a known one", policy: .droppingOldest(limit: 1),
            reads: [[gap(0, 0, .lateJoin), .update(1)], data(2...2)],
            taken: [gap(1001, 2000, .lateJoin), .update(2)], counts: [2, 1, 0, 1]),
        Case(
            name: "a fault takes a place and is no data", policy: .droppingOldest(limit: 1),
            reads: [[fault, gap(10, 20, .undecodable), .update(1)]],
            taken: [gap(10, 20, .undecodable), .update(1)], counts: [1, 1, 0, 0]),
        Case(
            name: "gaps without data between them are bounded", policy: .droppingOldest(limit: 1),
            reads: (1...10).map { [gap($0, $0 + 1, missed: 1)] }, taken: [gap(1, 11, missed: 10)],
            counts: [0, 0, 0, 0]),
        Case(
            name: "latest keeps the gaps before the newest state", policy: .latest,
            reads: [[gap(10, 20), .update(1)], [gap(30, 40, .moved), .update(2)]],
            taken: [gap(10, 20), gap(30, 40, .moved), .update(2)], counts: [2, 1, 1, 0]),
        Case(
            name: "latest keeps a gap behind the newest state", policy: .latest,
            reads: [data(1...3), [gap(30, 40)]], taken: [.update(3), gap(30, 40)], counts: [3, 1, 2, 0]),
        Case(
            name: "latest keeps one state of a read with a gap between two", policy: .latest,
            reads: [[.update(1), gap(30, 40), .update(2)]], taken: [gap(30, 40), .update(2)], counts: [2, 1, 1, 0]),
        Case(
            name: "latest makes one gap of too many", policy: .latest,
            reads: (1...65).map { [gap($0, $0 + 1, missed: 2), .update($0)] },
            taken: [gap(1, 66, missed: 130), .update(65)], counts: [65, 1, 64, 0]),
        Case(
            name: "latest keeps the state before too many faults", policy: .latest,
            reads: [data(1...1), Array(repeating: fault, count: 65), [fault]],
            taken: [.update(1), fault], counts: [1, 1, 0, 0]),
        Case(
            name: "a gap and its event fit into a buffer of one event", policy: .buffered(limit: 1),
            reads: [[gap(10, 20), .update(1)]], taken: [gap(10, 20), .update(1)], counts: [1, 1, 0, 0]),
        Case(
            name: "what does not fit is dropped, and nothing is taken afterwards", policy: .buffered(limit: 3),
            reads: [data(1...2), data(3...4), data(5...5)], taken: data(1...2), counts: [5, 2, 0, 3]),
        Case(
            name: "gaps in a row are bounded", policy: .buffered(limit: 1),
            reads: [data(1...1)] + (1...4).map { [gap($0, $0 + 1, missed: 1)] },
            taken: [.update(1), gap(1, 5, missed: 4)], counts: [1, 1, 0, 0]),
    ]

    @Test(arguments: cases.indices)
    func `each policy gives way in its own way, and no gap is lost`(_ index: Int) {
        let subject = Self.cases[index]
        let path = Path(subject.policy)
        for (offset, events) in subject.reads.enumerated() {
            _ = path.read(events, at: 1000 + Int64(offset))
            let counts = path.counts
            #expect(counts[0] == counts[1...].reduce(0, +), "\(subject.name)")
        }
        #expect(path.dequeue(at: 2000) == subject.taken, "\(subject.name)")
        #expect(path.counts == subject.counts + [0], "\(subject.name)")
    }

    @Test func `events that come after the end are counted as dropped, and those before it wait`() {
        let path = Path(.buffered(limit: 10))
        _ = path.read(Self.data(1...2))
        path.buffer.end(nil)
        #expect(path.read(Self.data(3...5)))
        #expect(path.counts == [5, 0, 0, 3, 2])
        #expect(path.dequeue() == Self.data(1...2))
        #expect(path.counts == [5, 2, 0, 3, 0])
    }

    // MARK: Random streams

    static let policies: [DeliveryPolicy] = [
        .latest, .droppingOldest(limit: 1), .droppingOldest(limit: 2), .droppingOldest(limit: 7), .buffered(limit: 1),
        .buffered(limit: 9),
    ]

    @Test(arguments: policies.indices, 0..<40 as Range<UInt64>)
    func `a buffer does what its simple model does`(_ index: Int, _ seed: UInt64) {
        let policy = Self.policies[index]
        var random = SplitMix64(seed: seed &* 31 &+ UInt64(index))
        let (path, stream) = (Path(policy), RandomStream(slowness: Int.random(in: 1...12, using: &random)))
        var (model, number, now): (BufferModel, Int64, Int64) = (BufferModel(policy), 0, 1_000)
        var (all, taken): ([Event], [Event]) = ([], [])
        for step in 0..<400 {
            now += Int64.random(in: 0...3, using: &random)
            if Int.random(in: 0...stream.slowness, using: &random) == 0 {
                let (real, expected) = (path.dequeue(at: now), model.dequeue(at: now))
                #expect(BufferModel.joined(real) == BufferModel.joined(expected), "seed \(seed), step \(step)")
                taken += real
            } else {
                let events = stream.events(after: &number, at: now, &random)
                let (fits, expected) = (path.read(events, at: now), model.enqueue(events, at: now))
                #expect(fits == expected, "seed \(seed), step \(step)")
                if fits { all += events }
            }
            let counts = [model.received, model.delivered, model.conflated, model.dropped, model.pending]
            #expect(path.counts == counts, "seed \(seed), step \(step)")
            #expect(counts[0] == counts[1...].reduce(0, +), "seed \(seed), step \(step)")
            #expect(path.buffer.usage.queueDepth <= stream.bound(policy), "seed \(seed), step \(step)")
        }
        taken += path.dequeue(at: now)
        checkPlaces(of: taken, among: all, policy, seed)
    }

    /// Before each event that was read stand gaps that cover all that came before it since the event read before; and
    /// no gap stands where nothing was missed.
    private func checkPlaces(of taken: [Event], among all: [Event], _ policy: DeliveryPolicy, _ seed: UInt64) {
        var (given, position): ([Gap], Int) = ([], 0)
        for event in taken {
            if let gap = event.gap { given.append(gap) }
            guard let number = event.data else { continue }
            var came: [Gap] = []
            var missed = 0
            while all[position].data != number {
                if let gap = all[position].gap { came.append(gap) }
                if all[position].data != nil { missed += 1 }
                position += 1
            }
            position += 1
            let isMissing = !came.isEmpty || (missed > 0 && policy != .latest)
            #expect(given.isEmpty != isMissing, "seed \(seed), event \(number)")
            if let one = BufferModel.one(came), let cover = BufferModel.one(given) {
                #expect(cover.fromMilliseconds <= one.fromMilliseconds, "seed \(seed), event \(number)")
                #expect(cover.toMilliseconds >= one.toMilliseconds, "seed \(seed), event \(number)")
                let sum = one.missedCount.map { $0 + (policy == .latest ? 0 : missed) }
                #expect(cover.missedCount == sum, "seed \(seed), event \(number)")
            } else if let cover = BufferModel.one(given) {
                #expect(cover.missedCount == missed, "seed \(seed), event \(number)")
            }
            given = []
        }
    }
}

/// Random events, with more or fewer gaps, for a reader that is more or less slow.
private struct RandomStream {
    let slowness: Int

    func events(
        after number: inout Int64, at now: Int64, _ random: inout SplitMix64
    ) -> [FeedEvent<Int64>] {
        var events: [FeedEvent<Int64>] = []
        for _ in 0...Int.random(in: 0...4, using: &random) {
            switch Int.random(in: 0..<10, using: &random) {
            case 0...5:
                number += 1
                events.append(Bool.random(using: &random) ? .update(number) : .snapshot(number))
            case 6: events.append(EventAccountingTests.fault)
            default:
                let from = now - Int64.random(in: 0...20, using: &random)
                let missed = Int.random(in: 0...3, using: &random)
                events.append(
                    EventAccountingTests.gap(
                        from, from + 5, Gap.Reason.allCases.randomElement(using: &random) ?? .moved,
                        missed: missed == 0 ? nil : missed))
            }
        }
        return events
    }

    /// The most events that may wait after a read of at most five.
    func bound(_ policy: DeliveryPolicy) -> Int {
        switch policy {
        case .latest: 2 * 64 + 1
        case .buffered(let limit), .droppingOldest(let limit): 3 * limit + 2 + 5
        }
    }
}
