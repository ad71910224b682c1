internal import HyperliquidWire

/// When each of many things is due; the next one is always at hand.
///
/// A binary heap that keeps what was put off or cancelled until it comes to the top, so that each change costs the
/// logarithm of their number.
struct Schedule<Key: Hashable & Sendable>: Hashable, Sendable {
    private struct Entry: Hashable, Sendable {
        let time: Instant
        let number: UInt64
        let key: Key

        func isBefore(_ other: Entry) -> Bool { (time, number) < (other.time, other.number) }
    }

    private var heap: [Entry] = []
    private var numbers: [Key: UInt64] = [:]
    private var lastNumber: UInt64 = 0

    /// When the next one is due.
    var next: Instant? { heap.first?.time }

    mutating func set(_ key: Key, at time: Instant) {
        lastNumber += 1
        numbers[key] = lastNumber
        heap.append(Entry(time: time, number: lastNumber, key: key))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
        dropStale()
    }

    mutating func cancel(_ key: Key) {
        guard numbers.removeValue(forKey: key) != nil else { return }
        dropStale()
    }

    /// Takes one that is due, the earliest first.
    mutating func popDue(at now: Instant) -> Key? {
        guard let first = heap.first, first.time <= now else { return nil }
        removeFirst()
        numbers[first.key] = nil
        dropStale()
        return first.key
    }

    /// What stands at the top is always valid; what lies below and is stale waits to get there.
    private mutating func dropStale() {
        while let first = heap.first, numbers[first.key] != first.number { removeFirst() }
    }

    private mutating func removeFirst() {
        heap.swapAt(0, heap.count - 1)
        heap.removeLast()
        var parent = 0
        while true {
            var least = parent
            for child in [2 * parent + 1, 2 * parent + 2] where child < heap.count && heap[child].isBefore(heap[least])
            {
                least = child
            }
            guard least != parent else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
