package import HyperliquidWire

/// A request to the venue that is answered by an acknowledgement or an error text.
package enum RequestKind: String, Hashable, Sendable {
    case subscribe
    case unsubscribe
}

/// Which request an acknowledgement or an anonymous error belongs to, on one link.
///
/// The venue echoes a normalised request; ours is found by its fields, the most specific one first, then the
/// oldest. Some errors name nothing: they belong to the newest request of the kind that can cause them.
package struct Answers: Hashable, Sendable {
    package struct Pending: Hashable, Sendable {
        package let wire: WireID
        package let generation: UInt64
        package let kind: RequestKind
        package let request: FeedRequest
        package var sentAt: Instant
        package var deadline: Instant
        package var attempts: Int
    }

    /// What is unanswered, oldest first.
    package private(set) var pending: [Pending] = []

    package init() {}

    package mutating func add(_ entry: Pending) {
        precondition(!pending.contains { $0.wire == entry.wire }, "one request of a wire subscription at a time")
        pending.append(entry)
    }

    /// Takes the request that `echo` answers.
    package mutating func take(_ kind: RequestKind, echo: FeedRequest) -> Pending? {
        let matching = pending.indices.filter { pending[$0].kind == kind && pending[$0].request.isEchoed(by: echo) }
        // `max` keeps the last of equals, so the oldest is found from behind.
        let best = matching.reversed().max { pending[$0].request.fields.count < pending[$1].request.fields.count }
        return best.map { pending.remove(at: $0) }
    }

    /// Takes the newest subscribe for which `condition` holds.
    package mutating func takeNewestSubscribe(where condition: (Pending) -> Bool) -> Pending? {
        let index = pending.lastIndex { $0.kind == .subscribe && condition($0) }
        return index.map { pending.remove(at: $0) }
    }

    /// Takes the request of a wire subscription, if one is unanswered.
    package mutating func take(_ wire: WireID) -> Pending? {
        let index = pending.firstIndex { $0.wire == wire }
        return index.map { pending.remove(at: $0) }
    }

    /// Takes all.
    package mutating func takeAll() -> [Pending] {
        defer { pending = [] }
        return pending
    }

    /// Takes those whose answer is overdue.
    package mutating func takeOverdue(at now: Instant) -> [Pending] {
        let overdue = pending.filter { $0.deadline <= now }
        if !overdue.isEmpty { pending.removeAll { $0.deadline <= now } }
        return overdue
    }

    /// Puts off when answers are overdue.
    package mutating func postpone(until instant: Instant) {
        for index in pending.indices { pending[index].deadline = max(pending[index].deadline, instant) }
    }

    package var deadline: Instant? { pending.map(\.deadline).min() }

    package var subscribeCount: Int { pending.count { $0.kind == .subscribe } }
}
