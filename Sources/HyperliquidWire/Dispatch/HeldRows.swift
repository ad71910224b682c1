/// The events of a feed of rows that a later subscriber is given: the first snapshot and the newest events behind it.
///
/// The venue sends a snapshot once per subscribe, so the client holds what a subscriber that joins later needs. If there
/// are too many events, the oldest behind the snapshot are dropped, and a gap tells the later subscriber which.
@usableFromInline struct HeldRows<F: Feed> {
    /// The maximum number of events behind the snapshot.
    private static var maximumCount: Int { 256 }

    private var snapshot: F.Event?
    private var later: [FeedEvent<F.Event>] = []
    /// The number of events that were dropped behind the snapshot; `nil` if a gap was among them.
    private var droppedCount: Int? = 0
    /// The times of the oldest and the newest dropped row by the venue's clock; `nil` if none is known.
    private var droppedTimes: ClosedRange<Int64>?
    /// Whether the feed was live before its rows were held, so that its snapshot was not seen.
    private var missesSnapshot = false

    /// Notes that the feed's snapshot has come already, and is not held.
    mutating func snapshotWasMissed() { missesSnapshot = true }

    /// Holds a snapshot: the first one, or the rows that a restored feed adds.
    mutating func add(snapshot event: F.Event) {
        if snapshot == nil, later.isEmpty { snapshot = event } else { add(.snapshot(event)) }
        missesSnapshot = false
    }

    /// Holds an event.
    @usableFromInline mutating func add(_ event: FeedEvent<F.Event>) {
        if later.count == Self.maximumCount { drop(Self.maximumCount / 2) }
        later.append(event)
    }

    private mutating func drop(_ count: Int) {
        for event in later.prefix(count) {
            guard let data = event.data else {
                droppedCount = nil
                continue
            }
            droppedCount? += 1
            guard let times = F.venueMillisecondsRange(of: data) else { continue }
            droppedTimes =
                droppedTimes.map {
                    min($0.lowerBound, times.lowerBound)...max($0.upperBound, times.upperBound)
                } ?? times
        }
        later.removeFirst(count)
    }

    /// The gap between the snapshot and the events behind it; `nil` if nothing is missing.
    private var gap: Gap? {
        guard droppedCount != 0 || missesSnapshot else { return nil }
        return Gap(
            reason: .lateJoin, fromMilliseconds: droppedTimes?.lowerBound ?? 0,
            toMilliseconds: droppedTimes?.upperBound ?? 0, missedCount: missesSnapshot ? nil : droppedCount)
    }

    /// What a later subscriber is given, in order.
    var events: [FeedEvent<F.Event>] {
        var events: [FeedEvent<F.Event>] = []
        if let snapshot { events.append(.snapshot(snapshot)) }
        if let gap { events.append(.gap(gap)) }
        return events + later
    }
}
