import HyperliquidWire

/// A queue of future events, ordered by time. Events of one time keep the order in which they were scheduled.
struct Timeline<ScheduledEvent> {
    private struct Entry {
        let time: Instant
        let number: UInt64
        let event: ScheduledEvent

        func isBefore(_ other: Entry) -> Bool { (time, number) < (other.time, other.number) }
    }

    /// A binary heap: no entry is before its parent.
    private var heap: [Entry] = []
    private var lastNumber: UInt64 = 0

    var nextTime: Instant? { heap.first?.time }

    mutating func schedule(_ event: ScheduledEvent, at time: Instant) {
        lastNumber += 1
        heap.append(Entry(time: time, number: lastNumber, event: event))
        var child = heap.count - 1
        while child > 0, heap[child].isBefore(heap[(child - 1) / 2]) {
            heap.swapAt(child, (child - 1) / 2)
            child = (child - 1) / 2
        }
    }

    mutating func takeFirst() -> ScheduledEvent? {
        guard let first = heap.first, let last = heap.popLast() else { return nil }
        guard !heap.isEmpty else { return first.event }
        heap[0] = last
        siftDown()
        return first.event
    }

    private mutating func siftDown() {
        var parent = 0
        while true {
            let children = [2 * parent + 1, 2 * parent + 2].filter { $0 < heap.count }
            guard let least = children.min(by: { heap[$0].isBefore(heap[$1]) }), heap[least].isBefore(heap[parent])
            else { return }
            heap.swapAt(parent, least)
            parent = least
        }
    }
}
