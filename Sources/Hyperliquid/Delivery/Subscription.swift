internal import Synchronization
internal import WebSocketTransport

/// One subscriber's subscription to a feed: an asynchronous sequence of its events.
///
/// It can be read once: a second loop throws an error with the code `alreadyRead`. Leaving the loop, dropping the
/// subscription or cancelling the reading task unsubscribes. When the last subscriber of a feed leaves, the client
/// unsubscribes from it at the venue.
///
/// The sequence ends without an error after ``HyperliquidClient/unsubscribe(_:)``, when the client shuts down, and on the
/// graceful shutdown of the service in whose task it is read; the events received until then can still be read. It throws
/// a ``HyperliquidError`` when the subscription fails: for example with the code `overflow` when its buffer is full.
///
/// In a `ServiceGroup`, the client and the services that read from it may be listed in either order. If the client is
/// shut down first, the sequence ends when its reader's turn has come, as the group demands.
public struct Subscription<F: Feed>: AsyncSequence, Sendable {
    /// An event of the feed.
    public typealias Element = FeedEvent<F.Event>
    /// The error that ends the sequence early.
    public typealias Failure = HyperliquidError

    /// The subscription's id, for the client's other calls.
    public let id: SubscriptionID
    /// The feed that was subscribed to.
    public let feed: F
    let buffer: EventBuffer
    private let lease: SubscriptionLease

    init(id: SubscriptionID, feed: F, buffer: EventBuffer, client: HyperliquidClient) {
        self.id = id
        self.feed = feed
        self.buffer = buffer
        lease = SubscriptionLease(id: id, client: client)
    }

    /// What a reader reads, and its own lease, which unsubscribes when the reader ends, even if the sequence is still held.
    /// A second reader only gets the error that it is one.
    func makeReader() -> (buffer: EventBuffer, lease: SubscriptionLease?) {
        buffer.takeReader() ? (buffer, lease.forIterator()) : (EventBuffer(endedBy: .readTwice(id)), nil)
    }

    /// Makes the iterator. There can be only one: a second one throws an error with the code `alreadyRead`.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(batches: batches.makeAsyncIterator())
    }

    /// The same events in arrays: one wake-up of the reader takes everything that one read of the socket brought.
    public var batches: Batches { Batches(subscription: self) }

    /// Reads event by event. A whole batch is dequeued at once, and its events are returned without suspending.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline var batch: [FeedEvent<F.Event>] = []
        @usableFromInline var position = 0
        @usableFromInline var batches: Batches.AsyncIterator

        init(batches: Batches.AsyncIterator) {
            self.batches = batches
        }

        /// Returns the next event, or `nil` at the end and when the task is cancelled.
        /// - Throws: ``HyperliquidError`` if the subscription failed.
        @inlinable public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async throws(HyperliquidError) -> FeedEvent<F.Event>? {
            if position < batch.count {
                position &+= 1
                return batch[position &- 1]
            }
            // This batch has been read to its end, and must not be kept while the reader waits.
            batch = []
            position = 0
            guard let next = try await batches.next(isolation: actor) else { return nil }
            batch = next
            position = 1
            return batch[0]
        }

        /// Returns the next event, or `nil` at the end and when the task is cancelled.
        /// - Throws: ``HyperliquidError`` if the subscription failed.
        @inlinable public mutating func next() async throws(HyperliquidError) -> FeedEvent<F.Event>? {
            try await next(isolation: nil)
        }
    }

    /// A subscription's events as arrays, none of them empty.
    public struct Batches: AsyncSequence, Sendable {
        /// The events of one or several reads, in order.
        public typealias Element = [FeedEvent<F.Event>]
        /// The error that ends the sequence early.
        public typealias Failure = HyperliquidError

        let subscription: Subscription<F>

        /// Makes the iterator. There can be only one: a second one throws an error with the code `alreadyRead`.
        public func makeAsyncIterator() -> AsyncIterator {
            let (buffer, lease) = subscription.makeReader()
            return AsyncIterator(BatchReader(buffer: buffer, lease: lease))
        }

        /// Reads batch by batch.
        public struct AsyncIterator: AsyncIteratorProtocol {
            @usableFromInline var reader: BatchReader

            init(_ reader: BatchReader) {
                self.reader = reader
            }

            /// Returns the next batch, or `nil` at the end and when the task is cancelled.
            /// - Throws: ``HyperliquidError`` if the subscription failed.
            @inlinable public mutating func next(
                isolation actor: isolated (any Actor)? = #isolation
            ) async throws(HyperliquidError) -> [FeedEvent<F.Event>]? {
                guard let batch = try await reader.next() else { return nil }
                // The buffer was made for this feed, so all its batches hold events of this type.
                return unsafe unsafeDowncast(batch, to: _TypedBatch<F.Event>.self).events
            }

            /// Returns the next batch, or `nil` at the end and when the task is cancelled.
            /// - Throws: ``HyperliquidError`` if the subscription failed.
            @inlinable public mutating func next() async throws(HyperliquidError) -> [FeedEvent<F.Event>]? {
                try await next(isolation: nil)
            }
        }
    }
}

