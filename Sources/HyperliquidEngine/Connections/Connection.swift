package import HyperliquidWire

/// One WebSocket connection, from the command to dial to its close. One-shot.
package struct Connection: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// The dial is under way. Can move to `open` and `closing`; ends when it fails.
        case dialling(since: Instant)
        /// Open. Can move to `closing`; ends when it is lost.
        case open(since: Instant)
        /// Its close was commanded; nothing is sent any more. Ends when the close is known.
        case closing(since: Instant)
    }

    package let id: ConnectionID
    package private(set) var state: State
    /// The requests that the venue has not answered.
    package var pendingRequests = PendingRequests()
    private var heartbeat: Heartbeat?
    /// When the venue last said anything, as far as was reported.
    private(set) var heardAt: Instant = .start
    /// The subscriptions that have ended here lately.
    private var endings: [Ending] = []

    /// A subscription whose last messages may still be under way though its end was acknowledged.
    private struct Ending: Hashable, Sendable {
        let ambiguityKey: AmbiguityKey
        let request: FeedRequest
        let until: Instant
    }

    package init(id: ConnectionID, at now: Instant) {
        self.id = id
        state = .dialling(since: now)
    }

    package var isOpen: Bool { if case .open = state { true } else { false } }

    package var openedAt: Instant? {
        if case .open(let since) = state { since } else { nil }
    }

    package mutating func opened(at now: Instant, idleTimeout: Duration, pongTimeout: Duration) {
        guard case .dialling = state else { return }
        state = .open(since: now)
        heartbeat = Heartbeat(idleTimeout: idleTimeout, pongTimeout: pongTimeout, at: now)
    }

    /// Moves to `closing`; returns `false` if it was closing already.
    package mutating func beginClosing(at now: Instant) -> Bool {
        if case .closing = state { return false }
        state = .closing(since: now)
        heartbeat = nil
        return true
    }

    /// Tells the heartbeat what was heard, or that it is due.
    package mutating func beat(_ input: Heartbeat.Input, at now: Instant, into effects: inout [Heartbeat.Effect]) {
        if input != .woke { heardAt = now }
        heartbeat?.handle(input, at: now, into: &effects)
    }

    /// When it must be probed or given up; `nil` unless it is open.
    package var heartbeatDeadline: Instant? { heartbeat?.deadline }

    /// Notes that a subscription has ended here; its messages may come until `lateUntil`.
    package mutating func ended(_ upstream: UpstreamSubscription, lateUntil: Instant, at now: Instant) {
        endings.removeAll { $0.until <= now }
        endings.append(Ending(ambiguityKey: upstream.ambiguityKey, request: upstream.request, until: lateUntil))
    }

    /// The time from which no message of a subscription that has ended here can be taken for one of `upstream`.
    ///
    /// Late messages of its own identity do no harm to new subscribers: their content is true. They would harm
    /// subscribers that were promised a gap, or a move without one, before the next message.
    ///
    /// - Parameter isReplacement: Whether `upstream` takes over from another connection.
    package func isClear(for upstream: UpstreamSubscription, isReplacement: Bool, at now: Instant) -> Instant {
        guard !endings.isEmpty else { return now }
        let isNew = upstream.pendingGap == nil && !isReplacement
        return endings.filter { ending in
            if ending.request == upstream.request {
                !isNew
            } else {
                ending.ambiguityKey.isAmbiguous(with: upstream.ambiguityKey)
            }
        }.map(\.until).max().map { max($0, now) } ?? now
    }
}
