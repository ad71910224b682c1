import Hyperliquid
import HyperliquidEngine
import HyperliquidWire
import Testing

/// Subscribers and their dispatcher, fed with text: no client, no socket.
@Suite("Subscriber") struct SubscriberTests {
    /// Dispatches messages to one subscriber of a coin's trades, with a buffer.
    private struct Delivery {
        let queue = _FlushQueue()
        let buffer = EventBuffer(policy: .buffered(limit: 100))
        let dispatcher: UpstreamDispatcher
        let subscriber: FeedSubscriber<TradesFeed>

        init(_ feed: TradesFeed = TradesFeed(coin: "BTC")) {
            let buffer = buffer
            dispatcher = UpstreamDispatcher(
                id: UpstreamID(1), request: feed.request, traits: feed.traits, queue: queue, atMilliseconds: 0)
            subscriber = FeedSubscriber(
                id: SubscriptionID(1), feed: feed, policy: .buffered(limit: 100),
                destination: .batches { batch, count in
                    _ = buffer.enqueue(batch, conflatedCount: count, atMilliseconds: 0)
                },
                end: .buffer(buffer), queue: queue, registeredMilliseconds: 0)
            subscriber.join(dispatcher)
        }

        /// One read: its messages, and the flush at its end.
        func read(_ texts: String..., at now: Int64) {
            for text in texts { receive(ContiguousArray(text.utf8).span, at: now) }
            queue.flush()
        }

        private func receive(_ text: borrowing Span<UInt8>, at now: Int64) {
            var reader = MessageReader(copy text)
            _ = reader._readEnvelope()
            _ = dispatcher.dispatch(&reader, atMilliseconds: now)
        }
    }

    @Test func `the events of a read are dequeued in order`() {
        let delivery = Delivery()
        delivery.read(Messages.trade(1), Messages.trade(2), at: 10)
        var batches: [any _EventBatch] = []
        guard case .batches = delivery.buffer.dequeue(into: &batches, atMilliseconds: 10) else {
            Issue.record("the buffer is empty")
            return
        }
        let events = batches.compactMap { $0 as? _TypedBatch<[Trade]> }.flatMap(\.events)
        #expect(events.compactMap { $0.data?.map(\.number) } == [[1], [2]])
    }

    @Test func `the mean rate is measured since the acknowledgement`() {
        let delivery = Delivery()
        #expect(delivery.subscriber.metrics(atMilliseconds: 500).messagesPerMinute == 0)
        delivery.subscriber.confirm(atMilliseconds: 1000)
        delivery.read(Messages.trade(1), Messages.trade(2), Messages.trade(3), at: 2000)
        let metrics = delivery.subscriber.metrics(atMilliseconds: 31_000)
        #expect(metrics.uptime == .seconds(30))
        #expect(metrics.messagesPerMinute == 6)
        #expect(metrics.messagesInLastMinute == 3)
        #expect(metrics.queueDepth == 3)
    }

    @Test func `within a read and after it, each event is accounted for`() {
        let feed = BestBidOfferFeed(coin: "BTC")
        let queue = _FlushQueue()
        let buffer = EventBuffer(policy: .latest)
        let dispatcher = UpstreamDispatcher(
            id: UpstreamID(1), request: feed.request, traits: feed.traits, queue: queue, atMilliseconds: 0)
        let subscriber = FeedSubscriber(
            id: SubscriptionID(1), feed: feed, policy: .latest,
            destination: .batches { batch, count in
                _ = buffer.enqueue(batch, conflatedCount: count, atMilliseconds: 0)
            },
            end: .buffer(buffer), queue: queue, registeredMilliseconds: 0)
        subscriber.join(dispatcher)
        func check(received: Int, conflated: Int, pending: Int, depth: Int) {
            let metrics = subscriber.metrics(atMilliseconds: 0)
            #expect(metrics.receivedCount == received)
            #expect(metrics.conflatedCount == conflated)
            #expect(metrics.pendingCount == pending)
            #expect(metrics.queueDepth == depth)
            let sum = metrics.deliveredCount + metrics.conflatedCount + metrics.droppedCount + metrics.pendingCount
            #expect(metrics.receivedCount == sum)
        }
        func receive(_ text: borrowing Span<UInt8>) {
            var reader = MessageReader(copy text)
            _ = reader._readEnvelope()
            _ = dispatcher.dispatch(&reader, atMilliseconds: 0)
        }
        func receive(_ number: Int) { receive(ContiguousArray(Messages.bbo(number).utf8).span) }
        for number in 1...3 { receive(number) }
        check(received: 3, conflated: 2, pending: 1, depth: 1)
        dispatcher.announce(Gap(reason: .moved, fromMilliseconds: 1, toMilliseconds: 2))
        receive(4)
        check(received: 4, conflated: 2, pending: 2, depth: 3)
        queue.flush()
        check(received: 4, conflated: 3, pending: 1, depth: 2)
        receive(5)
        check(received: 5, conflated: 3, pending: 2, depth: 3)
        var batches: [any _EventBatch] = []
        _ = buffer.dequeue(into: &batches, atMilliseconds: 0)
        check(received: 5, conflated: 3, pending: 1, depth: 1)
        queue.flush()
        check(received: 5, conflated: 3, pending: 1, depth: 1)
    }

    @Test func `a subscriber that joins later counts only the messages that follow`() {
        let delivery = Delivery()
        delivery.read(Messages.trade(1), at: 10)
        let later = FeedSubscriber<TradesFeed>(
            id: SubscriptionID(2), feed: TradesFeed(coin: "BTC"), policy: nil, destination: .callback { _ in },
            end: .callback { _ in }, queue: delivery.queue, registeredMilliseconds: 10)
        later.join(delivery.dispatcher)
        delivery.read(Messages.trade(2), at: 20)
        #expect(delivery.subscriber.metrics(atMilliseconds: 20).messageCount == 2)
        #expect(later.metrics(atMilliseconds: 20).messageCount == 1)
    }

    @Test func `a subscriber that leaves reports its end once its events are in the buffer`() {
        let delivery = Delivery()
        delivery.read(Messages.trade(1), at: 10)
        delivery.subscriber.leave(HyperliquidError(code: .refused, message: "No."))
        var batches: [any _EventBatch] = []
        guard case .batches = delivery.buffer.dequeue(into: &batches, atMilliseconds: 10) else {
            Issue.record("the buffer is empty")
            return
        }
        batches = []
        guard case .ended(let error) = delivery.buffer.dequeue(into: &batches, atMilliseconds: 10) else {
            Issue.record("the buffer has not ended")
            return
        }
        #expect(error?.code == .refused)
    }
}
