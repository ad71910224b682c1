package import HyperliquidWire

/// One WebSocket connection, from the command to dial to its close. It is dialled only once.
package struct Connection: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// The dial is under way. Can move to `open` and `closing`; ends when it fails.
        case dialling(since: Instant)
        /// Open. Can move to `closing`; ends when it is lost.
        case open(since: Instant)
        /// The close was commanded, and no more messages are sent. Ends when the close is reported.
        case closing(since: Instant)
    }

    package let id: ConnectionID
    package private(set) var state: State
    /// The requests that the venue has not answered.
    package var pendingRequests = PendingRequests()
    private var heartbeat: Heartbeat?
    /// When the connection opened; also known while it closes. `nil` before.
    private var openedSince: Instant?
    /// Whether the close was commanded because of a fault.
    package private(set) var isFaulty = false
    /// The time of the last message that the shell reported.
    private(set) var heardAt: Instant = .start
    /// Whether a message has arrived since the connection opened.
    package private(set) var isHeard = false
    /// The time of the last data that the shell reported, as opposed to pongs and answers.
    private var dataAt: Instant = .start
    /// The time of the last bytes that the shell reported.
    private var bytesAt: Instant = .start
    /// The subscriptions that have ended here lately.
    private var endings: [Ending] = []

    /// A subscription whose last messages may still be under way although its unsubscribe was acknowledged.
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

    /// Whether a message has been arriving for a while, so that answers wait behind it.
    package func isReceiving(at now: Instant) -> Bool {
        bytesAt > max(heardAt.advanced(by: .seconds(2)), now.advanced(by: .seconds(-5)))
    }

    /// Whether the connection has brought no data since then, whatever pongs and answers it brought.
    package func hasNoData(since instant: Instant) -> Bool { dataAt <= instant }

    /// Whether the connection has been open for so long.
    package func isProven(after duration: Duration, at now: Instant) -> Bool {
        openedSince.map { $0.advanced(by: duration) <= now } ?? false
    }

    /// - Parameter firstPing: When the connection is pinged unless something arrives before.
    package mutating func opened(at now: Instant, firstPing: Instant, idleTimeout: Duration, pongTimeout: Duration) {
        guard case .dialling = state else { return }
        state = .open(since: now)
        openedSince = now
        heartbeat = Heartbeat(idleTimeout: idleTimeout, pongTimeout: pongTimeout, firstPing: firstPing)
    }

    /// Moves to `closing`; returns `false` if the connection was closing already.
    package mutating func beginClosing(isFaulty: Bool, at now: Instant) -> Bool {
        if case .closing = state { return false }
        self.isFaulty = isFaulty
        state = .closing(since: now)
        heartbeat = nil
        return true
    }

    /// Passes an input on to the heartbeat.
    package mutating func beat(_ input: Heartbeat.Input, at now: Instant, into effects: inout [Heartbeat.Effect]) {
        switch input {
        case .frameArrived, .pongArrived, .answerArrived:
            heardAt = now
            isHeard = true
            if input == .frameArrived { dataAt = now }
        // The message that the bytes belong to may have been sent long ago.
        case .bytesArrived: bytesAt = now
        case .woke: break
        }
        heartbeat?.handle(input, at: now, into: &effects)
    }

    /// The time at which the connection must be probed or given up; `nil` unless it is open.
    package var heartbeatDeadline: Instant? { heartbeat?.deadline }

    /// Notes that a subscription has ended on this connection; its messages may come until `lateUntil`.
    package mutating func ended(_ upstream: UpstreamSubscription, lateUntil: Instant, at now: Instant) {
        endings.removeAll { $0.until <= now }
        endings.append(Ending(ambiguityKey: upstream.ambiguityKey, request: upstream.request, until: lateUntil))
    }

    /// The time from which no message of a subscription that has ended on this connection can be taken for a message of
    /// `upstream`.
    ///
    /// Late messages of the identity of `upstream` are harmless for new subscribers, because their content is correct.
    /// They must not reach subscribers that expect a gap, or a handover, before the next message.
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
