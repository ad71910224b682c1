/// One subscriber's end of a hub: a callback, or a stage whose events leave together at the end of a read.
/// Bound to the client's loop. Public only because the code that uses it is compiled with each feed.
public final class FeedOutlet<Event: Sendable>: FlushableOutlet {
    /// Where the events go.
    public enum Destination: Sendable {
        /// Called at once, for each event.
        case callback(@Sendable (FeedEvent<Event>) -> Void)
        /// Called once a read, with all that came.
        case batches(@Sendable ([FeedEvent<Event>], _ conflatedCount: Int) -> Void)
    }

    @usableFromInline let destination: Destination
    @usableFromInline let conflates: Bool
    @usableFromInline let queue: FlushQueue
    @usableFromInline var staged: [FeedEvent<Event>] = []
    @usableFromInline var conflatedCount = 0
    private var usualCount = 0

    /// Makes an outlet; `conflates` keeps only the newest state of what waits to leave.
    public init(_ destination: Destination, conflates: Bool, queue: FlushQueue) {
        self.destination = destination
        self.conflates = conflates
        self.queue = queue
    }

    /// Takes an event.
    @inlinable public func receive(_ event: FeedEvent<Event>) {
        switch destination {
        case .callback(let callback): callback(event)
        case .batches:
            if staged.isEmpty {
                queue.outlets.append(self)
            } else if conflates, event.isData, staged[staged.count - 1].isData {
                staged[staged.count - 1] = event
                conflatedCount &+= 1
                return
            }
            staged.append(event)
        }
    }

    /// Lets go of what came in this read.
    public func flush() {
        guard case .batches(let take) = destination, !staged.isEmpty else { return }
        let batch = staged
        let conflated = conflatedCount
        usualCount = max(batch.count, usualCount - usualCount / 8)
        staged = []
        conflatedCount = 0
        take(batch, conflated)
        if usualCount > 1 { staged.reserveCapacity(usualCount) }
    }
}

/// What can be told that a read is over.
public protocol FlushableOutlet: AnyObject {
    /// Lets go of what came in this read.
    func flush()
}

/// The outlets that hold something at the end of a read. Bound to the client's loop.
public final class FlushQueue {
    @usableFromInline var outlets: [any FlushableOutlet] = []

    /// An empty queue.
    public init() {}

    /// Lets all go that came in this read.
    public func flush() {
        guard !outlets.isEmpty else { return }
        for outlet in outlets { outlet.flush() }
        outlets.removeAll(keepingCapacity: true)
    }
}
