/// Remembers the keys of events already delivered, so that what a replay repeats is dropped.
///
/// Holds the newest 2048 keys, which is as many rows as the venue's longest known replay has.
public struct ReplayMemory<Key: Hashable & Sendable>: FeedMemory {
    private var keys: [Key] = []
    private var oldest = 0
    private var isReplaying = true
    private var subscribedAtMilliseconds: Int64 = .max

    private static var capacity: Int { 2048 }

    /// Nothing remembered yet.
    public init() {}

    /// What comes next may repeat what was delivered before.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {
        isReplaying = true
        subscribedAtMilliseconds = milliseconds
    }

    /// The rows that were not delivered before: those from before the subscription as a snapshot, the others as an
    /// update. Only the first message after a subscribe can repeat anything.
    ///
    /// - Parameters:
    ///   - rows: A message's rows, in the venue's order.
    ///   - key: What tells a row from every other one.
    ///   - time: When a row happened, in milliseconds since 1970.
    ///   - isMarked: Whether the venue marked the whole message a snapshot; then its rows are one.
    public mutating func sort<Row>(
        _ rows: [Row], key: (Row) -> Key, time: (Row) -> Int64, isMarked: Bool = false
    ) -> Decoded<[Row]> {
        guard isReplaying || isMarked else {
            for row in rows { remember(key(row)) }
            return rows.isEmpty ? .nothing : .update(rows)
        }
        isReplaying = false
        let isFirst = keys.isEmpty
        let delivered = Set(keys)
        var past: [Row] = []
        var present: [Row] = []
        for row in rows where !delivered.contains(key(row)) {
            remember(key(row))
            if isMarked || time(row) < subscribedAtMilliseconds { past.append(row) } else { present.append(row) }
        }
        if past.isEmpty { return present.isEmpty ? (isMarked && isFirst ? .snapshot([]) : .nothing) : .update(present) }
        return present.isEmpty ? .snapshot(past) : .snapshotAndUpdate(past, present)
    }

    private mutating func remember(_ key: Key) {
        if keys.count < Self.capacity {
            keys.append(key)
        } else {
            keys[oldest] = key
            oldest = (oldest + 1) % Self.capacity
        }
    }
}
