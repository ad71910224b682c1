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
    /// The number of data events that a callback was called with.
    @exclusivity(unchecked) @usableFromInline var calledCount = 0
    /// How many of the staged events are gaps, and how many are faults. Both are rare.
    @usableFromInline var stagedGapCount = 0
    @usableFromInline var stagedFaultCount = 0

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
        if isCallback {
            if event.isData { unsafe calledCount &+= 1 }
            callback(event)
        } else {
            if !event.isData { countStaged(event) }
            stage(event)
        }
    }

    @inline(never) @usableFromInline func countStaged(_ event: FeedEvent<Event>) {
        if case .gap = event { stagedGapCount += 1 } else { stagedFaultCount += 1 }
    }

    /// The number of data events that a callback was called with, the present call included.
    package var callbackCount: Int { unsafe calledCount }

    /// What waits for the end of the read: all events, those of them with data, and the number of data events that a
    /// newer one has replaced.
    package var stagedCounts: (events: Int, data: Int, conflated: Int) {
        let count = unsafe staged.count
        return unsafe (count, count - stagedGapCount - stagedFaultCount, conflatedCount)
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
        let batch = _TypedBatch(events, gapCount: stagedGapCount, faultCount: stagedFaultCount)
        (stagedGapCount, stagedFaultCount) = (0, 0)
        take(batch, conflated)
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
    /// How many of the events are gaps.
    var gapCount: Int { get }
    /// How many of the events are neither data nor gaps.
    var faultCount: Int { get }
    /// Returns this batch without its first `count` events, and with `gap` in front unless it is `nil`.
    func dropping(first count: Int, gap: Gap?) -> any _EventBatch
    /// Finds the end of the events to drop, from `start`, so that `placeCount` of them are no gaps, or all if there are
    /// fewer. Adds what is dropped to `gap`, which then covers the gaps and the data among them.
    func drop(from start: Int, placeCount: Int, into gap: inout Gap?, atMilliseconds now: Int64) -> _DroppedEvents
    /// Returns this batch and a newer one as one batch with only the newest data, and the number of data events left
    /// out.
    func conflated(with newer: (any _EventBatch)?) -> (batch: any _EventBatch, conflatedCount: Int)
    /// Returns this batch from its event `start` on, and all newer ones, as one batch in which gaps that stand next to
    /// each other are one.
    func joined(from start: Int, with newer: [any _EventBatch]) -> any _EventBatch
}

extension _EventBatch {
    /// How many of the events are data.
    package var dataCount: Int { count - gapCount - faultCount }
}

/// The events at the front of a batch that are dropped.
@_documentation(visibility: internal)
public struct _DroppedEvents: Sendable {
    /// The index of the first event that stays.
    package var end: Int
    /// How many of them are data, gaps and faults.
    package var dataCount = 0
    package var gapCount = 0
    package var faultCount = 0
}

/// The events of one feed in a batch.
@_documentation(visibility: internal)
public final class _TypedBatch<Event: Sendable>: _EventBatch {
    /// The events, in order.
    public let events: [FeedEvent<Event>]
    /// The number of events. It is stored, because code that does not know the type of the elements would have to look
    /// it up at run time to read the count of the array.
    public let count: Int
    @usableFromInline let storedGapCount: Int32
    @usableFromInline let storedFaultCount: Int32

    /// How many of the events are gaps.
    public var gapCount: Int { Int(storedGapCount) }
    /// How many of the events are neither data nor gaps.
    public var faultCount: Int { Int(storedFaultCount) }

    @inlinable init(_ events: [FeedEvent<Event>], gapCount: Int, faultCount: Int) {
        self.events = events
        count = events.count
        storedGapCount = Int32(truncatingIfNeeded: gapCount)
        storedFaultCount = Int32(truncatingIfNeeded: faultCount)
    }

    @inlinable convenience init(_ events: [FeedEvent<Event>]) {
        var (gapCount, faultCount) = (0, 0)
        for event in events where !event.isData { if case .gap = event { gapCount += 1 } else { faultCount += 1 } }
        self.init(events, gapCount: gapCount, faultCount: faultCount)
    }

    /// Returns this batch without its first `count` events, and with `gap` in front unless it is `nil`.
    public func dropping(first count: Int, gap: Gap?) -> any _EventBatch {
        _TypedBatch((gap.map { [.gap($0)] } ?? []) + events[count...])
    }

    /// Finds the end of the events to drop; see ``_EventBatch``.
    public func drop(
        from start: Int, placeCount: Int, into gap: inout Gap?, atMilliseconds now: Int64
    ) -> _DroppedEvents {
        var dropped = _DroppedEvents(end: start)
        while dropped.end < count, dropped.dataCount + dropped.faultCount < placeCount {
            switch events[dropped.end] {
            case .gap(let later):
                dropped.gapCount += 1
                gap = gap?.covering(later) ?? later
            case .snapshot, .update:
                dropped.dataCount += 1
                let lost = Gap(reason: .overflow, fromMilliseconds: now, toMilliseconds: now, missedCount: 1)
                gap = gap?.covering(lost) ?? lost
            case .undecodable: dropped.faultCount += 1
            }
            dropped.end += 1
        }
        return dropped
    }

    /// How many gaps and faults may wait without data behind or in front of them, before they give way.
    private static var otherLimit: Int { 64 }

    /// Returns this batch and a newer one as one batch with only the newest data, and the number of events left out.
    ///
    /// There are few gaps and faults without data between them, unless no message can be decoded. If there are many
    /// before the newest data, or behind it, the gaps there become one and the faults are left out.
    public func conflated(with newer: (any _EventBatch)?) -> (batch: any _EventBatch, conflatedCount: Int) {
        if let newer, gapCount + faultCount == 0, newer.count == 1, newer.dataCount == 1 { return (newer, count) }
        var all = events
        if let newer { all += unsafe unsafeDowncast(newer, to: _TypedBatch.self).events }
        guard let newest = all.lastIndex(where: { $0.isData }) else { return (_TypedBatch(Self.few(all)), 0) }
        let before = all[..<newest].filter { !$0.isData }
        let kept = Self.few(before) + [all[newest]] + Self.few(Array(all[(newest + 1)...]))
        return (_TypedBatch(kept), newest - before.count)
    }

    private static func few(_ others: [FeedEvent<Event>]) -> [FeedEvent<Event>] {
        if others.count <= otherLimit { return others }
        return merged(others.filter { if case .gap = $0 { true } else { false } })
    }

    /// Returns this batch and all newer ones as one batch in which gaps that stand next to each other are one.
    public func joined(from start: Int, with newer: [any _EventBatch]) -> any _EventBatch {
        var all = Array(events[start...])
        for batch in newer { all += unsafe unsafeDowncast(batch, to: _TypedBatch.self).events }
        return _TypedBatch(Self.merged(all))
    }

    private static func merged(_ events: [FeedEvent<Event>]) -> [FeedEvent<Event>] {
        var merged: [FeedEvent<Event>] = []
        for event in events {
            if case .gap(let later) = event, case .gap(let gap)? = merged.last {
                merged[merged.count - 1] = .gap(gap.covering(later))
            } else {
                merged.append(event)
            }
        }
        return merged
    }
}
