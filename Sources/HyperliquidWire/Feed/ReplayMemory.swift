/// Remembers the keys of events already delivered, so that what a replay repeats is dropped.
///
/// Holds the newest keys, as many as ``ReplayKey/replayLimit`` says.
public struct ReplayMemory<Key: ReplayKey>: FeedMemory {
    private var keys: ContiguousArray<Key> = []
    private var oldest = 0
    private var isReplaying = true
    private var subscribedAtMilliseconds: Int64 = .max

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
    @inline(__always) public mutating func sort<Row>(
        _ rows: [Row], key: (Row) -> Key, time: (Row) -> Int64, isMarked: Bool = false
    ) -> Decoded<[Row]> {
        guard isReplaying || isMarked else {
            remember(rows, key: key)
            return rows.isEmpty ? .nothing : .update(rows)
        }
        return sortReplay(rows, key: key, time: time, isMarked: isMarked)
    }

    private mutating func sortReplay<Row>(
        _ rows: [Row], key: (Row) -> Key, time: (Row) -> Int64, isMarked: Bool
    ) -> Decoded<[Row]> {
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
        if present.isEmpty { return .snapshot(past) }
        return .snapshotAndUpdate(PastAndPresent(past: past, present: present))
    }

    /// Remembers rows that are known to be new.
    ///
    /// Compiled where it is asked for: a closure that is called is given a copy of each row.
    @inline(__always) private mutating func remember<Row>(_ rows: [Row], key: (Row) -> Key) {
        var index = 0
        while index < rows.count, keys.count < Key.replayLimit {
            keys.append(key(rows[index]))
            index += 1
        }
        // Full for nearly all of its life: all rows at once, so that who else holds the keys is asked once.
        var place = oldest
        var ring = keys.mutableSpan  // A ContiguousArray's.
        while index < rows.count {
            ring[place] = key(rows[index])
            place = place + 1 == Key.replayLimit ? 0 : place + 1
            index += 1
        }
        oldest = place
    }

    private mutating func remember(_ key: Key) {
        if keys.count < Key.replayLimit {
            keys.append(key)
        } else {
            keys[oldest] = key
            oldest = (oldest + 1) % Key.replayLimit
        }
    }
}

/// What tells one row of a feed from every other one.
public protocol ReplayKey: Hashable, Sendable {
    /// The most rows that the venue repeats after a subscribe: 2048 unless known better, above its longest known page.
    static var replayLimit: Int { get }
}

extension ReplayKey {
    /// 2048: the venue's longest known page has 2000 rows (its page on the info endpoint).
    public static var replayLimit: Int { 2048 }
}

/// An explorer's block is known by its height.
extension Int64: ReplayKey {}
