internal import HyperliquidWire

/// When each of many things is due; the next one is always at hand.
///
/// What was put off or cancelled stays in the heap until it comes to the top, so that each change costs the
/// logarithm of their number.
struct DeadlineQueue<Key: Hashable & Sendable>: Hashable, Sendable {
    private struct Entry: Hashable, Comparable, Sendable {
        let time: Instant
        let number: UInt64
        let key: Key

        static func < (lhs: Entry, rhs: Entry) -> Bool { (lhs.time, lhs.number) < (rhs.time, rhs.number) }
    }

    private var heap = Heap<Entry>()
    private var numbers: [Key: UInt64] = [:]
    private var lastNumber: UInt64 = 0

    /// When the next one is due.
    var next: Instant? { heap.first?.time }

    mutating func set(_ key: Key, at time: Instant) {
        lastNumber += 1
        numbers[key] = lastNumber
        heap.insert(Entry(time: time, number: lastNumber, key: key))
        dropStale()
    }

    mutating func cancel(_ key: Key) {
        guard numbers.removeValue(forKey: key) != nil else { return }
        dropStale()
    }

    /// Takes one that is due, the earliest first.
    mutating func popDue(at now: Instant) -> Key? {
        guard let first = heap.first, first.time <= now else { return nil }
        _ = heap.popFirst()
        numbers[first.key] = nil
        dropStale()
        return first.key
    }

    /// What stands at the top is always valid; what lies below and is stale waits to get there.
    private mutating func dropStale() {
        while let first = heap.first, numbers[first.key] != first.number { _ = heap.popFirst() }
    }
}
