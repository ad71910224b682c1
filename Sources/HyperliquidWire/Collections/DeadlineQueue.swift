/// The deadlines of many keys. The earliest one is read in constant time.
///
/// A deadline that was moved or cancelled stays in the heap until it comes to the top, so that each change takes
/// logarithmic time.
package struct DeadlineQueue<Key: Hashable & Sendable>: Hashable, Sendable {
    @usableFromInline struct Entry: Hashable, Comparable, Sendable {
        @usableFromInline let time: Instant
        @usableFromInline let number: UInt64
        @usableFromInline let key: Key

        @inlinable init(time: Instant, number: UInt64, key: Key) {
            self.time = time
            self.number = number
            self.key = key
        }

        @inlinable static func < (lhs: Entry, rhs: Entry) -> Bool { (lhs.time, lhs.number) < (rhs.time, rhs.number) }
    }

    @usableFromInline var heap = Heap<Entry>()
    @usableFromInline var numbers: [Key: UInt64] = [:]
    @usableFromInline var lastNumber: UInt64 = 0

    /// Creates an empty queue.
    @inlinable package init() {}

    /// The earliest deadline; `nil` if the queue is empty.
    @inlinable package var next: Instant? { heap.first?.time }

    /// Sets the deadline of `key`, in place of an earlier one.
    @inlinable package mutating func set(_ key: Key, at time: Instant) {
        lastNumber += 1
        numbers[key] = lastNumber
        heap.insert(Entry(time: time, number: lastNumber, key: key))
        dropOutdated()
    }

    /// Removes the deadline of `key`, if it has one.
    @inlinable package mutating func cancel(_ key: Key) {
        guard numbers.removeValue(forKey: key) != nil else { return }
        dropOutdated()
    }

    /// Removes and returns a key whose deadline has come, the earliest first; `nil` if there is none.
    ///
    /// Of equal deadlines, the one that was set first is returned first.
    @inlinable package mutating func popDue(at now: Instant) -> Key? {
        guard let first = heap.first, first.time <= now else { return nil }
        _ = heap.popFirst()
        numbers[first.key] = nil
        dropOutdated()
        return first.key
    }

    /// Removes outdated entries from the top of the heap. Those below stay until they come to the top.
    @inlinable mutating func dropOutdated() {
        while let first = heap.first, numbers[first.key] != first.number { _ = heap.popFirst() }
    }
}

/// A binary heap: its least element is read in constant time, and each change takes logarithmic time.
///
/// Inlinable, as is the queue above, so that each module compiles it for its own elements.
package struct Heap<Element: Comparable> {
    @usableFromInline var elements: [Element] = []

    /// Creates an empty heap.
    @inlinable package init() {}

    /// The least element; `nil` if the heap is empty.
    @inlinable package var first: Element? { elements.first }

    /// Inserts an element; does nothing for `nil`.
    @inlinable package mutating func insert(_ element: Element?) {
        guard let element else { return }
        elements.append(element)
        var child = elements.count - 1
        while child > 0, elements[child] < elements[(child - 1) / 2] {
            elements.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    /// Removes and returns the least element; `nil` if the heap is empty.
    @inlinable package mutating func popFirst() -> Element? {
        guard !elements.isEmpty else { return nil }
        elements.swapAt(0, elements.count - 1)
        let least = elements.removeLast()
        var parent = 0
        while true {
            let child = 2 * parent + 1
            guard child < elements.count else { return least }
            let isSecondLess = child + 1 < elements.count && elements[child + 1] < elements[child]
            let smallest = isSecondLess ? child + 1 : child
            guard elements[smallest] < elements[parent] else { return least }
            elements.swapAt(parent, smallest)
            parent = smallest
        }
    }
}

extension Heap: Equatable where Element: Equatable {}
extension Heap: Hashable where Element: Hashable {}
extension Heap: Sendable where Element: Sendable {}
