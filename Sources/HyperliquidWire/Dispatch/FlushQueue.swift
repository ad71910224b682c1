/// The subscribers with staged events, flushed at the end of a read. Bound to the client's loop.
///
/// Also owns objects that were removed during a read. The code on the path of a message uses unmanaged references to
/// dispatchers, subscribers and connections; each such object is passed to ``deferRelease(_:)`` when its owner lets
/// go of it, so that it lives until the end of the read in which it may still be in use.
@_documentation(visibility: internal)
public final class _FlushQueue {
    /// A subscriber and its flush function, which is specialised for its feed's type so that no type is looked up.
    private struct Entry {
        let subscriber: AnyObject
        let flush: (AnyObject) -> Void
    }

    private var entries: [Entry] = []
    private var removed: [AnyObject] = []

    /// Creates an empty queue.
    public init() {}

    /// The number of subscribers with staged events.
    public var count: Int { entries.count }

    /// Schedules a flush of `subscriber` at the end of the read.
    @usableFromInline func add(_ subscriber: AnyObject, _ flush: @escaping (AnyObject) -> Void) {
        entries.append(Entry(subscriber: subscriber, flush: flush))
    }

    /// Keeps `object` alive until the end of the read.
    public func deferRelease(_ object: AnyObject) { removed.append(object) }

    /// Releases the objects that were removed, then flushes all subscribers.
    public func flush() {
        if !removed.isEmpty { removed.removeAll() }
        // A flush may stage further events: a buffer that overflows ends its subscription, and the freed capacity may
        // serve another one.
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
