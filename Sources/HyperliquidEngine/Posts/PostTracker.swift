package import HyperliquidWire

/// Tracks posts, the requests over the socket: those that wait, those in flight, and those whose connection has died.
///
/// When a connection dies, its `info` requests are sent again and its actions end with an unknown outcome. A post whose
/// caller no longer waits counts as in flight until its answer comes, its connection ends, or the venue must have
/// dropped it.
package struct PostTracker: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// To be sent, for the first time or again, at `notBefore` or later. Can move to `sent`; ends by its deadline.
        case waiting(notBefore: Instant)
        /// Sent and not answered. Can move to `waiting` and `abandoned`; ends by its answer or, for an action, with its
        /// connection.
        case sent(ConnectionID)
        /// Sent, and its caller no longer waits. Ends by its answer, with its connection or at `until`.
        case abandoned(ConnectionID, until: Instant)

        var connection: ConnectionID? {
            switch self {
            case .waiting: nil
            case .sent(let connection), .abandoned(let connection, _): connection
            }
        }
    }

    private struct Entry: Hashable, Sendable {
        let kind: PostKind
        let weight: Int
        let deadline: Instant
        var state: State
    }

    /// The consequence of a post that ended without its answer.
    package enum Loss: Hashable, Sendable {
        /// The post was not sent or is an `info` request, so it changed no state at the venue.
        case harmless
        /// The post is an action that the venue may have executed.
        case unknownOutcome
    }

    private let limit: Int
    private let memory: Duration
    private let retry: Duration
    private var entries: [PostID: Entry] = [:]
    /// The posts to be sent, oldest first.
    private var waiting: [PostID] = []
    /// The number of posts in flight, including abandoned ones.
    private(set) package var inFlightCount = 0
    /// The number of posts that the rate limiter counts; the surplus over `inFlightCount` is returned at the end of a
    /// turn.
    private var countedCount = 0

    /// Creates a tracker without posts.
    ///
    /// - Parameters:
    ///   - limit: The number of posts that may be in flight; at least 0.
    ///   - memory: How long a post whose caller no longer waits counts as in flight.
    ///   - retry: How long a post waits after the venue refused it because too many were in flight: 1 s by default.
    package init(limit: Int, memory: Duration, retry: Duration = .seconds(1)) {
        precondition(limit >= 0, "the limit must not be negative")
        self.limit = limit
        self.memory = memory
        self.retry = retry
    }

    // MARK: Turns

    /// Registers a post; fails it if no post is ever allowed.
    package mutating func post(
        _ id: PostID, _ kind: PostKind, weight: Int = 1, timeout: Duration, _ turn: inout Turn
    ) {
        guard limit > 0, turn.limiter.limits.postsInFlight > 0 else {
            return turn.effects.append(.failPost(id, .neverFits))
        }
        add(id, kind, weight: weight, timeout: timeout, at: turn.now)
    }

    /// Abandons a post whose caller was cancelled.
    package mutating func cancel(_ id: PostID, _ turn: inout Turn) {
        switch abandon(id, at: turn.now) {
        case .harmless: turn.effects.append(.failPost(id, .cancelled))
        case .unknownOutcome: turn.effects.append(.failPost(id, .unknownOutcome(.cancelled)))
        case nil: break  // The post ended earlier.
        }
    }

    /// Fails a post that the venue refused, with the venue's error text, if its caller still waits.
    package mutating func refused(_ id: PostID, _ text: String, on connection: ConnectionID, _ turn: inout Turn) {
        let isAwaited = isSent(id)
        if answer(id, on: connection), isAwaited { turn.effects.append(.failPost(id, .refused(text))) }
    }

    /// Makes a post wait before it is sent again: the venue did not execute it, because too many were in flight.
    package mutating func putOff(_ id: PostID, on connection: ConnectionID, at now: Instant) {
        putOff(id, on: connection, until: now.advanced(by: retry))
    }

    /// Acts on the venue's refusal of a post because the requests weigh too much, of which nothing was executed. All
    /// questions pause, and this one is sent again. An action fails with the venue's text: later may be too late for it.
    package mutating func limited(
        _ id: PostID, _ text: String, on connection: ConnectionID, until instant: Instant, _ turn: inout Turn
    ) {
        turn.limiter.pauseQuestions(until: instant)
        guard entries[id]?.kind == .info else { return refused(id, text, on: connection, &turn) }
        putOff(id, on: connection, until: instant)
    }

    /// Fails the actions of a connection that has ended, and queues its `info` requests again.
    package mutating func connectionLost(_ connection: ConnectionID, _ reason: CloseReason, _ turn: inout Turn) {
        for id in lose(connection) { turn.effects.append(.failPost(id, .unknownOutcome(.connectionLost(reason)))) }
    }

    /// Fails the posts whose timeouts have passed.
    ///
    /// - Parameters:
    ///   - hasConnection: Whether a connection can carry posts.
    ///   - isIdle: Whether the client has not started yet.
    package mutating func expire(hasConnection: Bool, isIdle: Bool = false, _ turn: inout Turn) {
        for id in expired(at: turn.now) {
            let wait = isIdle ? .start : wait(of: id, hasConnection: hasConnection, turn)
            switch abandon(id, at: turn.now) {
            case .harmless: turn.effects.append(.failPost(id, .timedOut(wait)))
            case .unknownOutcome: turn.effects.append(.failPost(id, .unknownOutcome(.timedOut)))
            case nil: break
            }
        }
    }

    private func wait(of id: PostID, hasConnection: Bool, _ turn: Turn) -> Engine.PostWait {
        if isSent(id) { return .answer }
        if !hasConnection { return .connection }
        if isFull || !turn.limiter.hasPost { return .postsInFlight }
        guard let entry = entries[id] else { return .answer }
        if turn.limiter.nextMessage(at: turn.now, for: entry.kind.urgency) > turn.now { return .messageLimit }
        guard entry.kind == .info, turn.limiter.nextQuestion(weight: entry.weight, at: turn.now) > turn.now else {
            return .answer
        }
        return turn.limiter.questionsPausedUntil > turn.now ? .requestPause : .requestWeight
    }

    /// Fails all posts, because the client ends.
    package mutating func drain(_ turn: inout Turn) {
        for id in awaited {
            let isUnknown = abandon(id, at: turn.now) == .unknownOutcome
            turn.effects.append(.failPost(id, isUnknown ? .unknownOutcome(.clientEnded) : .clientEnded))
        }
    }

    /// Sends the actions that wait, oldest first, as fast as the limits allow.
    package mutating func sendActions(on connection: ConnectionID?, _ turn: inout Turn) {
        send(on: connection, &turn) { $0 != .other }
    }

    /// Sends the questions that wait, oldest first, as fast as the limits allow.
    package mutating func sendQuestions(on connection: ConnectionID?, _ turn: inout Turn) {
        send(on: connection, &turn) { $0 == .other }
    }

    private mutating func send(
        on connection: ConnectionID?, _ turn: inout Turn, where isIncluded: (RateLimiter.Urgency) -> Bool
    ) {
        guard isWaiting, let connection else { return }
        giveBack(&turn)
        // A cancel may be sent while the older ones of the queue may not. A question does not overtake a heavier one.
        var allowed: [RateLimiter.Urgency: Bool] = [:]
        while turn.limiter.hasPost,
            let (id, urgency, weight) = next(
                at: turn.now,
                where: { urgency, weight in
                    guard isIncluded(urgency) else { return false }
                    let known = allowed[urgency] ?? turn.maySendMessage(for: urgency)
                    allowed[urgency] = known && (urgency != .other || turn.mayAsk(weight: weight))
                    return allowed[urgency] == true
                })
        {
            allowed = [:]
            turn.limiter.spendMessage(at: turn.now, for: urgency)
            turn.limiter.countRequest(weight: weight, at: turn.now)
            turn.limiter.takePost()
            countedCount += 1
            send(id, on: connection)
            turn.effects.append(.sendPost(connection, id))
        }
    }

    /// Returns the posts that are no longer in flight to the rate limiter.
    package mutating func giveBack(_ turn: inout Turn) {
        while countedCount > inFlightCount {
            turn.limiter.returnPost()
            countedCount -= 1
        }
    }

    // MARK: Posts

    package var isWaiting: Bool { !waiting.isEmpty }

    package var isFull: Bool { inFlightCount >= limit }

    package mutating func add(
        _ id: PostID, _ kind: PostKind, weight: Int = 1, timeout: Duration, at now: Instant
    ) {
        precondition(entries[id] == nil, "post ids are never reused")
        entries[id] = Entry(
            kind: kind, weight: weight, deadline: now.advanced(by: timeout), state: .waiting(notBefore: .start))
        wait(id)
    }

    private mutating func wait(_ id: PostID) {
        let index = waiting.lastIndex { $0 < id }.map { $0 + 1 } ?? 0
        waiting.insert(id, at: index)
    }

    /// The oldest post that may be sent now; `nil` if there is none.
    ///
    /// - Parameter isIncluded: Whether a post of this urgency and weight may be sent.
    package func next(
        at now: Instant, where isIncluded: (RateLimiter.Urgency, _ weight: Int) -> Bool = { _, _ in true }
    ) -> (id: PostID, urgency: RateLimiter.Urgency, weight: Int)? {
        guard !isFull else { return nil }
        for id in waiting {
            guard let entry = entries[id], case .waiting(let notBefore) = entry.state, notBefore <= now,
                isIncluded(entry.kind.urgency, entry.weight)
            else { continue }
            return (id, entry.kind.urgency, entry.weight)
        }
        return nil
    }

    package mutating func send(_ id: PostID, on connection: ConnectionID) {
        guard case .waiting = entries[id]?.state else { preconditionFailure("only a waiting post can be sent") }
        entries[id]?.state = .sent(connection)
        waiting.removeAll { $0 == id }
        inFlightCount += 1
    }

    /// Whether a post is in flight on a connection.
    package func isInFlight(on connection: ConnectionID) -> Bool {
        inFlightCount > 0 && entries.values.contains { $0.state.connection == connection }
    }

    /// Ends a post whose answer has come; returns `false` if it is unknown or was sent on another connection.
    package mutating func answer(_ id: PostID, on connection: ConnectionID) -> Bool {
        guard entries[id]?.state.connection == connection else { return false }
        return remove(id) != nil
    }

    /// Queues a post again, to be sent at `instant` or later, because the venue refused it without executing it.
    package mutating func putOff(_ id: PostID, on connection: ConnectionID, until instant: Instant) {
        guard case .sent(connection) = entries[id]?.state else { return _ = answer(id, on: connection) }
        inFlightCount -= 1
        entries[id]?.state = .waiting(notBefore: instant)
        wait(id)
    }

    /// Abandons a post whose caller no longer waits, and returns the consequence; `nil` if the post is unknown.
    package mutating func abandon(_ id: PostID, at now: Instant) -> Loss? {
        switch entries[id]?.state {
        case nil, .abandoned: return nil
        case .waiting:
            remove(id)
            return .harmless
        case .sent(let connection):
            entries[id]?.state = .abandoned(connection, until: now.advanced(by: memory))
            return entries[id]?.kind == .info ? .harmless : .unknownOutcome
        }
    }

    /// Notes that a connection has ended: its `info` requests wait to be sent again; its actions end and are returned.
    package mutating func lose(_ connection: ConnectionID) -> [PostID] {
        var unknown: [PostID] = []
        for id in entries.keys.sorted() where entries[id]?.state.connection == connection {
            guard case .sent = entries[id]?.state else {
                remove(id)
                continue
            }
            if entries[id]?.kind == .info {
                inFlightCount -= 1
                entries[id]?.state = .waiting(notBefore: .start)
                wait(id)
            } else {
                remove(id)
                unknown.append(id)
            }
        }
        return unknown
    }

    /// Returns the posts whose timeouts have passed, oldest first. Also removes abandoned posts that the venue must
    /// have dropped, and pauses that are over.
    package mutating func expired(at now: Instant) -> [PostID] {
        var expired: [PostID] = []
        for id in entries.keys.sorted() {
            switch entries[id]?.state {
            case .abandoned(_, let until): if until <= now { remove(id) }
            case .waiting(let notBefore):
                // The pause is over, so it must no longer contribute to `deadline`.
                if notBefore <= now { entries[id]?.state = .waiting(notBefore: .start) }
                if isOverdue(id, at: now) { expired.append(id) }
            case .sent: if isOverdue(id, at: now) { expired.append(id) }
            case nil: break
            }
        }
        return expired
    }

    private func isOverdue(_ id: PostID, at now: Instant) -> Bool { entries[id].map { $0.deadline <= now } == true }

    /// The posts whose callers still wait, oldest first.
    package var awaited: [PostID] {
        entries.keys.sorted().filter { id in
            if case .abandoned = entries[id]?.state { false } else { true }
        }
    }

    package func isSent(_ id: PostID) -> Bool {
        if case .sent = entries[id]?.state { true } else { false }
    }

    /// The time of the next timeout, end of a pause or end of an abandoned post; `nil` if there is no post.
    package var deadline: Instant? {
        entries.values.map { entry in
            switch entry.state {
            case .waiting(let notBefore): notBefore > .start ? min(entry.deadline, notBefore) : entry.deadline
            case .sent: entry.deadline
            case .abandoned(_, let until): until
            }
        }.min()
    }

    @discardableResult private mutating func remove(_ id: PostID) -> State? {
        guard let state = entries.removeValue(forKey: id)?.state else { return nil }
        if state.connection == nil { waiting.removeAll { $0 == id } } else { inFlightCount -= 1 }
        return state
    }
}

/// The kind of a post, which decides whether it may be sent again, and how soon it is sent.
package enum PostKind: Hashable, Sendable {
    /// A query. It changes no state, so it is sent again if its answer is lost.
    case info
    /// A change of state. The venue may have executed it although its answer is lost, so it is never sent again.
    case action
    /// An action that cancels orders. It may be sent when other messages must wait.
    case cancel

    /// The type in the message to the venue.
    package var type: String { self == .info ? "info" : "action" }

    package var urgency: RateLimiter.Urgency {
        switch self {
        case .info: .other
        case .action: .action
        case .cancel: .cancel
        }
    }
}
