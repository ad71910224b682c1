internal import Synchronization

/// One subscriber's subscription on a feed: an asynchronous sequence of its events.
///
/// For one iterator. Leaving the loop, dropping the subscription or cancelling the reading task unsubscribes; the
/// last one to leave a feed ends its subscription at the venue.
public struct Subscription<F: Feed>: AsyncSequence, Sendable {
    /// What the sequence delivers.
    public typealias Element = FeedEvent<F.Event>
    /// What ends it early.
    public typealias Failure = HyperliquidError

    /// The subscription's id, for the client's other calls.
    public let id: SubscriptionID
    /// The feed that was asked for.
    public let feed: F
    let buffer: EventBuffer
    private let lease: SubscriptionLease

    init(id: SubscriptionID, feed: F, buffer: EventBuffer, client: HyperliquidClient) {
        self.id = id
        self.feed = feed
        self.buffer = buffer
        lease = SubscriptionLease(id: id, client: client)
    }

    /// The reader's own subscription, whose end ends the subscription though others may still hold the sequence.
    func leaseForReader() -> SubscriptionLease { lease.forIterator() }

    /// Reads event by event.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(batches: batches.makeAsyncIterator())
    }

    /// The same events, as arrays: one wake-up of the reader takes all that came in a read of the socket.
    public var batches: Batches { Batches(subscription: self) }

    /// Reads event by event; a whole batch is taken at once and handed out without suspending.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline var batch: [FeedEvent<F.Event>] = []
        @usableFromInline var position = 0
        @usableFromInline var batches: Batches.AsyncIterator

        init(batches: Batches.AsyncIterator) {
            self.batches = batches
        }

        /// The next event; nothing at the end.
        /// - Throws: ``HyperliquidError`` when the subscription ended early.
        @inlinable public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(HyperliquidError) -> FeedEvent<F.Event>? {
            if position < batch.count {
                position &+= 1
                return batch[position &- 1]
            }
            // Not held while nothing comes; it has been read to its end.
            batch = []
            position = 0
            guard let next = try await batches.next(isolation: actor) else { return nil }
            batch = next
            position = 1
            return batch[0]
        }

        /// The next event; nothing at the end.
        /// - Throws: ``HyperliquidError`` when the subscription ended early.
        @inlinable public mutating func next() async throws(HyperliquidError) -> FeedEvent<F.Event>? {
            try await next(isolation: nil)
        }
    }

    /// A subscription's events as arrays, none of them empty.
    public struct Batches: AsyncSequence, Sendable {
        /// What the sequence delivers.
        public typealias Element = [FeedEvent<F.Event>]
        /// What ends it early.
        public typealias Failure = HyperliquidError

        let subscription: Subscription<F>

        /// Reads batch by batch.
        public func makeAsyncIterator() -> AsyncIterator {
            AsyncIterator(BatchReader(buffer: subscription.buffer, lease: subscription.leaseForReader()))
        }

        /// Reads batch by batch.
        public struct AsyncIterator: AsyncIteratorProtocol {
            @usableFromInline var reader: BatchReader

            init(_ reader: BatchReader) {
                self.reader = reader
            }

            /// The next batch; nothing at the end.
            /// - Throws: ``HyperliquidError`` when the subscription ended early.
            @inlinable public mutating func next(
                isolation actor: isolated (any Actor)? = #isolation
            ) async throws(HyperliquidError) -> [FeedEvent<F.Event>]? {
                guard let batch = try await reader.next() else { return nil }
                // The buffer was made for this feed.
                return unsafe unsafeDowncast(batch, to: _TypedBatch<F.Event>.self).events
            }

            /// The next batch; nothing at the end.
            /// - Throws: ``HyperliquidError`` when the subscription ended early.
            @inlinable public mutating func next() async throws(HyperliquidError) -> [FeedEvent<F.Event>]? {
                try await next(isolation: nil)
            }
        }
    }
}

/// Reads a buffer batch by batch, whatever their events are.
@usableFromInline struct BatchReader {
    private let buffer: EventBuffer
    private let lease: SubscriptionLease
    private var waiting: [any _EventBatch] = []
    private var position = 0

    init(buffer: EventBuffer, lease: SubscriptionLease) {
        self.buffer = buffer
        self.lease = lease
    }

    /// A read array is used again for what comes next, unless a slow reader made it longer than this.
    static let keptCapacity = 64

    /// The next batch; nothing at the end.
    ///
    /// On its caller's executor: with an isolation for a parameter each wake-up would look twice more whether it is
    /// where it belongs, which costs 300 instructions where a task prefers an executor.
    @usableFromInline nonisolated(nonsending) mutating func next()
        async throws(HyperliquidError) -> (any _EventBatch)?
    {
        while true {
            if position < waiting.count {
                position += 1
                return waiting[position - 1]
            }
            // Asked before anything is taken: a busy feed always has something.
            if Task.isCancelled {
                lease.giveUp()
                return nil
            }
            // What has been read is not held while nothing comes.
            if position > 0 { waiting.removeAll(keepingCapacity: waiting.capacity <= Self.keptCapacity) }
            position = 0
            switch buffer.take(into: &waiting, atMilliseconds: WallClock.milliseconds) {
            case .batches: continue
            case .ended(let failure):
                if let failure { throw failure }
                return nil
            case .nothing: await buffer.wait()
            }
        }
    }
}

/// Unsubscribes when the last one who holds it lets go.
final class SubscriptionLease: Sendable {
    private let id: SubscriptionID
    private let client: HyperliquidClient
    private let isHandedOver = Atomic(false)

    init(id: SubscriptionID, client: HyperliquidClient) {
        self.id = id
        self.client = client
    }

    /// A token of the iterator's own: its end ends the subscription though the sequence may still be held, and the
    /// sequence's end does not end what is still being read.
    func forIterator() -> SubscriptionLease {
        isHandedOver.store(true, ordering: .relaxed)
        return SubscriptionLease(id: id, client: client)
    }

    func giveUp() { client.giveUp(id) }

    deinit {
        // The last release of the sequence comes after all it did, so the order of this one load does not matter.
        if !isHandedOver.load(ordering: .relaxed) { client.giveUp(id) }
    }
}
