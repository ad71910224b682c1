package import HyperliquidWire

/// One connection: from the command to dial to its close. One-shot.
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
    package let slot: SlotID
    package private(set) var state: State
    package var answers = PendingRequests()
    private(set) var heartbeat: Heartbeat?
    /// When the venue last said anything, as far as was reported.
    private(set) var heardAt: Instant = .start

    /// What has ended here lately.
    private var endings: [Ending] = []

    /// A subscription whose last messages may still be under way though its end was acknowledged
    /// (docs/protocol.md, "Unsubscribe").
    private struct Ending: Hashable, Sendable {
        let ambiguityKey: AmbiguityKey
        let request: FeedRequest
        let until: Instant
    }

    package init(id: ConnectionID, slot: SlotID, at now: Instant) {
        self.id = id
        self.slot = slot
        state = .dialling(since: now)
    }

    package var isOpen: Bool {
        if case .open = state { return true }
        return false
    }

    package var openedAt: Instant? {
        if case .open(let since) = state { return since }
        return nil
    }

    package mutating func opened(at now: Instant, idleTimeout: Duration, timeout: Duration) {
        guard case .dialling = state else { return }
        state = .open(since: now)
        heartbeat = Heartbeat(idleTimeout: idleTimeout, timeout: timeout, at: now)
    }

    /// Moves to `closing`; false when it was closing already.
    package mutating func beginClosing(at now: Instant) -> Bool {
        if case .closing = state { return false }
        state = .closing(since: now)
        heartbeat = nil
        return true
    }

    package mutating func beat(_ input: Heartbeat.Input, at now: Instant, into effects: inout [Heartbeat.Effect]) {
        if input != .woke { heardAt = now }
        heartbeat?.handle(input, at: now, into: &effects)
    }

    /// A subscription has ended here; its messages may come until then.
    package mutating func ended(_ upstream: UpstreamSubscription, lateUntil: Instant, at now: Instant) {
        endings.removeAll { $0.until <= now }
        endings.append(Ending(ambiguityKey: upstream.ambiguityKey, request: upstream.request, until: lateUntil))
    }

    /// When no message of what has ended here can be taken for one of `upstream`'s any more; now, if none can.
    ///
    /// Late messages of its own identity do no harm to those who come new to it: what they bring is true. They
    /// would to those who were promised a gap, or a move without one, before the next message.
    package func isClear(for upstream: UpstreamSubscription, at now: Instant) -> Instant {
        guard !endings.isEmpty else { return now }
        let isNew = upstream.pendingGap == nil && upstream.replacementOf == nil
        return endings.filter { ending in
            if ending.request == upstream.request {
                !isNew
            } else {
                ending.ambiguityKey.isAmbiguous(with: upstream.ambiguityKey)
            }
        }.map(\.until).max().map { max($0, now) } ?? now
    }

    package var heartbeatDeadline: Instant? { heartbeat?.deadline }
}
