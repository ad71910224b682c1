/// One subscriber's end of a dispatcher: a callback, or a stage whose events leave together at the end of a read.
/// Bound to the client's loop. Public only because the code that uses it is compiled with each feed.
@safe public final class _FeedSubscriber<Event: Sendable> {
    /// Where the events go.
    public enum Destination: Sendable {
        /// Called at once, for each event.
        case callback(@Sendable (FeedEvent<Event>) -> Void)
        /// Called once a read, or a few times in a long one, with all that came.
        case batches(@Sendable (any _EventBatch, _ conflatedCount: Int) -> Void)
    }

    @usableFromInline let isCallback: Bool
    // Out of the enumeration: to take a closure out of one counts a reference up and down for each event.
    @usableFromInline let callback: @Sendable (FeedEvent<Event>) -> Void
    @usableFromInline let take: @Sendable (any _EventBatch, _ conflatedCount: Int) -> Void
    @usableFromInline let conflates: Bool
    @usableFromInline let queue: _FlushQueue
    // Unchecked: no access to them calls anything that could come back here. Checks were 80 instructions an event.
    @exclusivity(unchecked) @usableFromInline var staged: [FeedEvent<Event>] = []
    @exclusivity(unchecked) @usableFromInline var conflatedCount = 0
    @exclusivity(unchecked) @usableFromInline var typicalCount = 0

    /// Makes an subscriber; `conflates` keeps only the newest state of what waits to leave.
    public init(_ destination: Destination, conflates: Bool, queue: _FlushQueue) {
        switch destination {
        case .callback(let callback): (isCallback, self.callback, take) = (true, callback, { _, _ in })
        case .batches(let take): (isCallback, callback, self.take) = (false, { _ in }, take)
        }
        self.conflates = conflates
        self.queue = queue
    }

    /// Takes an event. Inline, because an event handed on by a function is copied for the next one.
    @inlinable @inline(__always) public func receive(_ event: FeedEvent<Event>) {
        if isCallback { callback(event) } else { stage(event) }
    }

    @inlinable func stage(_ event: FeedEvent<Event>) {
        if unsafe staged.isEmpty {
            // Only now: of a thousand subscribers few have something in one read, and the others need hold nothing.
            if unsafe typicalCount > 1 { unsafe staged.reserveCapacity(typicalCount) }
            queue.add(self) { unsafe unsafeDowncast($0, to: _FeedSubscriber<Event>.self).flush() }
        } else if conflates, event.isData, unsafe staged[staged.count - 1].isData {
            // Exchanged, not overwritten: what the end of the older event runs comes after the access.
            var older = event
            unsafe swap(&older, &staged[staged.count - 1])
            unsafe conflatedCount &+= 1
            return
        }
        unsafe staged.append(event)
    }

    /// Lets go of what came in this read.
    @inlinable public func flush() {
        guard unsafe !staged.isEmpty else { return }
        var events: [FeedEvent<Event>] = []
        unsafe swap(&events, &staged)
        let conflated = unsafe conflatedCount
        unsafe typicalCount = max(events.count, typicalCount - typicalCount / 8)
        unsafe conflatedCount = 0
        take(_TypedBatch(events), conflated)
    }
}

/// The subscribers that hold something at the end of a read. Bound to the client's loop.
public final class _FlushQueue {
    /// An subscriber, and how it lets go: a function for its own feed's type, not one that asks for the type each time.
    private struct Entry {
        let subscriber: AnyObject
        let flush: (AnyObject) -> Void
    }

    private var entries: [Entry] = []
    private var retired: [AnyObject] = []

    /// An empty queue.
    public init() {}

    /// How many subscribers hold something.
    public var count: Int { entries.count }

    /// Has an subscriber let go of what it holds at the end of the read, by `flush`.
    @usableFromInline func add(_ subscriber: AnyObject, _ flush: @escaping (AnyObject) -> Void) {
        entries.append(Entry(subscriber: subscriber, flush: flush))
    }

    /// Keeps until the end of the read who has left in its course: those on a message's way call each other without
    /// counting references.
    public func deferRelease(_ object: AnyObject) { retired.append(object) }

    /// Lets all go that came in this read.
    public func flush() {
        if !retired.isEmpty { retired.removeAll() }
        // What lets go may fill others: a buffer that overflows ends its subscription, and that may free another.
        while !entries.isEmpty {
            var due: [Entry] = []
            swap(&due, &entries)
            for entry in due { entry.flush(entry.subscriber) }
            guard entries.isEmpty else { continue }
            due.removeAll(keepingCapacity: true)
            swap(&due, &entries)
        }
    }
}
