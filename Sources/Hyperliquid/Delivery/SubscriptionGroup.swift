internal import NIOConcurrencyHelpers
internal import WebSocketTransport

/// Many subscriptions of one feed type, read by one task.
///
/// With hundreds of subscriptions and a task for each, waking the tasks costs more than everything else. In a group,
/// one wake-up takes what one read of the socket brought for all members. Each member keeps its own buffer and policy.
///
/// ```swift
/// let books = SubscriptionGroup<L2BookFeed>()
/// for coin in coins { books.add(try await client.subscribe(to: .l2Book(coin))) }
/// for await batch in books {
///     for event in batch.events { print(event) }
///     if let failure = batch.failure { print(batch.feed.coin, failure) }
/// }
/// ```
///
/// The end of a member is reported in its last batch, with its error if it failed; the other members go on. The
/// sequence waits for its first member and ends after its last one; a group that
/// ``HyperliquidClient/subscribe(toEach:of:delivery:waitsForLimits:refreshInterval:timeout:)`` made waits for coins that
/// are yet to be listed, and ends with the client. Only one iterator can be made. Leaving the loop,
/// dropping the group, cancelling the reading task and the graceful shutdown of its service unsubscribe all members.
public final class SubscriptionGroup<F: Feed>: AsyncSequence, Sendable {
    /// The events of one member in one read.
    public typealias Element = SubscriptionBatch<F>
    /// The sequence does not fail: a member's error is in its last batch.
    public typealias Failure = Never

    private let members: GroupMembers

    /// Makes a group without members.
    public init() { members = GroupMembers() }

    /// Makes a group whose members a client adds and ends as the listings change.
    init(following members: GroupMembers) { self.members = members }

    deinit { members.giveUp() }

    /// Adds a subscription, whose events the group delivers from now on. If the group's iterator has ended already, the
    /// subscription is unsubscribed. If the subscription is read elsewhere, its only batch has an error with the code
    /// `alreadyRead`.
    public func add(_ subscription: Subscription<F>) {
        members.add(GroupMember(subscription))
    }

    /// Makes the iterator, of which there can be only one.
    public func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(GroupReader(members, group: self))
    }

    /// Reads batch by batch. All waiting batches are dequeued at once and returned without suspending.
    public struct AsyncIterator: AsyncIteratorProtocol {
        @usableFromInline var reader: GroupReader

        init(_ reader: GroupReader) {
            self.reader = reader
        }

        /// Returns the next batch, or `nil` when the last member has ended and when the task is cancelled.
        @inlinable public mutating func next(
            isolation actor: isolated (any Actor)? = #isolation
        ) async -> SubscriptionBatch<F>? {
            repeat {
                if let dequeued = reader.next() { return batch(dequeued) }
            } while await reader.refill()
            return nil
        }

        @inlinable func batch(_ dequeued: GroupReader.Dequeued) -> SubscriptionBatch<F> {
            // The group takes subscriptions to this feed type only, and their buffers were made for it.
            let feed = unsafe unsafeDowncast(dequeued.member.feed, to: FeedBox<F>.self).feed
            let events = dequeued.batch.map { unsafe unsafeDowncast($0, to: _TypedBatch<F.Event>.self).events }
            return SubscriptionBatch(
                id: dequeued.member.id, feed: feed, events: events ?? [], isLast: events == nil,
                failure: dequeued.failure)
        }

        /// Returns the next batch, or `nil` when the last member has ended and when the task is cancelled.
        @inlinable public mutating func next() async -> SubscriptionBatch<F>? { await next(isolation: nil) }
    }
}

/// The events of one member of a ``SubscriptionGroup`` in one read, or the member's end.
public struct SubscriptionBatch<F: Feed>: Sendable {
    /// The member's id, as ``Subscription/id``.
    public let id: SubscriptionID
    /// The member's feed.
    public let feed: F
    /// The member's events, in order: none in the last batch, at least one in all others.
    public let events: [FeedEvent<F.Event>]
    /// Whether the member has ended with this batch.
    public let isLast: Bool
    /// The error that ended the member; `nil` while it goes on, and if it was unsubscribed or the client shut down.
    public let failure: HyperliquidError?

