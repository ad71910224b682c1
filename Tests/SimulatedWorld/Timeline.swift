package import HyperliquidWire

/// A queue of future events, ordered by time. Events of one time keep the order in which they were scheduled.
package struct Timeline<ScheduledEvent> {
    private struct Entry: Comparable {
        let time: Instant
        let number: UInt64
        let event: ScheduledEvent

        static func == (lhs: Entry, rhs: Entry) -> Bool { lhs.number == rhs.number }
        static func < (lhs: Entry, rhs: Entry) -> Bool { (lhs.time, lhs.number) < (rhs.time, rhs.number) }
    }

    private var entries = Heap<Entry>()
    private var lastNumber: UInt64 = 0

    package init() {}

    package var nextTime: Instant? { entries.first?.time }

    package mutating func schedule(_ event: ScheduledEvent, at time: Instant) {
        lastNumber += 1
        entries.insert(Entry(time: time, number: lastNumber, event: event))
    }

    package mutating func takeFirst() -> ScheduledEvent? { entries.popFirst()?.event }
}
