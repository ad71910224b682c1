package import HyperliquidWire

/// One identity that somebody wants: its life from the first subscription to the last.
package struct UpstreamSubscription: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// Not asked for. Can move to `asked`; ends with its last subscription.
        case waiting(WaitReason, since: Instant)
        /// Sent, not acknowledged. Can move to `live`, `waiting` (connection lost, limit) and `leaving`; ends by a refusal.
        case asked(ConnectionID, since: Instant)
        /// Acknowledged, or its data came. Can move to `waiting` (connection lost) and `leaving`.
        case live(ConnectionID, since: Instant)
        /// Its end was asked for. Can move to `waiting` when somebody wants it again; ends when confirmed.
        case leaving(ConnectionID, since: Instant)
    }

    package let id: UpstreamID
    let terms: FeedDescription
    package var state: State
    /// Who wants it, oldest first.
    package var subscriptions: [SubscriptionID] = []
    /// Where it has its place, from placement until its end is confirmed or the place is lost.
    package var slot: SlotID?
    /// Counts its attempts, so that a late answer is not taken for a new one's.
    package var generation: UInt64 = 0
    /// Whether the venue has accepted this identity in this client's life.
    package var isProven = false
    /// How often it killed a connection, alone.
    package var killCount = 0
    /// Whether a connection died while it was unanswered, so that it must be tried alone.
    package var isSuspect = false
    /// Why subscribers may have missed something since it was last live.
    package var pendingGap: Gap.Reason?
    /// Whether the venue counts its user for a while after its end.
    package var lingers = true
    /// How regularly it ticks, since it is live.
    package var cadence = Cadence()
    /// Whose place it prepares elsewhere, if it is a replacement; then nobody else wants it.
    package var replacementOf: UpstreamID?
    /// What keeps it from being asked for again, after a refusal by a limit of the venue.
    package var hold: Hold?

    init(id: UpstreamID, terms: FeedDescription, state: State) {
        self.id = id
        self.terms = terms
        self.state = state
    }

    package var request: FeedRequest { terms.request }

    package var traits: FeedTraits { terms.traits }

    package var ambiguityKey: AmbiguityKey { terms.ambiguityKey }

    /// A wait that a refusal imposed.
    package struct Hold: Hashable, Sendable {
        package let reason: WaitReason
        package let until: Instant
    }

    /// The connection it is on, in whatever state.
    package var connection: ConnectionID? {
        switch state {
        case .waiting: nil
        case .asked(let connection, _), .live(let connection, _), .leaving(let connection, _): connection
        }
    }

    /// Since when it is in its state.
    package var since: Instant {
        switch state {
        case .waiting(_, let since), .asked(_, let since), .live(_, let since), .leaving(_, let since): since
        }
    }

    package var isLive: Bool {
        if case .live = state { return true }
        return false
    }

    /// Whether it shows the whole state again and again, so that silence tells something (docs/protocol.md, "Liveness":
    /// market data tick regardless, users' feeds may be silent for hours).
    package var ticks: Bool { traits.snapshot == .everyMessage && request.user == nil }

    package var isLeaving: Bool {
        if case .leaving = state { return true }
        return false
    }

    package var isWaiting: Bool {
        if case .waiting = state { return true }
        return false
    }

}