    /// Makes a batch, for tests of code that reads one.
    @inlinable public init(
        id: SubscriptionID, feed: F, events: [FeedEvent<F.Event>], isLast: Bool, failure: HyperliquidError?
    ) {
        self.id = id
        self.feed = feed
        self.events = events
        self.isLast = isLast
        self.failure = failure
    }
}

/// One subscription of a group, in a form that does not name the feed's type.
@usableFromInline final class GroupMember: Sendable {
    @usableFromInline let id: SubscriptionID
    /// A `FeedBox` of the group's feed type.
    @usableFromInline let feed: any AnyObject & Sendable
    let buffer: EventBuffer
    /// `nil` if the subscription is read elsewhere.
    let lease: SubscriptionLease?

    init<F: Feed>(_ subscription: Subscription<F>) {
        id = subscription.id
        feed = FeedBox(subscription.feed)
        (buffer, lease) = subscription.makeReader()
    }
}

@usableFromInline final class FeedBox<F: Feed>: Sendable {
    @usableFromInline let feed: F

    init(_ feed: F) {
        self.feed = feed
    }
}

/// The members of a group, and which of them have something to read.
final class GroupMembers: Sendable {
    private struct State: ReadableState {
        var all: [ObjectIdentifier: GroupMember] = [:]
        var ready: [GroupMember] = []
        /// Whether members are added as the listings change, so that more may come when none is left.
        var followsListings = false
        /// Whether there were members and none is left.
        var isOver = false
        /// Whether the reader has left: members that are added now are unsubscribed.
        var isClosed = false
        var reader = ReaderContinuation()

        var isReady: Bool { !ready.isEmpty || isOver }
    }

    private let state: NIOLockedValueBox<State>

    init(followsListings: Bool = false) {
        var state = State()
        state.followsListings = followsListings
        self.state = NIOLockedValueBox(state)
    }

    /// Whether the reader has left.
    var isClosed: Bool { state.withLockedValue(\.isClosed) }

    /// Notes that no more members come: the sequence ends after the last one that is left.
    func endFollowing() {
        let reader = unsafe state.withLockedValue { state -> UnsafeContinuation<Void, Never>? in
            state.followsListings = false
            state.isOver = state.all.isEmpty
            return unsafe state.isOver ? state.reader.take() : nil
        }
        unsafe reader?.resume()
    }

    func add(_ member: GroupMember) {
        let isClosed = state.withLockedValue { state in
            if state.isClosed { return true }
            state.all[ObjectIdentifier(member)] = member
            state.isOver = false
            return false
        }
        guard !isClosed else {
            member.lease?.giveUp()
            return
        }
        // This makes a reference cycle, which lasts until the member is removed.
        member.buffer.listen { self.becameReady(member) }
    }

    private func becameReady(_ member: GroupMember) {
        let reader = unsafe state.withLockedValue { state -> UnsafeContinuation<Void, Never>? in
            guard state.all[ObjectIdentifier(member)] != nil else { return nil }
            state.ready.append(member)
            return unsafe state.reader.take()
        }
        unsafe reader?.resume()
    }

    /// Moves the members that have something to read into an empty array, by swapping the two arrays.
    /// - Returns: `false` once no member is left.
    func dequeue(into ready: inout [GroupMember]) -> Bool {
        state.withLockedValue { state in
            swap(&ready, &state.ready)
            return !state.isOver
        }
    }

    func wait() async { await state.waitUntilReady() }

    /// Removes a member that has ended.
    func remove(_ member: GroupMember) {
        member.buffer.stopListening()
        state.withLockedValue {
            $0.all[ObjectIdentifier(member)] = nil
            $0.isOver = $0.all.isEmpty && !$0.followsListings
        }
    }

