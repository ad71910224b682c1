import HyperliquidWire
import Synchronization
import Testing

/// An event may reuse the storage of the one before it. Subscribers that keep no event cause no allocation, and kept
/// events do not change.
@Suite("Reclaimed events") struct ReclaimTests {
    final class Seen<Element: Sendable>: Sendable {
        private let elements = Mutex<[Element]>([])
        var all: [Element] { elements.withLock { $0 } }

        /// Adds one and returns the count before it.
        @discardableResult func append(_ element: Element) -> Int {
            elements.withLock {
                $0.append(element)
                return $0.count - 1
            }
        }
    }

    private func decimal(_ mantissa: Int) -> ExactDecimal {
        ExactDecimal(mantissa: Int128(mantissa), scale: 2) ?? .zero
    }

    private func level(_ number: Int, _ position: Int) -> Level {
        Level(price: decimal(100_000 * number + position), size: decimal(position + 1), orderCount: position + 1)
    }

    private func trade(_ number: Int, _ position: Int) -> Trade {
        Trade(
            coin: "BTC", side: position % 2 == 0 ? .buy : .sell, price: decimal(100_000 * number + position),
            size: decimal(position + 1), timeMilliseconds: 1_790_000_000_000 + Int64(number),
            hash: TransactionHash(1, 2, 3, UInt64(number)), tradeID: Int64(100 * number + position + 1),
            buyer: .example,
            seller: .example)
    }

    /// Each message has different rows, and a different number of them.
    func books() -> [L2Book] {
        (0..<40).map { number in
            let levels = (0..<number * 7 % 21).map { level(number, $0) }
            return L2Book(
                coin: "BTC", timeMilliseconds: 1_790_000_000_000 + Int64(number), bids: levels, asks: levels.dropFirst()
            )
        }
    }

    func trades() -> [[Trade]] {
        (0..<40).map { number in (0...number * 7 % 11).map { trade(number, $0) } }
    }

    func _dispatch<F: Feed>(_ event: some JSONWritable, of feed: F, into dispatcher: _FeedDispatcher<F>) throws {
        var writer = JSONWriter()
        writer.beginObject()
        writer.field("channel", feed.traits.channel)
        writer.key("data")
        writer.value(event)
        writer.endObject()
        try withReader(writer.bytes) { reader in
            _ = reader._readEnvelope()
            #expect(F._dispatch(&reader, into: dispatcher) == .delivered)
        }
    }

    /// Delivers events to two callbacks, of which one keeps some and one none, and to a batch.
    func run<F: Feed>(_ feed: F, _ events: [F.Event], alsoBatches: Bool) throws
    where F.Event: JSONWritable & Equatable {
        let dispatcher = _FeedDispatcher(feed: feed)
        dispatcher.subscribed(atMilliseconds: 0)
        let queue = _FlushQueue()
        let (seen, kept, carried) = (Seen<Bool>(), Seen<F.Event>(), Seen<F.Event>())
        dispatcher.attach(
            _FeedSubscriber(
                .callback { event in
                    guard let data = event.data else { return }
                    let position = seen.append(true)
                    #expect(data == events[position])
                    if position % 3 == 0 { kept.append(data) }
                }, conflates: false, queue: queue))
        if alsoBatches {
            dispatcher.attach(
                _FeedSubscriber(
                    .batches { batch, _ in
                        guard let batch = batch as? _TypedBatch<F.Event> else { return }
                        for data in batch.events.compactMap(\.data) { carried.append(data) }
                    }, conflates: false, queue: queue))
        }
        for event in events { try _dispatch(event, of: feed, into: dispatcher) }
        queue.flush()
        #expect(seen.all.count == events.count)
        #expect(kept.all == stride(from: 0, to: events.count, by: 3).map { events[$0] })
        if alsoBatches { #expect(carried.all == events) }
    }

    @Test(arguments: [false, true]) func `a kept book does not change when later ones arrive`(alsoBatches: Bool) throws
    {
        try run(L2BookFeed(coin: "BTC"), books(), alsoBatches: alsoBatches)
    }

    @Test(arguments: [false, true]) func `kept trades do not change when later ones arrive`(alsoBatches: Bool) throws {
        try run(TradesFeed(coin: "BTC"), trades(), alsoBatches: alsoBatches)
    }

    @Test func `trades that no subscriber keeps share one storage`() throws {
        let addresses = Seen<Int>()
        let feed = TradesFeed(coin: "BTC")
        let dispatcher = _FeedDispatcher(feed: feed)
        dispatcher.subscribed(atMilliseconds: 0)
        dispatcher.attach(
            _FeedSubscriber(
                .callback { event in
                    guard case .update(let rows) = event else { return }
                    let position = unsafe rows.withUnsafeBytes { Int(bitPattern: $0.baseAddress) }
                    addresses.append(position)
                }, conflates: false, queue: _FlushQueue()))
        // The largest first: its storage is large enough for all others.
        for rows in trades().sorted(by: { $0.count > $1.count }) { try _dispatch(rows, of: feed, into: dispatcher) }
        #expect(Set(addresses.all.dropFirst()).count == 1)
    }
}
