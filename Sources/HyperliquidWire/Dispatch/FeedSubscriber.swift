/// One subscriber of a dispatcher: either a callback, or a stage that collects the events of a read and hands them
/// over together at its end.
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
    // Not kept in the enumeration: reading a closure from an enumeration retains and releases it for each event.
    @usableFromInline let callback: @Sendable (FeedEvent<Event>) -> Void
    @usableFromInline let take: @Sendable (any _EventBatch, _ conflatedCount: Int) -> Void
    @usableFromInline let conflates: Bool
    @usableFromInline let queue: _FlushQueue
    // Exclusivity of these properties is not checked: no access to them calls code that could access them again. The
    // checks cost 80 instructions per event.
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
            // Storage is reserved only now, because in one read few of a thousand subscribers receive an event.
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
    /// Returns this batch without its first `count` events, and with `gap` in front unless it is `nil`.
    func dropping(first count: Int, gap: Gap?) -> any _EventBatch
    /// Returns this batch and a newer one as one batch with only the newest data, and the number of events left out.
    func conflated(with newer: any _EventBatch) -> (batch: any _EventBatch, conflatedCount: Int)
}

/// The events of one feed in a batch.
@_documentation(visibility: internal)
public final class _TypedBatch<Event: Sendable>: _EventBatch {
    /// The events, in order.
    public let events: [FeedEvent<Event>]
    /// The number of events. It is stored, because code that does not know the type of the elements would have to look
    /// it up at run time to read the count of the array.
    public let count: Int

    @inlinable init(_ events: [FeedEvent<Event>]) {
        self.events = events
        count = events.count
    }

    /// The number of events in `range` that are data.
    public func dataCount(in range: Range<Int>) -> Int { events[range].count { $0.isData } }

    /// Returns this batch without its first `count` events, and with `gap` in front unless it is `nil`.
    public func dropping(first count: Int, gap: Gap?) -> any _EventBatch {
        _TypedBatch((gap.map { [.gap($0)] } ?? []) + events[count...])
    }

    /// Returns this batch and a newer one as one batch with only the newest data, and the number of events left out.
    public func conflated(with newer: any _EventBatch) -> (batch: any _EventBatch, conflatedCount: Int) {
        let batch = unsafe unsafeDowncast(newer, to: _TypedBatch.self).events
        let isReplaced = batch.contains { $0.isData }
        let kept = isReplaced ? events.filter { !$0.isData } : events
        // There are few gaps and faults without data between them, unless no message can be decoded.
        return (_TypedBatch(kept.suffix(64) + batch), events.count - kept.count)
    }
}
