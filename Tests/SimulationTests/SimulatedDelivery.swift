import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Synchronization

/// The client's own dispatcher of one upstream subscription, with two subscribers.
///
/// One subscriber is a callback, and each of its messages is checked. The other is an event buffer, which must have the
/// same messages.
final class SimulatedDelivery {
    /// Counts the messages of the callback and keeps the last one.
    private final class CallbackRecorder: Sendable {
        private let state = Mutex<(count: Int, last: RawMessage?)>((0, nil))

        func add(_ event: FeedEvent<RawMessage>) {
            guard let message = event.data else { return }
            state.withLock { $0 = ($0.count + 1, message) }
        }

        var count: Int { state.withLock { $0.count } }
        var last: RawMessage? { state.withLock { $0.last } }
    }

    let dispatcher: UpstreamDispatcher
    var checker: DeliveryChecker
    private let recorder = CallbackRecorder()
    private let buffer: EventBuffer
    /// The number of messages that have been checked.
    private var checkedCount = 0
    /// The number of messages at the last reading of the buffer.
    private var readCount = 0

    init(_ feed: TestFeed, _ id: UpstreamID, queue: _FlushQueue, atMilliseconds now: Int64) {
        checker = DeliveryChecker(feed)
        buffer = EventBuffer(policy: feed.traits.delivery)
        dispatcher = UpstreamDispatcher(
            id: id, request: feed.request, traits: feed.traits, queue: queue, atMilliseconds: now)
        let feedDispatcher = dispatcher.feedDispatcher(for: feed.rawFeed)
        feedDispatcher.attach(
            _FeedSubscriber(.callback { [recorder] in recorder.add($0) }, conflates: false, queue: queue))
        let conflates = feed.traits.delivery == .latest
        feedDispatcher.attach(
            _FeedSubscriber(
                .batches { [buffer] batch, count in
                    _ = buffer.enqueue(batch, conflatedCount: count, atMilliseconds: now)
                }, conflates: conflates, queue: queue))
    }

    /// Returns the number of messages that the callback was given since the last call.
    func takeDeliveredCount() -> Int {
        defer { checkedCount = recorder.count }
        return recorder.count - checkedCount
    }

    /// Reads the event buffer after a flush. Returns the problem, `nil` if there is none.
    func readBuffer() -> String? {
        let unreadCount = recorder.count - readCount
        readCount = recorder.count
        var batches: [any _EventBatch] = []
        guard case .batches = buffer.dequeue(into: &batches, atMilliseconds: 0) else {
            return unreadCount > 0 ? "\(checker.request): the event buffer has missed \(unreadCount) messages" : nil
        }
        let events = batches.compactMap { $0 as? _TypedBatch<RawMessage> }.flatMap(\.events).compactMap(\.data)
        if unreadCount > 0, events.last != recorder.last {
            return "\(checker.request): the event buffer ends with another message"
        }
        let isComplete = checker.conflates ? events.count <= unreadCount : events.count == unreadCount
        if isComplete { return nil }
        return "\(checker.request): the callback was given \(unreadCount) messages, the buffer \(events.count)"
    }
}
