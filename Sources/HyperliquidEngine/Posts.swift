package import HyperliquidWire

/// Requests over the socket: which may be sent, which are unanswered, and what becomes of them when their connection dies.
///
/// What nobody waits for any more still counts as in flight until its answer comes, its connection ends, or the venue
/// must have dropped it.
package struct Posts: Hashable, Sendable {
    private enum State: Hashable, Sendable {
        /// Not sent, or to be sent again, and not before then. Can move to `sent`; ends by its deadline.
        case waiting(notBefore: Instant)
        /// Sent, unanswered. Can move to `waiting` (a question whose connection died) and `abandoned`; ends by its answer.
        case sent(ConnectionID)
        /// Sent, and nobody waits any more. Ends by its answer, its connection's end or in time.
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

    /// What became of a request that ended without its answer.
    package enum Loss: Hashable, Sendable {
        /// It never reached the venue, or only asked.
        case harmless
        /// It may have acted.
        case unknownOutcome
    }

    private let window: Int
    private let memory: Duration
    private var entries: [PostID: Entry] = [:]
    /// What is to be sent, by age.
    private var waiting: [PostID] = []
    private(set) package var inFlightCount = 0

    /// - Parameters:
    ///   - window: How many may be unanswered.
    ///   - memory: How long one that nobody waits for counts as unanswered.
    package init(window: Int, memory: Duration) {
        precondition(window >= 0, "a window is a count")
        self.window = window
        self.memory = memory
    }

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

    /// Starts the clocks of the callers who have waited for the client to run.
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

    /// Whether a connection owes an answer.
    package func isInFlight(on connection: ConnectionID) -> Bool {
        inFlightCount > 0 && entries.values.contains { $0.state.connection == connection }
    }

    /// Its answer has come; false when it is unknown, or was sent on another connection.
    package mutating func answer(_ id: PostID, on connection: ConnectionID) -> Bool {
        guard entries[id]?.state.connection == connection else { return false }
        return remove(id) != nil
    }

    /// The venue had too many of them and did not look at this one: it is sent again, later.
    package mutating func putOff(_ id: PostID, on connection: ConnectionID, until instant: Instant) {
        guard case .sent(connection) = entries[id]?.state else { return _ = answer(id, on: connection) }
        inFlightCount -= 1
        entries[id]?.state = .waiting(notBefore: instant)
        wait(id)
    }

    /// Nobody waits for it any more: gives what became of it, or nothing when it is unknown.
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

    /// A connection ended: questions are asked again, actions have an unknown outcome; those are named and gone.
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

    /// Those whose callers have waited long enough, by age; forgets what is abandoned for long enough, and pauses
    /// that are over.
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

    /// All that somebody waits for, by age.
    package var awaited: [PostID] {
        entries.keys.sorted().filter { id in
            if case .abandoned = entries[id]?.state { false } else { true }
        }
    }

    package func isSent(_ id: PostID) -> Bool {
        if case .sent = entries[id]?.state { true } else { false }
    }

    /// When something is due: a caller's timeout, the end of a pause, the end of an abandoned one's memory.
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
