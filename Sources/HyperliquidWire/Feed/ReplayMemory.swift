/// The keys of delivered events, so that repeated events are recognised and dropped.
///
/// Keeps the newest keys, as many as ``ReplayKey/replayLimit``.
public struct ReplayMemory<Key: ReplayKey>: FeedMemory {
    private var keys: ContiguousArray<Key> = []
    private var oldest = 0
    private var isReplaying = true
    private var cutoff = ReplayCutoff(liveFromMilliseconds: .max)

    /// Creates an empty memory.
    public init() {}

    /// Prepares for a message that may repeat delivered events. Rows from before `milliseconds` are repeated, unless
    /// ``firstMessageArrived(_:)`` says better.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {
        isReplaying = true
        cutoff = ReplayCutoff(liveFromMilliseconds: milliseconds)
    }

    /// Notes what tells the repeated rows of the next message from its live ones.
    public mutating func firstMessageArrived(_ cutoff: ReplayCutoff) { self.cutoff = cutoff }

    /// Returns the rows that were not delivered before: those from before the subscription as a snapshot, the others
    /// as an update. Only the first message after a subscribe can repeat rows; which of its rows are from before the
    /// subscription is decided by ``ReplayCutoff``.
    ///
    /// - Parameters:
    ///   - rows: The rows of a message, in the venue's order.
    ///   - key: Returns the key that distinguishes a row from every other one.
    ///   - time: Returns the time of a row by the venue's clock, in milliseconds since 1970.
    ///   - isMarked: Whether the venue marked the whole message as a snapshot.
    @inline(__always) public mutating func partition<Row>(
        _ rows: [Row], key: (Row) -> Key, time: (Row) -> Int64, isMarked: Bool = false
    ) -> Decoded<[Row]> {
        guard isReplaying || isMarked else {
            remember(rows, key: key)
            return rows.isEmpty ? .nothing : .update(rows)
        }
        return partitionReplay(rows, key: key, time: time, isMarked: isMarked)
    }

    private mutating func partitionReplay<Row>(
        _ rows: [Row], key: (Row) -> Key, time: (Row) -> Int64, isMarked: Bool
    ) -> Decoded<[Row]> {
        isReplaying = false
        let isFirst = keys.isEmpty
        let delivered = Set(keys)
        let liveFrom = cutoff.liveFromMilliseconds(newest: rows.lazy.map(time).max() ?? .min)
        var past: [Row] = []
        var present: [Row] = []
        for row in rows where !delivered.contains(key(row)) {
            remember(key(row))
            if isMarked || time(row) < liveFrom { past.append(row) } else { present.append(row) }
        }
        if past.isEmpty { return present.isEmpty ? (isMarked && isFirst ? .snapshot([]) : .nothing) : .update(present) }
        if present.isEmpty { return .snapshot(past) }
        return .snapshotAndUpdate(PastAndPresent(past: past, present: present))
    }

    /// Remembers rows that are known to be new.
    ///
    /// Inlined, because a closure that is called would receive a copy of each row.
    @inline(__always) private mutating func remember<Row>(_ rows: [Row], key: (Row) -> Key) {
        var index = 0
        while index < rows.count, keys.count < Key.replayLimit {
            keys.append(key(rows[index]))
            index += 1
        }
        // Usually the buffer is full. All rows are written through one span, so that uniqueness of the storage is
        // checked once.
        var slot = oldest
        var ring = keys.mutableSpan  // `keys` is a ContiguousArray.
        while index < rows.count {
            ring[slot] = key(rows[index])
            slot = slot + 1 == Key.replayLimit ? 0 : slot + 1
            index += 1
        }
        oldest = slot
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

/// A key that distinguishes one row of a feed from every other one.
public protocol ReplayKey: Hashable, Sendable {
    /// The largest number of rows that the venue repeats after a subscribe: 2048 by default, more than its longest
    /// known page.
    static var replayLimit: Int { get }
}

extension ReplayKey {
    /// Returns 2048 by default: the venue's longest known page has 2000 rows (its page on the info endpoint).
    public static var replayLimit: Int { 2048 }
}

/// The height of a block identifies it.
extension Int64: ReplayKey {}
