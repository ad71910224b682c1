import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Synchronization

/// Counts the events that the callbacks of all deliveries of a client were given.
final class EventCounter: Sendable {
    private let events = Atomic<Int>(0)
    private let messages = Atomic<Int>(0)

    /// The number of all events.
    var count: Int { events.load(ordering: .relaxed) }
    /// The number of messages among them.
    var messageCount: Int { messages.load(ordering: .relaxed) }

    func add(isMessage: Bool) {
        events.wrappingAdd(1, ordering: .relaxed)
        if isMessage { messages.wrappingAdd(1, ordering: .relaxed) }
    }
}

/// The client's own dispatcher of one upstream subscription, with four subscribers.
///
/// One subscriber is a callback, and each of its messages is checked. The others are event buffers: one by the feed's
/// own policy, which must have the same messages, and two that are read seldom and must give way. Of all of them, every
/// message is accounted for after every step.
final class SimulatedDelivery {
    /// Counts the messages of the callback and keeps the last one.
    private final class CallbackRecorder: Sendable {
        private let counter: EventCounter
        private let state = Mutex<(count: Int, gapCount: Int, last: RawMessage?)>((0, 0, nil))

        init(_ counter: EventCounter) { self.counter = counter }

        func add(_ event: FeedEvent<RawMessage>) {
            counter.add(isMessage: event.data != nil)
            state.withLock { state in
                if case .gap = event { state.gapCount += 1 }
                guard let message = event.data else { return }
                (state.count, state.last) = (state.count + 1, message)
            }
        }

        var count: Int { state.withLock { $0.count } }
        /// The number of messages and gaps.
        var eventCount: Int { state.withLock { $0.count + $0.gapCount } }
        var gapCount: Int { state.withLock { $0.gapCount } }
        var last: RawMessage? { state.withLock { $0.last } }
    }

    /// A sequence: a subscriber with an event buffer.
    private struct Sequence {
        let buffer: EventBuffer
        let subscriber: _FeedSubscriber<RawMessage>
        /// The number of gaps of the callback at the last reading.
        var gapCount = 0

        init(_ policy: DeliveryPolicy, queue: _FlushQueue, atMilliseconds now: Int64) {
            let buffer = EventBuffer(policy: policy)
            self.buffer = buffer
            subscriber = _FeedSubscriber(
                .batches { batch, count in _ = buffer.enqueue(batch, conflatedCount: count, atMilliseconds: now) },
                conflates: policy == .latest, queue: queue)
        }

        func read() -> [FeedEvent<RawMessage>] {
            var batches: [any _EventBatch] = []
            _ = buffer.dequeue(into: &batches, atMilliseconds: 0)
            return batches.compactMap { $0 as? _TypedBatch<RawMessage> }.flatMap(\.events)
        }
    }

    let dispatcher: UpstreamDispatcher
    var checker: DeliveryChecker
    private let recorder: CallbackRecorder
    private let callback: _FeedSubscriber<RawMessage>
    private let sequence: Sequence
    private var slowSequences: [Sequence]
    let rowChecker = RowChecker()
    /// The subscriber whose rows are checked, `nil` if the feed has no keys.
    private var rowSubscriber: AnyObject?
    /// The number of messages that have been checked.
    private var checkedCount = 0
    /// The number of messages at the last reading of the buffer.
    private var readCount = 0
    /// The number of messages and gaps at the last reading of the buffer.
    private var readEventCount = 0
    private var flushCount = 0
    /// A slow sequence is read after this many flushes.
    private static let flushesPerSlowRead = 5

    init(_ feed: TestFeed, _ id: UpstreamID, queue: _FlushQueue, counter: EventCounter, atMilliseconds now: Int64) {
        checker = DeliveryChecker(feed)
        let recorder = CallbackRecorder(counter)
        self.recorder = recorder
        dispatcher = UpstreamDispatcher(
            id: id, request: feed.request, traits: feed.traits, queue: queue, atMilliseconds: now)
        callback = _FeedSubscriber(.callback { recorder.add($0) }, conflates: false, queue: queue)
        sequence = Sequence(feed.traits.delivery, queue: queue, atMilliseconds: now)
        slowSequences = [DeliveryPolicy.latest, .droppingOldest(limit: 2)].map { policy in
            Sequence(policy, queue: queue, atMilliseconds: now)
        }
        let feedDispatcher = dispatcher.feedDispatcher(for: feed.rawFeed)
        for subscriber in [callback, sequence.subscriber] + slowSequences.map(\.subscriber) {
            feedDispatcher.attach(subscriber)
        }
        // Half of the upstream subscriptions keep a single feed type, for which the dispatcher has a fast path.
        if id.rawValue.isMultiple(of: 2) {
            rowSubscriber = rowChecker.subscribe(to: feed, on: dispatcher, queue: queue)
        }
    }

    /// The problem with the counts of a subscriber, `nil` if all add up.
    var accountingProblem: String? {
        if let problem = rowChecker.problem { return "\(checker.request): \(problem)" }
        let count = recorder.count
        if callback.callbackCount != count {
            return "\(checker.request): the callback was called \(count) times, not \(callback.callbackCount)"
        }
        for sequence in [sequence] + slowSequences {
            let (usage, staged) = (sequence.buffer.usage, sequence.subscriber.stagedCounts)
            let received = usage.receivedCount + staged.data + staged.conflated
            let sum = usage.deliveredCount + usage.conflatedCount + usage.droppedCount + usage.pendingCount
            if received != count || usage.receivedCount != sum {
                return "\(checker.request): \(usage) and \(staged) do not add up to \(count) messages"
            }
        }
        return nil
    }

    /// The number of messages that the callback was given and that were not checked yet.
    var uncheckedCount: Int { recorder.count - checkedCount }

    /// Returns the number of messages that the callback was given since the last call.
    func takeDeliveredCount() -> Int {
        defer { checkedCount = recorder.count }
        return recorder.count - checkedCount
    }

    /// Reads the event buffers after a flush. Returns the problem, `nil` if there is none.
    func readBuffers() -> String? {
        guard recorder.eventCount != readEventCount else { return nil }
        readEventCount = recorder.eventCount
        flushCount += 1
        if flushCount % Self.flushesPerSlowRead == 0 {
            for index in slowSequences.indices {
                if let problem = readSlowly(index) { return problem }
            }
        }
        let unreadCount = recorder.count - readCount
        readCount = recorder.count
        let events = sequence.read().compactMap(\.data)
        if unreadCount > 0, events.last != recorder.last {
            return "\(checker.request): the event buffer ends with another message"
        }
        let isComplete = checker.conflates ? events.count <= unreadCount : events.count == unreadCount
        if isComplete { return nil }
        return "\(checker.request): the callback was given \(unreadCount) messages, the buffer \(events.count)"
    }

    private func readSlowly(_ index: Int) -> String? {
        let newGapCount = recorder.gapCount - slowSequences[index].gapCount
        slowSequences[index].gapCount = recorder.gapCount
        let events = slowSequences[index].read()
        let hasGap = events.contains { if case .gap = $0 { true } else { false } }
        return newGapCount == 0 || hasGap ? nil : "\(checker.request): a slow sequence has lost a gap"
    }
}
