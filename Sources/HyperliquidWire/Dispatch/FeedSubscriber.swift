/// One subscriber of a dispatcher: either a callback, or a stage whose events leave together at the end of a read.
///
/// Bound to the client's loop. Public only because the code that uses it is compiled with each feed.
@_documentation(visibility: internal)
@safe public final class _FeedSubscriber<Event: Sendable> {
    /// The destination of the events.
    public enum Destination: Sendable {
        /// Called at once for each event.
        case callback(@Sendable (FeedEvent<Event>) -> Void)
        /// Called once per read with all its events, or a few times in a long read.
        case batches(@Sendable (any _EventBatch, _ conflatedCount: Int) -> Void)
    }

    @usableFromInline let isCallback: Bool
    // Not kept in the enumeration: taking a closure out of one retains and releases it for each event.
    @usableFromInline let callback: @Sendable (FeedEvent<Event>) -> Void
    @usableFromInline let take: @Sendable (any _EventBatch, _ conflatedCount: Int) -> Void
    @usableFromInline let conflates: Bool
    @usableFromInline let queue: _FlushQueue
    // Unchecked: no access to them calls code that could come back here. The checks were 80 instructions per event.
    @exclusivity(unchecked) @usableFromInline var staged: [FeedEvent<Event>] = []
    @exclusivity(unchecked) @usableFromInline var conflatedCount = 0
    @exclusivity(unchecked) @usableFromInline var typicalCount = 0

    /// Creates a subscriber. With `conflates`, only the newest of the staged states is kept.
    public init(_ destination: Destination, conflates: Bool, queue: _FlushQueue) {
        switch destination {
        case .callback(let callback): (isCallback, self.callback, take) = (true, callback, { _, _ in })
        case .batches(let take): (isCallback, callback, self.take) = (false, { _ in }, take)
        }
        self.conflates = conflates
        self.queue = queue
    }

    /// Delivers an event. Inlined, because a function would copy the event to pass it on.
    @inlinable @inline(__always) public func receive(_ event: FeedEvent<Event>) {
        if isCallback { callback(event) } else { stage(event) }
    }

    @inlinable func stage(_ event: FeedEvent<Event>) {
        if unsafe staged.isEmpty {
            // Only now: in one read, few of a thousand subscribers receive an event, and the others need no storage.
            if unsafe typicalCount > 1 { unsafe staged.reserveCapacity(typicalCount) }
            queue.add(self) { unsafe unsafeDowncast($0, to: _FeedSubscriber<Event>.self).flush() }
        } else if conflates, event.isData, unsafe staged[staged.count - 1].isData {
            // Swapped instead of overwritten, so that the older event is destroyed after the access.
            var older = event
            unsafe swap(&older, &staged[staged.count - 1])
            unsafe conflatedCount &+= 1
            return
        }
        unsafe staged.append(event)
    }

    /// Hands over the events of this read.
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

/// The events of one read for one subscriber, with their type erased.
///
/// The code that carries them from the client's loop to a reader is compiled once for all feeds. As generic code it
/// would look up its types at run time for each batch, which was a third of the cost of a batch. Public only because
/// the code that reads it is compiled with each feed.
@_documentation(visibility: internal)
public protocol _EventBatch: AnyObject, Sendable {
    /// The number of events.
    var count: Int { get }
    /// The number of events in `range` that are data.
    func dataCount(in range: Range<Int>) -> Int
    /// The same without the first `count` events, and with a gap in front if one is given.
    func dropping(first count: Int, gap: Gap?) -> any _EventBatch
    /// These events and newer ones with only the newest data, and the number of events left out.
    func conflated(with newer: any _EventBatch) -> (batch: any _EventBatch, conflatedCount: Int)
}

/// The events of one feed in a batch.
@_documentation(visibility: internal)
public final class _TypedBatch<Event: Sendable>: _EventBatch {
    /// The events, in order.
    public let events: [FeedEvent<Event>]
    /// The number of events. Stored, because code that does not know the element type would ask the runtime for it to
    /// read the array's.
    public let count: Int

    @inlinable init(_ events: [FeedEvent<Event>]) {
        self.events = events
        count = events.count
    }

    /// The number of events in `range` that are data.
    public func dataCount(in range: Range<Int>) -> Int { events[range].count { $0.isData } }

    /// The same without the first `count` events, and with a gap in front if one is given.
    public func dropping(first count: Int, gap: Gap?) -> any _EventBatch {
        _TypedBatch((gap.map { [.gap($0)] } ?? []) + events[count...])
    }

    /// These events and newer ones with only the newest data, and the number of events left out.
    public func conflated(with newer: any _EventBatch) -> (batch: any _EventBatch, conflatedCount: Int) {
        let batch = unsafe unsafeDowncast(newer, to: _TypedBatch.self).events
        let isReplaced = batch.contains { $0.isData }
        let kept = isReplaced ? events.filter { !$0.isData } : events
        // Gaps and faults without data between them: a few at most, unless the venue sends only garbage.
        return (_TypedBatch(kept.suffix(64) + batch), events.count - kept.count)
    }
}
