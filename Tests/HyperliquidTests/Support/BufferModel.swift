import Hyperliquid
import HyperliquidEngine

/// An event buffer as simple as its rules: one list of events, which is searched for everything.
struct BufferModel {
    typealias Event = FeedEvent<Int64>

    let policy: DeliveryPolicy
    private(set) var waiting: [Event] = []
    /// What was dropped since the last read, as gaps in the order of the events.
    private var lost: [Gap] = []
    private var hasOverflowed = false
    private(set) var received = 0
    private(set) var delivered = 0
    private(set) var conflated = 0
    private(set) var dropped = 0
    var pending: Int { waiting.count { $0.data != nil } }

    init(_ policy: DeliveryPolicy) { self.policy = policy }

    /// Adds the events of a read; `false` if they do not fit.
    mutating func enqueue(_ events: [Event], at now: Int64) -> Bool {
        let dataCount = events.count { $0.data != nil }
        received += dataCount
        switch policy {
        case .latest:
            let all = waiting + events
            let newest = all.lastIndex { $0.data != nil } ?? 0
            conflated += all[..<newest].count { $0.data != nil }
            let before = all[..<newest].filter { $0.data == nil }
            waiting = Self.few(before) + all[newest..<min(newest + 1, all.count)]
            waiting += Self.few(Array(all.dropFirst(newest + 1)))
        case .buffered(let limit):
            hasOverflowed = hasOverflowed || (waiting + events).count { !$0.isGap } > limit
            if hasOverflowed {
                dropped += dataCount
                return false
            }
            waiting += events
        case .droppingOldest(let limit):
            waiting += events
            while waiting.count(where: { !$0.isGap }) > limit {
                let first = waiting.removeFirst()
                if case .gap(let gap) = first { lost.append(gap) }
                guard first.data != nil else { continue }
                dropped += 1
                lost.append(Gap(reason: .overflow, fromMilliseconds: now, toMilliseconds: .max, missedCount: 1))
            }
        }
        return true
    }

    /// Takes all events out.
    mutating func dequeue(at now: Int64) -> [Event] {
        delivered += pending
        defer { (waiting, lost) = ([], []) }
        return (Self.one(lost, readAt: now).map { [.gap($0)] } ?? []) + waiting
    }

    private static func few(_ others: [Event]) -> [Event] {
        if others.count <= 64 { return others }
        return one(others.compactMap(\.gap)).map { [.gap($0)] } ?? []
    }

    /// One gap that covers all of these. A gap without an end lasts until `now`.
    static func one(_ gaps: [Gap], readAt now: Int64 = .max) -> Gap? {
        guard let first = gaps.first else { return nil }
        let counts = gaps.map(\.missedCount)
        let begins = gaps.map(\.fromMilliseconds).filter { $0 != 0 }
        return Gap(
            reason: first.reason, fromMilliseconds: begins.min() ?? 0,
            toMilliseconds: gaps.map { $0.toMilliseconds == .max ? now : $0.toMilliseconds }.max() ?? 0,
            missedCount: counts.contains(nil) ? nil : counts.reduce(0) { $0 + ($1 ?? 0) })
    }

    /// The same events with one gap in place of several next to each other.
    static func joined(_ events: [Event]) -> [Event] {
        var joined: [Event] = []
        for event in events {
            if let gap = event.gap, let last = joined.last?.gap, let both = one([last, gap]) {
                joined[joined.count - 1] = .gap(both)
            } else {
                joined.append(event)
            }
        }
        return joined
    }
}

extension FeedEvent {
    var gap: Gap? { if case .gap(let gap) = self { gap } else { nil } }
    var isGap: Bool { gap != nil }
}
