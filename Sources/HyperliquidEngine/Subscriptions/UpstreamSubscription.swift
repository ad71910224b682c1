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
        /// Not asked for. Can move to `asked`; ends with its last subscription.
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
    /// The subscriptions that share it, oldest first.
    package private(set) var subscriptions: [SubscriptionID]
    /// The number of its subscribe attempts, so that a late answer is never taken for the answer to a newer one.
    package private(set) var generation: UInt64 = 0
    /// Whether the venue has accepted this identity in the lifetime of this client.
    package private(set) var isProven: Bool
    /// The gap to announce before its next event.
    package private(set) var pendingGap: Gap.Reason?
    /// Whether the venue goes on counting its user for a while after its end.
    package private(set) var lingers = true
    /// The pause before it may be asked for again.
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

    /// The connection it is on, in whatever state; `nil` while it waits.
    package var connection: ConnectionID? {
        switch state {
        case .waiting: nil
        case .asked(let connection, _), .live(let connection, _), .leaving(let connection, _): connection
        }
    }

    /// The time at which it entered its state.
    package var since: Instant {
        switch state {
        case .waiting(_, let since), .asked(_, let since), .live(_, let since), .leaving(_, let since): since
        }
    }

    package var isLive: Bool { if case .live = state { true } else { false } }

    package var isLeaving: Bool { if case .leaving = state { true } else { false } }

    package var isWaiting: Bool { if case .waiting = state { true } else { false } }

    /// Whether it sends its whole state regularly, so that silence is a sign of a fault.
    ///
    /// Market data tick regardless of activity; the feeds of users may be silent for hours (docs/protocol.md, "L9").
    package var ticks: Bool { traits.snapshot == .everyMessage && feed.user == nil }

    // MARK: Changes, made by the registry

    mutating func add(_ subscription: SubscriptionID) { subscriptions.append(subscription) }

    mutating func remove(_ subscription: SubscriptionID) { subscriptions.removeSorted(subscription) }

    /// Goes on waiting, for another reason.
    mutating func wait(for reason: WaitReason) { state = .waiting(reason, since: since) }

    /// Waits from now on.
    mutating func wait(for reason: WaitReason, since now: Instant) { state = .waiting(reason, since: now) }

    /// Was sent.
    mutating func wasAsked(on connection: ConnectionID, at now: Instant) {
        generation += 1
        lingers = true
        state = .asked(connection, since: now)
    }

    /// Was accepted by the venue.
    mutating func wasAccepted() { isProven = true }

    /// Is live from now on.
    mutating func becameLive(on connection: ConnectionID, at now: Instant) {
        state = .live(connection, since: now)
    }

    /// Is being ended from now on.
    mutating func isLeaving(_ connection: ConnectionID, at now: Instant) {
        state = .leaving(connection, since: now)
    }

    /// Was refused and so never counted by the venue; its user does not linger.
    mutating func wasNeverCounted() { lingers = false }

    mutating func pause(for reason: WaitReason, until time: Instant) { hold = Hold(reason: reason, until: time) }

    /// Notes a gap; the first reason of several counts.
    mutating func announceLater(_ gap: Gap.Reason) { pendingGap = pendingGap ?? gap }

    mutating func takeGap() -> Gap.Reason? { pendingGap.take() }

    /// Takes over the connection of its replacement, which is live there.
    mutating func takePlace(of replacement: UpstreamSubscription) {
        generation = max(generation, replacement.generation)
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
