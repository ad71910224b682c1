package import HyperliquidWire

/// The kind of a request that the venue answers with an acknowledgement or an error text.
package enum RequestKind: String, Hashable, Sendable {
    case subscribe
    case unsubscribe
}

/// The requests of one connection that the venue has not answered. Finds the request that an answer belongs to, and
/// decides what to do if no answer comes.
///
/// The venue echoes a request in a normalised form. The pending request is found by its fields: the most specific one
/// first, then the oldest. A request that was sent twice is answered twice; the second answer is late and must not be
/// taken for the answer to a newer request. Some errors name no request. The venue answers in order, so such an error
/// most likely belongs to the oldest request that can cause it.
package struct PendingRequests: Hashable, Sendable {
    /// One request that is not answered.
    package struct Request: Hashable, Sendable {
        package let upstream: UpstreamID
        package let kind: RequestKind
        package let feed: FeedRequest
        package var sentAt: Instant
        package var deadline: Instant
        package var attempts: Int

        package init(
            upstream: UpstreamID, kind: RequestKind, feed: FeedRequest, sentAt: Instant, deadline: Instant,
            attempts: Int
        ) {
            self.upstream = upstream
            self.kind = kind
            self.feed = feed
            self.sentAt = sentAt
            self.deadline = deadline
            self.attempts = attempts
        }

        /// The message that sends the request.
        var message: Engine.Message { kind == .subscribe ? .subscribe(feed) : .unsubscribe(feed) }

        /// The time after which no further answer to the request is expected.
        fileprivate var lateUntil: Instant { deadline.advanced(by: sentAt.duration(to: deadline) * 2) }
    }

    private struct Key: Hashable, Sendable {
        let kind: RequestKind
        let feed: FeedRequest

        /// Hashes the feed only, because two keys seldom differ in the kind alone.
        func hash(into hasher: inout Hasher) { hasher.combine(feed) }
    }

    /// The answers that are still expected to requests that were answered once or given up.
    private struct Late: Hashable, Sendable {
        var count: Int
        var until: Instant
    }

    private struct Entry: Hashable, Sendable {
        let number: UInt64
        var request: Request
    }

    private var entries: [UpstreamID: Entry] = [:]
    private var upstreams: [Key: UpstreamID] = [:]
    private var late: [Key: Late] = [:]
    private var deadlines = DeadlineQueue<UpstreamID>()
    private var lastNumber: UInt64 = 0
    /// How many subscribes are unanswered.
    package private(set) var subscribeCount = 0

    package init() {}

    /// All requests that are unanswered, oldest first.
    package var all: [Request] { entries.values.sorted { $0.number < $1.number }.map(\.request) }

    package func contains(_ upstream: UpstreamID) -> Bool { entries[upstream] != nil }

    /// Whether an unanswered subscribe fulfils the condition.
    package func hasSubscribe(where condition: (Request) -> Bool) -> Bool {
        entries.values.contains { $0.request.kind == .subscribe && condition($0.request) }
    }

    /// The time at which the next answer is overdue.
    package var deadline: Instant? { deadlines.next }

    package mutating func add(_ request: Request) {
        precondition(entries[request.upstream] == nil, "an upstream subscription must have at most one pending request")
        lastNumber += 1
        entries[request.upstream] = Entry(number: lastNumber, request: request)
        upstreams[Key(kind: request.kind, feed: request.feed)] = request.upstream
        deadlines.set(request.upstream, at: request.deadline)
        if request.kind == .subscribe { subscribeCount += 1 }
    }

    private mutating func remove(_ upstream: UpstreamID) -> Request? {
        guard let request = entries.removeValue(forKey: upstream)?.request else { return nil }
        upstreams[Key(kind: request.kind, feed: request.feed)] = nil
        deadlines.cancel(upstream)
        if request.kind == .subscribe { subscribeCount -= 1 }
        return request
    }

    // MARK: Answers that arrive

    /// Removes and returns the request that `echo` answers; `nil` for a late answer.
    package mutating func take(_ kind: RequestKind, echo: FeedRequest, at now: Instant) -> Request? {
        let upstream = upstreams[Key(kind: kind, feed: echo)] ?? mostSpecific(kind, in: echo)
        let feed = upstream.flatMap { entries[$0]?.request.feed } ?? echo
        if takeLate(Key(kind: kind, feed: feed), at: now) { return nil }
        return upstream.flatMap { settle($0) }
    }

    /// Removes an answered request. If it was sent several times, further answers are expected.
    private mutating func settle(_ upstream: UpstreamID) -> Request? {
        guard let request = remove(upstream) else { return nil }
        if request.attempts > 1 { expectLate(request, count: request.attempts - 1) }
        return request
    }

    /// The request whose fields are all in the echo, which may have further fields. If several match, the request with
    /// the most fields is returned; among equals, the oldest.
    private func mostSpecific(_ kind: RequestKind, in echo: FeedRequest) -> UpstreamID? {
        let matching = entries.values.filter { $0.request.kind == kind && $0.request.feed.isEchoed(by: echo) }
        let best = matching.min {
            let counts = ($0.request.feed.fields.count, $1.request.feed.fields.count)
            return counts.0 != counts.1 ? counts.0 > counts.1 : $0.number < $1.number
        }
        return best?.request.upstream
    }

    /// Removes and returns the oldest subscribe for which `condition` holds.
    package mutating func takeOldestSubscribe(where condition: (Request) -> Bool) -> Request? {
        let matching = entries.values.filter { $0.request.kind == .subscribe && condition($0.request) }
        return matching.min { $0.number < $1.number }.flatMap { settle($0.request.upstream) }
    }

    /// The meaning of an error text for the requests of the connection on which it came.
    package enum Attribution: Hashable, Sendable {
        /// The venue had already carried out the request; `nil` for a late answer.
        case fulfilled(Request?)
        /// The venue refused the request; `nil` if the error belongs to no request.
        case refused(Request?, String)
        /// A limit most likely refused the request; `nil` if the error can belong to no subscribe.
        case limited(Request?, WaitReason, String)
        /// Too many messages were sent: every unanswered request is in doubt.
        case tooManyMessages(String)
        /// The venue could not read a post.
        case postRefused(PostID, String)
        /// The venue had too many posts in flight, and did not execute this one.
        case postPutOff(PostID, String)
        /// The error belongs to no known request.
        case unattributed(String)
    }

    /// Finds and removes the request that an error belongs to.
    ///
    /// - Parameters:
    ///   - isLive: Whether the data of an upstream subscription have come. Then the venue has accepted it, so an error
    ///     that names no request cannot concern it.
    ///   - isNewUser: Whether a subscribe is the first one of its user.
    package mutating func attribute(
        _ error: VenueError, isLive: (UpstreamID) -> Bool, isNewUser: (FeedRequest) -> Bool, at now: Instant
    ) -> Attribution {
        switch error {
        case .alreadySubscribed(let feed): return .fulfilled(take(.subscribe, echo: feed, at: now))
        case .alreadyUnsubscribed(let feed): return .fulfilled(take(.unsubscribe, echo: feed, at: now))
        case .invalidSubscription(let feed, let text):
            return .refused(feed.flatMap { take(.subscribe, echo: $0, at: now) }, text)
        case .unreadableRequest(let kind, let feed, let text):
            return .refused(kind.flatMap { kind in feed.flatMap { take(kind, echo: $0, at: now) } }, text)
        case .tooManyUsers(let text):
            return .limited(takeOldestSubscribe { !isLive($0.upstream) && isNewUser($0.feed) }, .userLimit, text)
        case .tooManySubscriptions(let text):
            return .limited(takeOldestSubscribe { !isLive($0.upstream) }, .subscriptionLimit, text)
        case .tooManyMessages(let text): return .tooManyMessages(text)
        case .unreadablePost(let id, let text):
            return UInt64(exactly: id).map { .postRefused(PostID($0), text) } ?? .unattributed(text)
        case .tooManyPosts(let id, let text):
            return UInt64(exactly: id).map { .postPutOff(PostID($0), text) } ?? .unattributed(text)
        case .unknownRefusal(let kind, let feed, let text):
            // A text that quotes only the subscription concerns its subscribe, however late it comes. If it concerns an
            // unsubscribe, that one stays unanswered and is sent again.
            return .refused(take(kind ?? .subscribe, echo: feed, at: now), text)
        case .other: return .unattributed(error.text)
        }
    }

    // MARK: Answers that do not come

    /// The decision on a request whose answer is overdue.
    package enum Overdue: Hashable, Sendable {
        /// The data of the request's upstream subscription came, so no answer is needed.
        case settled
        /// The subscribe is no longer needed: the unsubscribe is sent without waiting for the answer.
        case unsubscribe
        /// The unsubscribe counts as confirmed.
        case ended
        /// The request is sent again.
        case again
        /// The request has been sent `maximumAttempts` times: its connection is closed.
        case exhausted
    }

    /// Removes and returns the requests whose answers are overdue; the caller adds each again or gives it up.
    package mutating func takeOverdue(at now: Instant) -> [Request] {
        var overdue: [Request] = []
        while let upstream = deadlines.popDue(at: now) {
            if let request = remove(upstream) { overdue.append(request) }
        }
        return overdue
    }

    /// Decides on an overdue request that was removed.
    ///
    /// - Parameters:
    ///   - upstream: The request's upstream subscription.
    ///   - heardAt: The time of the last message on the connection.
    ///   - flightTime: How long messages that the venue sent before it read the request may be under way.
    package mutating func settleOverdue(
        _ request: Request, of upstream: UpstreamSubscription, heardAt: Instant, flightTime: Duration,
        maximumAttempts: Int
    ) -> Overdue {
        switch request.kind {
        case .subscribe where upstream.isLive:
            expectLate(request, count: request.attempts)
            return .settled
        case .subscribe where upstream.isLeaving:
            expectLate(request, count: request.attempts)
            return .unsubscribe
        case .unsubscribe
        where upstream.traits.endpoint == .explorer && heardAt > request.sentAt.advanced(by: flightTime):
            // It is not known whether the explorer acknowledges anything (docs/protocol.md, "Q15"). A message arrived
            // so long after the request was sent that the venue must have read the request.
            return .ended
        case .subscribe, .unsubscribe: return request.attempts < maximumAttempts ? .again : .exhausted
        }
    }

    /// Removes and returns all requests, oldest first.
    package mutating func takeAll() -> [Request] {
        defer { self = PendingRequests() }
        return all
    }

    /// Postpones all earlier deadlines to `instant`.
    package mutating func postpone(until instant: Instant) {
        for upstream in entries.keys.sorted() {
            guard let deadline = entries[upstream]?.request.deadline, deadline < instant else { continue }
            entries[upstream]?.request.deadline = instant
            deadlines.set(upstream, at: instant)
        }
    }

    private mutating func expectLate(_ request: Request, count: Int) {
        let key = Key(kind: request.kind, feed: request.feed)
        let known = late[key]?.count ?? 0
        late[key] = Late(count: known + count, until: request.lateUntil)
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
