package import HyperliquidWire

/// What a slot still has to ask for, the most urgent first.
///
/// Each has a due time: since when it waits, and a head start that more urgent feeds have over it. So what waits is
/// asked for by urgency, equals by age, and nothing is passed for ever: what has waited for the difference of two head
/// starts goes before whatever comes then.
package struct SubscribeQueue: Hashable, Sendable {
    /// When something's turn has come, beside others.
    package struct Turn: Hashable, Comparable, Sendable {
        let due: Instant
        package let upstream: UpstreamID

        package static func < (lhs: Turn, rhs: Turn) -> Bool { (lhs.due, lhs.upstream) < (rhs.due, rhs.upstream) }
    }

    // What was removed stays in the heap until it comes to the top.
    private var heap = Heap<Turn>()
    private var turns: [UpstreamID: Turn] = [:]

    package init() {}

    /// The most urgent one.
    package var first: Turn? { heap.first }

    /// Everything that waits, by age.
    package var upstreams: [UpstreamID] { turns.keys.sorted() }

    package func contains(_ upstream: UpstreamID) -> Bool { turns[upstream] != nil }

    package mutating func insert(_ turn: Turn) {
        turns[turn.upstream] = turn
        heap.insert(turn)
        dropStale()
    }

    package mutating func remove(_ upstream: UpstreamID) {
        turns[upstream] = nil
        dropStale()
    }

    /// Takes the most urgent one.
    package mutating func popFirst() -> Turn? {
        guard let first = heap.popFirst() else { return nil }
        turns[first.upstream] = nil
        dropStale()
        return first
    }

    private mutating func dropStale() {
        while let first = heap.first, turns[first.upstream] != first { _ = heap.popFirst() }
    }
}

extension SubscribeQueue.Turn {
    /// What a feed of each priority waits at most behind more urgent ones: 1000 are asked for in 20 s, as the default
    /// limits allow, so after a total loss the priorities follow each other.
    private static func headStart(before priority: FeedPriority) -> Duration {
        switch priority {
        case .high: .zero
        case .normal: .seconds(10)
        case .low: .seconds(20)
        }
    }

    /// What the venue has never accepted may kill its connection: of one priority it comes after what it has.
    private static let headStartOfProven: Duration = .seconds(5)

    /// The turn of what waits since `since`.
    package init(of upstream: UpstreamID, _ priority: FeedPriority, isProven: Bool, since: Instant) {
        let start = since.advanced(by: Self.headStart(before: priority))
        self.init(due: isProven ? start : start.advanced(by: Self.headStartOfProven), upstream: upstream)
    }

    init(_ upstream: UpstreamSubscription) {
        self.init(of: upstream.id, upstream.traits.priority, isProven: upstream.isProven, since: upstream.since)
    }
}
