package import HyperliquidWire

/// A request to the venue that is answered by an acknowledgement or an error text.
package enum RequestKind: String, Hashable, Sendable {
    case subscribe
    case unsubscribe
}

/// Which request an acknowledgement or an anonymous error belongs to, on one connection.
///
/// The venue echoes a normalised request; ours is found by its fields, the most specific one first, then the
/// oldest. A request that was sent twice is answered twice: what comes after the first answer is late and answers
/// nothing that was asked for since. Some errors name nothing: the venue answers in order, so they belong to the
/// oldest request of the kind that can cause them, most likely.
package struct PendingRequests: Hashable, Sendable {
    package struct Pending: Hashable, Sendable {
        package let upstream: UpstreamID
        package let generation: UInt64
        package let kind: RequestKind
        package let request: FeedRequest
        package var sentAt: Instant
        package var deadline: Instant
        package var attempts: Int

        package init(
            upstream: UpstreamID, generation: UInt64, kind: RequestKind, request: FeedRequest, sentAt: Instant,
            deadline: Instant, attempts: Int
        ) {
            self.upstream = upstream
            self.generation = generation
            self.kind = kind
            self.request = request
            self.sentAt = sentAt
            self.deadline = deadline
            self.attempts = attempts
        }

        /// Answers to it that come later than this are not expected any more.
        fileprivate var lateUntil: Instant { deadline.advanced(by: sentAt.duration(to: deadline) * 2) }
    }

    private struct Key: Hashable, Sendable {
        let kind: RequestKind
        let request: FeedRequest

        /// By what tells nearly all apart.
        func hash(into hasher: inout Hasher) { hasher.combine(request) }
    }

    /// Answers still to come to requests that are settled or given up.
    private struct Late: Hashable, Sendable {
        var count: Int
        var until: Instant
    }

    private struct Entry: Hashable, Sendable {
        let number: UInt64
        var pending: Pending
    }

    private var entries: [UpstreamID: Entry] = [:]
    private var upstreams: [Key: UpstreamID] = [:]
    private var late: [Key: Late] = [:]
    private var schedule = Schedule<UpstreamID>()
    private var lastNumber: UInt64 = 0
    /// How many subscribes are unanswered.
    package private(set) var subscribeCount = 0

    package init() {}

    /// What is unanswered, oldest first.
    package var pending: [Pending] { entries.values.sorted { $0.number < $1.number }.map(\.pending) }

    package func isWaiting(for upstream: UpstreamID) -> Bool { entries[upstream] != nil }

    /// Whether an unanswered subscribe fulfils the condition.
    package func hasSubscribe(where condition: (Pending) -> Bool) -> Bool {
        entries.values.contains { $0.pending.kind == .subscribe && condition($0.pending) }
    }

    package var deadline: Instant? { schedule.next }

    package mutating func add(_ entry: Pending) {
        precondition(entries[entry.upstream] == nil, "one request of a upstream subscription at a time")
        lastNumber += 1
        entries[entry.upstream] = Entry(number: lastNumber, pending: entry)
        upstreams[Key(kind: entry.kind, request: entry.request)] = entry.upstream
        schedule.set(entry.upstream, at: entry.deadline)
        if entry.kind == .subscribe { subscribeCount += 1 }
    }

    private mutating func remove(_ upstream: UpstreamID) -> Pending? {
        guard let entry = entries.removeValue(forKey: upstream)?.pending else { return nil }
        upstreams[Key(kind: entry.kind, request: entry.request)] = nil
        schedule.cancel(upstream)
        if entry.kind == .subscribe { subscribeCount -= 1 }
        return entry
    }

    // MARK: Answers that arrive

    /// Takes the request that `echo` answers.
    package mutating func take(_ kind: RequestKind, echo: FeedRequest, at now: Instant) -> Pending? {
        let upstream = upstreams[Key(kind: kind, request: echo)] ?? mostSpecific(kind, in: echo)
        let request = upstream.flatMap { entries[$0]?.pending.request } ?? echo
        if takeLate(Key(kind: kind, request: request), at: now) { return nil }
        return upstream.flatMap { settle($0) }
    }

    /// Takes a request that is answered; each time it was sent again another answer is to come.
    private mutating func settle(_ upstream: UpstreamID) -> Pending? {
        guard let entry = remove(upstream) else { return nil }
        if entry.attempts > 1 { expectLate(entry, count: entry.attempts - 1) }
        return entry
    }

    /// The request with the most fields that all stand in the echo, the oldest of equals: the venue may add fields.
    private func mostSpecific(_ kind: RequestKind, in echo: FeedRequest) -> UpstreamID? {
        let matching = entries.values.filter { $0.pending.kind == kind && $0.pending.request.isEchoed(by: echo) }
        let best = matching.min {
            let counts = ($0.pending.request.fields.count, $1.pending.request.fields.count)
            return counts.0 != counts.1 ? counts.0 > counts.1 : $0.number < $1.number
        }
        return best?.pending.upstream
    }

    /// Takes the oldest subscribe for which `condition` holds.
    package mutating func takeOldestSubscribe(where condition: (Pending) -> Bool) -> Pending? {
        let matching = entries.values.filter { $0.pending.kind == .subscribe && condition($0.pending) }
        return matching.min { $0.number < $1.number }.flatMap { settle($0.pending.upstream) }
    }

    // MARK: Answers that do not

    /// Takes those whose answer is overdue; each is to be added again, or given up.
    package mutating func takeOverdue(at now: Instant) -> [Pending] {
        var overdue: [Pending] = []
        while let upstream = schedule.popDue(at: now) {
            if let entry = remove(upstream) { overdue.append(entry) }
        }
        return overdue
    }

    /// A request that was taken is waited for no longer; what answers it answers nothing else.
    package mutating func giveUp(_ entry: Pending) {
        expectLate(entry, count: entry.attempts)
    }

    /// Takes all.
    package mutating func takeAll() -> [Pending] {
        defer { self = PendingRequests() }
        return pending
    }

    /// Puts off when answers are overdue.
    package mutating func postpone(until instant: Instant) {
        for upstream in entries.keys.sorted() {
            guard let deadline = entries[upstream]?.pending.deadline, deadline < instant else { continue }
            entries[upstream]?.pending.deadline = instant
            schedule.set(upstream, at: instant)
        }
    }

    private mutating func expectLate(_ entry: Pending, count: Int) {
        let key = Key(kind: entry.kind, request: entry.request)
        let known = late[key]?.count ?? 0
        late[key] = Late(count: known + count, until: entry.lateUntil)
    }

    private mutating func takeLate(_ key: Key, at now: Instant) -> Bool {
        guard let expected = late[key] else { return false }
        guard expected.until > now else {
            late[key] = nil
            return false
        }
        late[key] = expected.count > 1 ? Late(count: expected.count - 1, until: expected.until) : nil
        return true
    }
}