    /// Unsubscribes all members, which end once their events have been read, and any that are added later.
    func unsubscribeAll() {
        let remaining = state.withLockedValue { state in
            state.isClosed = true
            state.isOver = state.all.isEmpty
            return state.all.values
        }
        for member in remaining { member.lease?.giveUp() }
    }

    /// Unsubscribes all members, and any that are added later. Nothing more is read.
    func giveUp() {
        let remaining = state.withLockedValue { state in
            (state.isClosed, state.isOver, state.ready) = (true, true, [])
            defer { state.all = [:] }
            return state.all.values
        }
        for member in remaining {
            member.buffer.stopListening()
            member.lease?.giveUp()
        }
    }
}

/// Reads a group batch by batch, without knowing the type of the events.
@usableFromInline struct GroupReader {
    /// One member's batch, or its end.
    @usableFromInline struct Dequeued {
        @usableFromInline let member: GroupMember
        @usableFromInline let batch: (any _EventBatch)?
        @usableFromInline let failure: HyperliquidError?
    }

    /// Unsubscribes all members of the group when the iterator ends, even if the group is still held.
    private final class Hold {
        private let members: GroupMembers
        private let group: AnyObject

        init(_ members: GroupMembers, _ group: AnyObject) {
            self.members = members
            self.group = group
        }

        deinit { members.giveUp() }
    }

    private let members: GroupMembers
    private let hold: Hold
    private var ready: [GroupMember] = []
    /// How many of the ready members have been read.
    private var readyPosition = 0
    private var waiting: [any _EventBatch] = []
    private var position = 0
    private var shutdown = ServiceShutdown()
    /// Whether the client of a member that has ended was shut down as a service of a group.
    private var clientEndsWithService = false

    init(_ members: GroupMembers, group: AnyObject) {
        self.members = members
        hold = Hold(members, group)
    }

    /// Returns the next of the batches that were dequeued, or `nil` when all have been read. Not asynchronous,
    /// because the caller checks its executor after each asynchronous call.
    @usableFromInline mutating func next() -> Dequeued? {
        while true {
            if position < waiting.count {
                position += 1
                return Dequeued(member: ready[readyPosition - 1], batch: waiting[position - 1], failure: nil)
            }
            if position > 0 { waiting.removeAll(keepingCapacity: waiting.capacity <= BatchReader.keptCapacity) }
            position = 0
            guard readyPosition < ready.count else { return nil }
            readyPosition += 1
            let member = ready[readyPosition - 1]
            let dequeued = member.buffer.dequeue(into: &waiting, atMilliseconds: SystemClock.wallMilliseconds)
            guard case .ended(let failure) = dequeued else { continue }
            members.remove(member)
            clientEndsWithService = clientEndsWithService || member.lease?.clientEndsWithService == true
            return Dequeued(member: member, batch: nil, failure: failure)
        }
    }

    /// Waits until members have something to read. Runs on its caller's executor, as ``BatchReader`` does.
    /// - Returns: `false` at the end.
    @usableFromInline nonisolated(nonsending) mutating func refill() async -> Bool {
        // Members that were read are not kept while the reader waits.
        ready.removeAll(keepingCapacity: true)
        readyPosition = 0
        while true {
            // Cancellation is checked before each dequeue, because busy feeds always have something to read.
            if Task.isCancelled {
                members.giveUp()
                return false
            }
            if shutdown.begins() { members.unsubscribeAll() }
            let isOver = !members.dequeue(into: &ready)
            if !ready.isEmpty { return true }
            let members = members
            guard !isOver else {
                if clientEndsWithService { await shutdown.wait() }
                return false
            }
            guard shutdown.isWatched else {
                await members.wait()
                continue
            }
            await shutdown.during({ await members.wait() }, onShutdown: { members.unsubscribeAll() })
        }
    }
}
