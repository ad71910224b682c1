/// Many subscriptions of one feed type, read by one task.
///
/// With a task for each of hundreds of subscriptions, waking the tasks costs more than all the rest; here one wake-up
/// takes what a read of the socket brought for every member. Each member keeps its own buffer and policy.
///
/// ```swift
/// let books = SubscriptionGroup<L2BookFeed>()
/// for coin in coins { books.add(try await client.subscribe(to: .l2Book(coin))) }
/// for await batch in books {
///     for event in batch.events { … }
///     if let failure = batch.failure { print(batch.feed.coin, failure) }
/// }
/// ```
///
/// A member that ends, with an error or without, says so in its last batch and ends nobody else. The sequence waits for
/// its first member and ends with its last one. For one iterator at a time: leaving the loop, dropping the group or
/// cancelling the reading task unsubscribes all members.
public final class SubscriptionGroup<F: Feed>: AsyncSequence, Sendable {
    /// What the sequence delivers.
    public typealias Element = SubscriptionBatch<F>
    /// Nothing ends it early: a member's error is in its last batch.
    public typealias Failure = Never

    private let members = GroupMembers()

    /// A group without members.
    public init() {}

    deinit { members.giveUp() }

    /// Adds a subscription, which is from now on read here only.
    /// - Precondition: It is read nowhere else.
    public func add(_ subscription: Subscription<F>) {
        members.add(GroupMember(subscription))
    }

    /// Reads batch by batch.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(GroupReader(members, group: self))
    }

    /// Reads batch by batch; all that waits is taken at once and handed out without suspending.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline var reader: GroupReader

        init(_ reader: GroupReader) {
            self.reader = reader
        }

        /// The next member's batch; nothing when the last member has ended.
        @inlinable public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async -> SubscriptionBatch<F>? {
            repeat {
                if let taken = reader.take() { return batch(taken) }
            } while await reader.refill()
            return nil
        }

        @inlinable func batch(_ taken: GroupReader.Taken) -> SubscriptionBatch<F> {
            // The group takes subscriptions to this feed type only, and their buffer were made for it.
            let feed = unsafe unsafeDowncast(taken.member.feed, to: FeedBox<F>.self).feed
            let events = taken.batch.map { unsafe unsafeDowncast($0, to: _TypedBatch<F.Event>.self).events }
            return SubscriptionBatch(
                id: taken.member.id, feed: feed, events: events ?? [], isLast: events == nil, failure: taken.failure)
        }

        /// The next member's batch; nothing when the last member has ended.
        @inlinable public mutating func next() async -> SubscriptionBatch<F>? { await next(isolation: nil) }
    }
}

/// What came for one member of a group in one read.
public struct SubscriptionBatch<F: Feed>: Sendable {
    /// The member's id, as ``Subscription/id``.
    public let id: SubscriptionID
    /// The feed that it subscribed to.
    public let feed: F
    /// Its events, in order; none in the last batch, some in all others.
    public let events: [FeedEvent<F.Event>]
    /// Whether the member has ended with this.
    public let isLast: Bool
    /// Why it ended early; nothing while it lives, and when it was unsubscribed or the client was shut down.
    public let failure: HyperliquidError?

    @inlinable init(
        id: SubscriptionID, feed: F, events: [FeedEvent<F.Event>], isLast: Bool, failure: HyperliquidError?
    ) {
        self.id = id
        self.feed = feed
        self.events = events
        self.isLast = isLast
        self.failure = failure
    }
}
