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
