package import HyperliquidWire

/// One identity as it is held at the venue, from its first subscription to its last.
///
/// ```
///            sent            acknowledged, or data
///  waiting ───────► asked ──────────────────────────► live
///     ▲               │                                 │
///     ├───────────────┴──── connection lost ────────────┤
///     │               │                                 │
///     │  wanted again ▼      no longer wanted           │
///     └──────────── leaving ◄───────────────────────────┘
/// ```
package struct UpstreamSubscription: Hashable, Sendable {
    package enum State: Hashable, Sendable {
        /// The subscribe is not sent yet. Can move to `asked`; ends with its last subscription.
        case waiting(WaitReason, since: Instant)
        /// Sent, not acknowledged. Can move to `live`, `waiting` (connection lost) and `leaving`; ends by a refusal.
        case asked(ConnectionID, since: Instant)
        /// Acknowledged, or its data came. Can move to `waiting` (connection lost) and `leaving`.
        case live(ConnectionID, since: Instant)
        /// Being unsubscribed. When that is confirmed, it ends, or moves to `waiting` if it has subscribers again.
        case leaving(ConnectionID, since: Instant)
    }

    /// A pause that a refusal imposed.
    package struct Hold: Hashable, Sendable {
        package let reason: WaitReason
        package let until: Instant
    }

    package let id: UpstreamID
    let feed: FeedDescription
    package private(set) var state: State
    /// The subscriptions that share the upstream subscription, oldest first.
    package private(set) var subscriptions: [SubscriptionID]
    /// The number of subscribe attempts so far, so that a late answer is never taken for the answer to a newer one.
    package private(set) var generation: UInt64 = 0
    /// Whether the venue has accepted this identity in the lifetime of this client.
    package private(set) var isProven: Bool
    /// Whether the venue has answered the last subscribe, or has brought data after it.
    package private(set) var isAnswered = false
    /// The gap to announce before the next event.
    package private(set) var pendingGap: Gap.Reason?
    /// Whether the venue goes on counting the user for a while after the upstream subscription has ended.
    package private(set) var lingers = true
    /// The pause before the next subscribe may be sent.
    package private(set) var hold: Hold?

    init(
        id: UpstreamID, feed: FeedDescription, subscriptions: [SubscriptionID] = [], isProven: Bool = false,
        state: State
    ) {
        self.id = id
        self.feed = feed
        self.subscriptions = subscriptions
        self.isProven = isProven
        self.state = state
    }

    package var request: FeedRequest { feed.request }

    package var traits: FeedTraits { feed.traits }

    package var ambiguityKey: AmbiguityKey { feed.ambiguityKey }

    /// The connection of the upstream subscription in its present state; `nil` while it waits.
    package var connection: ConnectionID? {
        switch state {
        case .waiting: nil
        case .asked(let connection, _), .live(let connection, _), .leaving(let connection, _): connection
        }
    }

    /// The time at which the present state began.
    package var since: Instant {
        switch state {
        case .waiting(_, let since), .asked(_, let since), .live(_, let since), .leaving(_, let since): since
        }
    }

    package var isLive: Bool { if case .live = state { true } else { false } }

    package var isLeaving: Bool { if case .leaving = state { true } else { false } }

    package var isWaiting: Bool { if case .waiting = state { true } else { false } }

    /// Whether the venue sends messages of the feed whatever happens, so that silence is a sign of a fault.
    package var ticks: Bool { traits.ticks }

    // MARK: Changes, made by the registry

    mutating func add(_ subscription: SubscriptionID) { subscriptions.append(subscription) }

    mutating func remove(_ subscription: SubscriptionID) { subscriptions.removeSorted(subscription) }

    /// Changes the reason for waiting.
    mutating func wait(for reason: WaitReason) { state = .waiting(reason, since: since) }

    /// Moves to `waiting`.
    mutating func wait(for reason: WaitReason, since now: Instant) { state = .waiting(reason, since: now) }

    /// Moves to `asked`: the subscribe was sent.
    mutating func wasAsked(on connection: ConnectionID, at now: Instant) {
        generation += 1
        isAnswered = false
        lingers = true
        state = .asked(connection, since: now)
    }

    /// Notes that the venue has accepted the identity.
    mutating func wasAccepted() {
        isProven = true
        isAnswered = true
    }

    /// Moves to `live`.
    mutating func becameLive(on connection: ConnectionID, at now: Instant) {
        isAnswered = true
        state = .live(connection, since: now)
    }

    /// Moves to `leaving`.
    mutating func isLeaving(_ connection: ConnectionID, at now: Instant) {
        state = .leaving(connection, since: now)
    }

    /// Notes that the venue refused the subscribe and so never counted its user, who does not linger. After an earlier
    /// subscribe, on a connection that was lost, the user may linger all the same.
    mutating func wasNeverCounted() { if generation == 1 { lingers = false } }

    mutating func pause(for reason: WaitReason, until time: Instant) { hold = Hold(reason: reason, until: time) }

    /// Notes a gap; if there are several, the first reason is kept.
    mutating func announceLater(_ gap: Gap.Reason) { pendingGap = pendingGap ?? gap }

    mutating func takeGap() -> Gap.Reason? { pendingGap.take() }

    /// Takes over the connection and state of the replacement, which is live.
    mutating func takePlace(of replacement: UpstreamSubscription) {
        generation = max(generation, replacement.generation)
        isAnswered = replacement.isAnswered
        state = replacement.state
    }
}

/// The constant part of an upstream subscription: its request, its traits, and the ambiguity key and user derived from
/// them.
///
/// A class with value semantics, for speed: a copy of an upstream subscription then retains one reference instead of
/// ten, and each is copied about twenty times before it is live.
package final class FeedDescription: Hashable, Sendable {
    package let request: FeedRequest
    package let traits: FeedTraits
    package let ambiguityKey: AmbiguityKey
    /// The user of the feed; `nil` for market data.
    package let user: String?

    package init(_ request: FeedRequest, _ traits: FeedTraits) {
        self.request = request
        self.traits = traits
        ambiguityKey = AmbiguityKey(traits)
        user = request.user
    }

    package static func == (lhs: FeedDescription, rhs: FeedDescription) -> Bool {
        lhs === rhs || (lhs.request == rhs.request && lhs.traits == rhs.traits)
    }

    package func hash(into hasher: inout Hasher) { hasher.combine(request) }
}
