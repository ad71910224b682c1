package import HyperliquidWire

/// One connection: from the command to dial to its close. One-shot.
package struct Link: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// The dial is under way. Can move to `open` and `closing`; ends when it fails.
        case dialling(since: Instant)
        /// Open. Can move to `closing`; ends when it is lost.
        case open(since: Instant)
        /// Its close was commanded; nothing is sent any more. Ends when the close is known.
        case closing(since: Instant)
    }

    package let id: LinkID
    package let lane: LaneID
    package private(set) var state: State
    package var answers = Answers()
    private(set) var heartbeat: Heartbeat?
    /// When the venue last said anything, as far as was reported.
    private(set) var heardAt: Instant = .start

    package init(id: LinkID, lane: LaneID, at now: Instant) {
        self.id = id
        self.lane = lane
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

    package mutating func opened(at now: Instant, silence: Duration, patience: Duration) {
        guard case .dialling = state else { return }
        state = .open(since: now)
        heartbeat = Heartbeat(silence: silence, patience: patience, at: now)
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

    package var heartbeatDeadline: Instant? { heartbeat?.deadline }
}
