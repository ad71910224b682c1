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