/// Reads a buffer batch by batch, without knowing the type of the events.
@usableFromInline struct BatchReader {
    private let buffer: EventBuffer
    /// `nil` if this reader is not the first one of its subscription.
    private let lease: SubscriptionLease?
    private var waiting: [any _EventBatch] = []
    private var position = 0
    private var shutdown = ServiceShutdown()

    init(buffer: EventBuffer, lease: SubscriptionLease?) {
        self.buffer = buffer
        self.lease = lease
    }

    /// The array of batches is reused unless a slow reader made it longer than this.
    static let keptCapacity = 64

    /// Returns the next batch, or `nil` at the end.
    ///
    /// Runs on its caller's executor. An isolation parameter would add two executor checks to each wake-up, which cost
    /// 300 instructions in a task that prefers an executor.
    @usableFromInline nonisolated(nonsending) mutating func next()
        async throws(HyperliquidError) -> (any _EventBatch)?
    {
        while true {
            if position < waiting.count {
                position += 1
                return waiting[position - 1]
            }
            // Cancellation is checked before each dequeue, because a busy feed always has something to read.
            if Task.isCancelled {
                lease?.giveUp()
                return nil
            }
            // What was received before the shutdown is still read.
            if shutdown.begins() { lease?.giveUp() }
            // Batches that were read are not kept while the reader waits.
            if position > 0 { waiting.removeAll(keepingCapacity: waiting.capacity <= Self.keptCapacity) }
            position = 0
            switch buffer.dequeue(into: &waiting, atMilliseconds: SystemClock.wallMilliseconds) {
            case .batches: continue
            case .ended(let failure):
                if let failure { throw failure }
                if lease?.clientEndsWithService == true { await shutdown.wait() }
                return nil
            case .nothing:
                guard shutdown.isWatched else {
                    await buffer.wait()
                    continue
                }
                let (buffer, lease) = (buffer, lease)
                await shutdown.during({ await buffer.wait() }, onShutdown: { lease?.giveUp() })
            }
        }
    }
}

/// Unsubscribes from a subscription when the lease is released.
final class SubscriptionLease: Sendable {
    private let id: SubscriptionID
    private let client: HyperliquidClient
    private let isHandedOver = Atomic(false)

    init(id: SubscriptionID, client: HyperliquidClient) {
        self.id = id
        self.client = client
    }

    /// Makes the iterator's own lease. From now on, the release of that lease unsubscribes, and the release of this one
    /// does not.
    func forIterator() -> SubscriptionLease {
        isHandedOver.store(true, ordering: .relaxed)
        return SubscriptionLease(id: id, client: client)
    }

    /// Unsubscribes now.
    func giveUp() { client.giveUp(id) }

    /// Whether the client was shut down as a service of a group.
    var clientEndsWithService: Bool { client.endsWithService.load(ordering: .acquiring) }

    deinit {
        // The last release comes after every other use, so this load needs no ordering.
        if !isHandedOver.load(ordering: .relaxed) { client.giveUp(id) }
    }
}

/// Owns a subscription whose events go to a callback: the subscription ends when the token is released.
///
/// ```swift
/// final class Dashboard {
///     let bitcoin: SubscriptionToken
///
///     init(client: HyperliquidClient) async throws {
///         let id = try await client.subscribe(to: .bbo("BTC"), onEvent: { print($0) })
///         bitcoin = SubscriptionToken(id, of: client)
///     }
/// }
/// ```
public final class SubscriptionToken: Sendable {
    /// The subscription's id, for the client's other calls.
    public let id: SubscriptionID
    private let lease: SubscriptionLease

    /// Makes the owner of a subscription.
    /// - Parameters:
    ///   - id: The id that `subscribe` returned.
    ///   - client: The client of the subscription.
    public init(_ id: SubscriptionID, of client: HyperliquidClient) {
        self.id = id
        lease = SubscriptionLease(id: id, client: client)
    }

    /// Ends the subscription now. Does nothing if it has ended.
    public func cancel() { lease.giveUp() }
}
