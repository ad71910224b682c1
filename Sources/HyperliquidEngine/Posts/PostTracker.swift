package import HyperliquidWire

extension Engine {
    /// The thing that a request over the socket waits for.
    package enum PostWait: Hashable, Sendable {
        case start
        case connection
        /// As many requests as are allowed are unanswered.
        case window
        case messageLimit
        case answer
    }

    /// The reason why a request over the socket ended without an answer.
    package enum PostFailure: Hashable, Sendable {
        /// It was not sent, or only asks: nothing has happened at the venue.
        case timedOut(PostWait)
        /// An action was sent and its answer did not come: it may have been carried out.
        case unknownOutcome(PostLoss)
        /// The venue refused to read it, in these words.
        case refused(String)
        /// None is ever allowed: `postsInFlight` is 0.
        case neverFits
        /// Its caller was cancelled; nothing has happened at the venue.
        case cancelled
        /// The client ended; nothing has happened at the venue.
        case clientEnded
    }

    /// How the answer of an action was lost.
    package enum PostLoss: Hashable, Sendable {
        case connectionLost(CloseReason)
        case timedOut
        case cancelled
        case clientEnded
    }
}

/// Requests over the socket: which may be sent, which are unanswered, and what becomes of them when their connection
/// dies.
///
/// A request whose caller no longer waits counts as in flight until its answer comes, its connection ends, or the venue
/// must have dropped it.
package struct PostTracker: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// Not sent, or to be sent again, and not before then. Can move to `sent`; ends by its deadline.
        case waiting(notBefore: Instant)
        /// Sent, unanswered. Can move to `waiting` (a question whose connection died) and `abandoned`; ends by its answer.
        case sent(ConnectionID)
        /// Sent, and its caller no longer waits. Ends by its answer, with its connection or in time.
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
        let timeout: Duration
        var deadline: Instant
        var state: State
    }

    /// The outcome of a request that ended without its answer.
    package enum Loss: Hashable, Sendable {
        /// It never reached the venue, or only asked.
        case harmless
        /// It may have acted.
        case unknownOutcome
    }

    private let window: Int
    private let memory: Duration
    private let retry: Duration
    private var entries: [PostID: Entry] = [:]
    /// The requests to be sent, oldest first.
    private var waiting: [PostID] = []
    /// How many requests count as unanswered.
    private(set) package var inFlightCount = 0
    /// How many of them the rate limiter counts; the difference is given back at the end of a turn.
    private var countedCount = 0

    /// - Parameters:
    ///   - window: How many requests may be unanswered.
    ///   - memory: How long a request whose caller no longer waits counts as unanswered.
    ///   - retry: How long a request waits after the venue had too many of them.
    package init(window: Int, memory: Duration, retry: Duration = .seconds(1)) {
        precondition(window >= 0, "a window is a count")
        self.window = window
        self.memory = memory
        self.retry = retry
    }

    // MARK: Turns

    /// Registers a request.
    mutating func post(_ id: PostID, _ kind: PostKind, timeout: Duration, _ turn: inout Turn) {
        guard window > 0, turn.limiter.limits.postsInFlight > 0 else {
            return turn.effects.append(.failPost(id, .neverFits))
        }
        add(id, kind, timeout: timeout, at: turn.now)
    }

    /// Gives up a request whose caller was cancelled.
    mutating func cancel(_ id: PostID, _ turn: inout Turn) {
        switch abandon(id, at: turn.now) {
        case .harmless: turn.effects.append(.failPost(id, .cancelled))
        case .unknownOutcome: turn.effects.append(.failPost(id, .unknownOutcome(.cancelled)))
        case nil: break  // It has ended before.
        }
    }

    /// Ends a request that the venue could not read, as an error text says.
    mutating func refused(_ id: PostID, _ text: String, on connection: ConnectionID, _ turn: inout Turn) {
        if answer(id, on: connection) { turn.effects.append(.failPost(id, .refused(text))) }
    }

    /// Has a request wait that the venue did not execute, because it had too many.
    mutating func putOff(_ id: PostID, on connection: ConnectionID, at now: Instant) {
        putOff(id, on: connection, until: now.advanced(by: retry))
    }

    /// Ends the actions of a connection that has ended, and has its questions asked again.
    mutating func connectionLost(_ connection: ConnectionID, _ reason: CloseReason, _ turn: inout Turn) {
        for id in lose(connection) { turn.effects.append(.failPost(id, .unknownOutcome(.connectionLost(reason)))) }
    }

    /// Ends the requests whose callers have waited long enough.
    ///
    /// - Parameter connection: The connection that carries requests; `nil` if there is none.
    mutating func expire(on connection: ConnectionID?, _ turn: inout Turn) {
        for id in expired(at: turn.now) {
            let wait = wait(of: id, on: connection, turn)
            switch abandon(id, at: turn.now) {
            case .harmless: turn.effects.append(.failPost(id, .timedOut(wait)))
            case .unknownOutcome: turn.effects.append(.failPost(id, .unknownOutcome(.timedOut)))
            case nil: break
            }
        }
    }

    private func wait(of id: PostID, on connection: ConnectionID?, _ turn: Turn) -> Engine.PostWait {
        if isSent(id) { return .answer }
        if connection == nil { return .connection }
        if isWindowFull || !turn.limiter.hasPost { return .window }
        return turn.limiter.nextMessage(at: turn.now) > turn.now ? .messageLimit : .answer
    }

    /// Ends all requests, because the client ends.
    mutating func drain(_ turn: inout Turn) {
        for id in awaited {
            let isUnknown = abandon(id, at: turn.now) == .unknownOutcome
            turn.effects.append(.failPost(id, isUnknown ? .unknownOutcome(.clientEnded) : .clientEnded))
        }
    }

    /// Sends the requests that wait, oldest first, as fast as is allowed.
    mutating func send(on connection: ConnectionID?, _ turn: inout Turn) {
        guard isWaiting, let connection else { return }
        giveBack(&turn)
        while turn.limiter.hasPost, let id = next(at: turn.now), turn.maySendMessage() {
            turn.limiter.spendMessage(at: turn.now)
            turn.limiter.takePost()
            countedCount += 1
            send(id, on: connection)
            turn.effects.append(.sendPost(connection, id))
        }
    }

    /// Gives the rate limiter back what is answered or given up.
    mutating func giveBack(_ turn: inout Turn) {
        while countedCount > inFlightCount {
            turn.limiter.returnPost()
            countedCount -= 1
        }
    }

    // MARK: Requests

    package var isWaiting: Bool { !waiting.isEmpty }

    package var isWindowFull: Bool { inFlightCount >= window }

    package mutating func add(_ id: PostID, _ kind: PostKind, timeout: Duration, at now: Instant) {
        precondition(entries[id] == nil, "post ids are never reused")
        entries[id] = Entry(
            kind: kind, timeout: timeout, deadline: now.advanced(by: timeout), state: .waiting(notBefore: .start))
        wait(id)
    }

    private mutating func wait(_ id: PostID) {
        let index = waiting.lastIndex { $0 < id }.map { $0 + 1 } ?? 0
        waiting.insert(id, at: index)
    }

    /// Starts the timeouts of the callers that have waited for the client to run.
    package mutating func startClocks(at now: Instant) {
        for (id, entry) in entries { entries[id]?.deadline = now.advanced(by: entry.timeout) }
    }

    /// The oldest request that may be sent now.
    package func next(at now: Instant) -> PostID? {
        guard !isWindowFull else { return nil }
        return waiting.first { id in
            if case .waiting(let notBefore) = entries[id]?.state { notBefore <= now } else { false }
        }
    }

    package mutating func send(_ id: PostID, on connection: ConnectionID) {
        guard case .waiting = entries[id]?.state else { preconditionFailure("only what waits is sent") }
        entries[id]?.state = .sent(connection)
        waiting.removeAll { $0 == id }
        inFlightCount += 1
    }

    /// Whether a request is unanswered on a connection.
    package func isInFlight(on connection: ConnectionID) -> Bool {
        inFlightCount > 0 && entries.values.contains { $0.state.connection == connection }
    }

    /// Ends a request whose answer has come; returns `false` if it is unknown or was sent on another connection.
    package mutating func answer(_ id: PostID, on connection: ConnectionID) -> Bool {
        guard entries[id]?.state.connection == connection else { return false }
        return remove(id) != nil
    }

    /// Has a request sent again later, because the venue had too many and did not look at this one.
    package mutating func putOff(_ id: PostID, on connection: ConnectionID, until instant: Instant) {
        guard case .sent(connection) = entries[id]?.state else { return _ = answer(id, on: connection) }
        inFlightCount -= 1
        entries[id]?.state = .waiting(notBefore: instant)
        wait(id)
    }

    /// Gives up a request whose caller no longer waits, and returns what became of it; `nil` if it is unknown.
    package mutating func abandon(_ id: PostID, at now: Instant) -> Loss? {
        switch entries[id]?.state {
        case nil, .abandoned: return nil
        case .waiting:
            remove(id)
            return .harmless
        case .sent(let connection):
            entries[id]?.state = .abandoned(connection, until: now.advanced(by: memory))
            return entries[id]?.kind == .action ? .unknownOutcome : .harmless
        }
    }

    /// Notes that a connection has ended: its questions are asked again, its actions end and are returned.
    package mutating func lose(_ connection: ConnectionID) -> [PostID] {
        var unknown: [PostID] = []
        for id in entries.keys.sorted() where entries[id]?.state.connection == connection {
            guard case .sent = entries[id]?.state else {
                remove(id)
                continue
            }
            if entries[id]?.kind == .action {
                remove(id)
                unknown.append(id)
            } else {
                inFlightCount -= 1
                entries[id]?.state = .waiting(notBefore: .start)
                wait(id)
            }
        }
        return unknown
    }

    /// The requests whose callers have waited long enough, oldest first. Forgets requests that were given up long ago,
    /// and pauses that are over.
    package mutating func expired(at now: Instant) -> [PostID] {
        var expired: [PostID] = []
        for id in entries.keys.sorted() {
            switch entries[id]?.state {
            case .abandoned(_, let until): if until <= now { remove(id) }
            case .waiting(let notBefore):
                // Its pause is over: what keeps it now is no question of time, and nothing to wake for.
                if notBefore <= now { entries[id]?.state = .waiting(notBefore: .start) }
                if isOverdue(id, at: now) { expired.append(id) }
            case .sent: if isOverdue(id, at: now) { expired.append(id) }
            case nil: break
            }
        }
        return expired
    }

    private func isOverdue(_ id: PostID, at now: Instant) -> Bool { entries[id].map { $0.deadline <= now } == true }

    /// The requests whose callers still wait, oldest first.
    package var awaited: [PostID] {
        entries.keys.sorted().filter { id in
            if case .abandoned = entries[id]?.state { false } else { true }
        }
    }

    package func isSent(_ id: PostID) -> Bool {
        if case .sent = entries[id]?.state { true } else { false }
    }

    /// When the next timeout, end of a pause or end of a memory is due.
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

/// Names one request over the socket; it goes on the upstream subscription. Never used twice in a client's life.
package struct PostID: CountedID {
    package let rawValue: UInt64
    package init(_ rawValue: UInt64) { self.rawValue = rawValue }
}

/// What a request does at the venue.
package enum PostKind: String, Hashable, Sendable {
    /// It asks: it may be sent again when its answer is lost.
    case info
    /// It acts, and may have acted though its answer is lost: it is never sent again.
    case action
}
