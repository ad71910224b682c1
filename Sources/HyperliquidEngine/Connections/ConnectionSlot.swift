package import HyperliquidWire

/// A slot for one connection at a time: the feeds that it carries, its present connection, and when it may dial again.
///
/// A slot outlives its connections. When one is lost, the slot dials the next one and restores the feeds on it.
package struct ConnectionSlot: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Any feeds that are not ambiguous with each other.
        case packed
        /// Feeds of type `shared`.
        case shared
        /// One feed of type `dedicated`.
        case dedicated
        /// The feeds of one user.
        case user(String)
        /// One suspect at a time, for its trial.
        case trial
    }

    package let id: SlotID
    /// The upstream subscriptions on the slot, as placement sees them.
    package private(set) var load: PlacementLoad
    package private(set) var connection: Connection?
    private var backoff: Backoff
    /// The dials of the last minute. One slot uses at most half of those that the limit allows for all.
    private var dials: SlidingWindow
    /// The earliest time of the slot's next dial.
    package private(set) var nextDial: Instant
    /// The time since which the slot has been empty; `nil` while it carries feeds.
    package private(set) var emptySince: Instant?
    /// When a post was last answered on the slot's connection.
    private var lastPostAt: Instant?
    package private(set) var lastClose: CloseReason?
    package private(set) var reconnectCount = 0
    /// The number of consecutive refused upgrades.
    private(set) var refusalCount = 0

    /// - Parameter dialLimit: The number of dials per minute that the slot may use, at least 1.
    package init(
        id: SlotID, kind: Kind, endpoint: EndpointKind, backoff: Backoff, dialLimit: Int, at now: Instant
    ) {
        self.id = id
        load = PlacementLoad(slot: id, kind: kind, endpoint: endpoint)
        self.backoff = backoff
        dials = SlidingWindow(limit: dialLimit, span: .seconds(60))
        nextDial = now
        emptySince = now
    }

    package var kind: Kind { load.kind }

    package var endpoint: EndpointKind { load.endpoint }

    /// The upstream subscriptions on the slot, oldest first.
    package var members: [UpstreamID] { load.members }

    package var memberCount: Int { load.count }

    /// The slot's connection; `nil` unless it is open.
    package var openConnection: ConnectionID? {
        guard let connection, connection.isOpen else { return nil }
        return connection.id
    }

    // MARK: Load

    package mutating func add(_ item: PlacementItem) {
        load.add(item)
        emptySince = nil
    }

    /// Removes an upstream subscription; the venue counts its user on this connection until `lingersUntil`.
    package mutating func remove(_ id: UpstreamID, lingersUntil: Instant, at now: Instant) {
        guard load.remove(id, lingersUntil: lingersUntil) else { return }
        if load.isEmpty { emptySince = now }
    }

    /// Turns a slot for trials into one like others.
    mutating func become(_ kind: Kind) { load.become(kind) }

    /// Exchanges a member for another upstream subscription of the same identity.
    package mutating func exchange(_ id: UpstreamID, for item: PlacementItem) {
        load.remove(id)
        load.add(item)
    }

    // MARK: Connection

    /// Whether the slot needs a connection, for feeds or for posts.
    package func needsConnection(for posts: PostTracker) -> Bool { memberCount > 0 || isNeeded(for: posts) }

    /// Whether the slot needs a connection for posts.
    package func isNeeded(for posts: PostTracker) -> Bool {
        guard endpoint == .api, kind != .trial else { return false }
        return posts.isWaiting || connection.map { posts.isInFlight(on: $0.id) } ?? false
    }

    /// The time at which the slot's idle connection is closed; `nil` while the slot carries feeds.
    func idleDeadline(linger: Duration) -> Instant? {
        guard var emptySince else { return nil }
        // A recent post extends the wait, but not if the connection is needed elsewhere.
        if let lastPostAt, emptySince > .start { emptySince = max(emptySince, lastPostAt) }
        return emptySince.advanced(by: linger)
    }

    /// Marks the connection of an empty slot, so that it is closed in this turn: a connection is needed elsewhere.
    mutating func closeSoon() { emptySince = .start }

    mutating func dialled(_ connection: Connection, at now: Instant) {
        dials.spend(at: now)
        self.connection = connection
    }

    /// Changes the slot's connection and returns the closure's result; `nil` if the slot has no connection.
    mutating func change<Result>(_ change: (inout Connection) -> Result) -> Result? {
        guard var connection = connection.take() else { return nil }
        defer { self.connection = connection }
        return change(&connection)
    }

    mutating func opened(at now: Instant, idleTimeout: Duration, pongTimeout: Duration) {
        // A trial must show that the connection itself answers, so it is pinged at once.
        let firstPing = kind == .trial ? now : now.advanced(by: idleTimeout)
        connection?.opened(at: now, firstPing: firstPing, idleTimeout: idleTimeout, pongTimeout: pongTimeout)
        refusalCount = 0
    }

    mutating func postAnswered(at now: Instant) { lastPostAt = now }

    /// Counts a refused upgrade of the slot's connection.
    mutating func upgradeRefused() { refusalCount += 1 }

    /// Removes the slot's connection, which has ended, and returns the wait before the next dial.
    ///
    /// - Parameters:
    ///   - draw: A uniformly random number, which spreads the dials of many clients.
    ///   - isTrial: Whether the connection died in the trial of a suspect, which is no failure of the slot.
    ///   - provenAfter: How long a connection must have been open for earlier failures to be forgotten.
    mutating func closed(
        _ reason: CloseReason, draw: UInt64, isTrial: Bool, provenAfter: Duration, at now: Instant
    ) -> Duration {
        let wait = waitAfterClose(reason, draw: draw, isTrial: isTrial, provenAfter: provenAfter, at: now)
        connection = nil
        lastClose = reason
        reconnectCount += 1
        // The venue counts no lingering users on the slot's next connection.
        load.forgetLingering()
        nextDial = dials.nextAllowed(at: now.advanced(by: wait))
        return now.duration(to: nextDial)
    }

    private mutating func waitAfterClose(
        _ reason: CloseReason, draw: UInt64, isTrial: Bool, provenAfter: Duration, at now: Instant
    ) -> Duration {
        let isProven = connection?.isProven(after: provenAfter, at: now) ?? false
        if isProven { backoff.reset() }
        let isWanted = reason == .closedByUs && connection?.isFaulty == false
        if isTrial || isWanted || (isProven && reason.isRoutine) { return backoff.routine(draw: draw) }
        let wait = backoff.fail(draw: draw)
        // An upgrade that is refused with an HTTP status most likely exceeds a limit (docs/protocol.md, "Q3"), so the
        // wait is at least 10 s.
        if case .dialFailed(_, .some) = reason { return max(wait, .seconds(10)) }
        return wait
    }
}
