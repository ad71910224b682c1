import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Synchronization

/// The client's own dispatcher of one upstream subscription, with two subscribers: a callback, whose events are judged
/// one by one, and an event buffer, which must bring the same.
final class SimulatedDelivery {
    /// The messages that the callback has been given.
    private final class Inbox: Sendable {
        private let state = Mutex<(count: Int, last: RawMessage?)>((0, nil))

        func add(_ event: FeedEvent<RawMessage>) {
            guard let message = event.data else { return }
            state.withLock { $0 = ($0.count + 1, message) }
        }

        var count: Int { state.withLock { $0.count } }
        var last: RawMessage? { state.withLock { $0.last } }
    }

    let dispatcher: UpstreamDispatcher
    var judge: DeliveryJudge
    private let inbox = Inbox()
    private let buffer: EventBuffer
    /// How many of the messages have been judged, and had come when the buffer was read last.
    private var judgedCount = 0
    private var readCount = 0

    init(_ offer: Offer, _ id: UpstreamID, queue: _FlushQueue, atMilliseconds now: Int64) {
        judge = DeliveryJudge(offer)
        buffer = EventBuffer(policy: offer.traits.delivery)
        dispatcher = UpstreamDispatcher(
            id: id, request: offer.request, traits: offer.traits, queue: queue, atMilliseconds: now)
        let feedDispatcher = dispatcher.feedDispatcher(for: offer.feed)
        feedDispatcher.attach(
            _FeedSubscriber(.callback { [inbox] in inbox.add($0) }, conflates: false, queue: queue))
        let conflates = offer.traits.delivery == .latest
        feedDispatcher.attach(
            _FeedSubscriber(
                .batches { [buffer] batch, count in
                    _ = buffer.enqueue(batch, conflatedCount: count, atMilliseconds: now)
                }, conflates: conflates, queue: queue))
    }

    /// How many messages the callback was given since this was asked last.
    func takeDeliveredCount() -> Int {
        defer { judgedCount = inbox.count }
        return inbox.count - judgedCount
    }

    /// Reads the event buffer after a flush, and says what is wrong with it.
    func readBuffer() -> String? {
        let unreadCount = inbox.count - readCount
        readCount = inbox.count
        var batches: [any _EventBatch] = []
        guard case .batches = buffer.dequeue(into: &batches, atMilliseconds: 0) else {
            return unreadCount > 0 ? "\(judge.request): the event buffer has missed \(unreadCount) messages" : nil
        }
        let events = batches.compactMap { $0 as? _TypedBatch<RawMessage> }.flatMap(\.events).compactMap(\.data)
        if unreadCount > 0, events.last != inbox.last {
            return "\(judge.request): the event buffer ends with another message"
        }
        let isComplete = judge.conflates ? events.count <= unreadCount : events.count == unreadCount
        return isComplete ? nil : "\(judge.request): \(unreadCount) messages came, \(events.count) are in the buffer"
    }
}
