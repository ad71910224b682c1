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

/// What came for one subscriber in one read, its event type hidden.
///
/// What carries it from the client's loop to its reader is compiled once, for all feeds: generic code there would ask
/// the runtime for its types at each batch, which was a third of what a batch costs. Public only because the code that
/// reads it is compiled with each feed.
public protocol _EventBatch: AnyObject, Sendable {
    /// How many events it has.
    var count: Int { get }
    /// How many of these events are data.
    func dataCount(in range: Range<Int>) -> Int
    /// The same without the first events, begun by a gap if one is given.
    func dropping(first count: Int, gap: Gap?) -> any _EventBatch
    /// This and what came after it, with only the newest data, and how many events that left out.
    func conflated(with newer: any _EventBatch) -> (batch: any _EventBatch, conflatedCount: Int)
}

/// A batch of one feed's events.
public final class _TypedBatch<Event: Sendable>: _EventBatch {
    /// The events, in order.
    public let events: [FeedEvent<Event>]
    /// How many events it has. Stored: to ask the array, code that does not know the type asks the runtime for it.
    public let count: Int

    @inlinable init(_ events: [FeedEvent<Event>]) {
        self.events = events
        count = events.count
    }

    /// How many of these events are data.
    public func dataCount(in range: Range<Int>) -> Int { events[range].count { $0.isData } }

    /// The same without the first events, begun by a gap if one is given.
    public func dropping(first count: Int, gap: Gap?) -> any _EventBatch {
        _TypedBatch((gap.map { [.gap($0)] } ?? []) + events[count...])
    }

    /// This and what came after it, with only the newest data, and how many events that left out.
    public func conflated(with newer: any _EventBatch) -> (batch: any _EventBatch, conflatedCount: Int) {
        let batch = unsafe unsafeDowncast(newer, to: _TypedBatch.self).events
        let isReplaced = batch.contains { $0.isData }
        let kept = isReplaced ? events.filter { !$0.isData } : events
        // Gaps and faults without any data between them: a handful at most, unless the venue sends only rubbish.
        return (_TypedBatch(kept.suffix(64) + batch), events.count - kept.count)
    }
}
