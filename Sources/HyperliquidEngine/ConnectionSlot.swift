package import HyperliquidWire

/// Why a connection ended, as far as it matters for what follows.
package enum CloseReason: Hashable, Sendable, CustomStringConvertible {
    /// The venue closed in order (code 1000 or 1001, "Expired" included): routine, dialled again at once.
    case closedByVenue(code: UInt16, reason: String)
    /// The connection broke without a close: reset, end of stream, an error on the socket.
    case broken(String)
    /// It never opened: why not; the status if the venue refused the upgrade.
    case dialFailed(String, httpStatus: Int?)
    /// The venue broke the WebSocket protocol.
    case protocolViolation(String)
    /// We closed it.
    case closedByUs

    package var isRoutine: Bool {
        switch self {
        case .closedByVenue(let code, _): code == 1000 || code == 1001
        case .closedByUs: true
        case .broken, .dialFailed, .protocolViolation: false
        }
    }

    /// Whether it died as a connection dies that a poisonous subscription killed: without a close.
    package var isAbnormal: Bool {
        if case .broken = self { return true }
        return false
    }

    package var description: String {
        switch self {
        case .closedByVenue(let code, let reason): "closed by the venue: \(code) \(reason)"
        case .broken(let why): "broken: \(why)"
        case .dialFailed(let why, _): "dial failed: \(why)"
        case .protocolViolation(let what): "protocol violation: \(what)"
        case .closedByUs: "closed by us"
        }
    }
}

/// A place for one connection: what it carries, its connection, and when it may dial again.
package struct ConnectionSlot: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Whatever is not ambiguous.
        case packed
        /// Feeds of type `shared`.
        case shared
        /// One feed of type `dedicated`.
        case dedicated
        /// The feeds of one user.
        case user(String)
        /// One suspect at a time; its data reach nobody.
        case probe
    }

    package let id: SlotID
    /// What it carries, by placement.
    package private(set) var load: PlacementLoad
    package var connection: ConnectionID?
    package var backoff: Backoff
    /// Not dialled again before then.
    package var nextDial: Instant
    /// Since when it carries nothing.
    package var emptySince: Instant?
    /// What still has to be asked for on its connection.
    package var queue = SubscribeQueue()
    /// What still has to be ended on its connection, in order.
    package var unsubscribeQueue: [UpstreamID] = []
    package var lastClose: CloseReason?
    package var reconnectCount = 0
    /// Upgrades refused in a row.
    package var refusalCount = 0

    package init(id: SlotID, kind: Kind, endpoint: EndpointKind, backoff: Backoff, at now: Instant) {
        self.id = id
        load = PlacementLoad(slot: id, kind: kind, endpoint: endpoint)
        self.backoff = backoff
        nextDial = now
        emptySince = now
    }

    package var kind: Kind { load.kind }

    package var endpoint: EndpointKind { load.endpoint }

    /// What it carries, by placement, oldest first.
    package var members: [UpstreamID] { load.members }

    package var memberCount: Int { load.count }

    package mutating func add(_ upstream: UpstreamSubscription) {
        load.add(PlacementItem(upstream))
        emptySince = nil
    }

    package mutating func remove(_ upstream: UpstreamSubscription, lingersUntil: Instant, at now: Instant) {
        guard load.remove(upstream.id, lingersUntil: lingersUntil) else { return }
        queue.remove(upstream.id)
        unsubscribeQueue.removeAll { $0 == upstream.id }
        if load.isEmpty { emptySince = now }
    }

    /// Gives the place of a member to another upstream subscription of the same identity.
    package mutating func exchange(_ id: UpstreamID, for upstream: UpstreamSubscription) {
        load.remove(id)
        load.add(PlacementItem(upstream))
    }

    /// It carries nothing, and its connection is needed elsewhere: the next step closes it.
    mutating func closeSoon() { emptySince = .start }

    /// The connection is another one now: the venue counts no lingering user on it.
    package mutating func forgetLingering() { load.forgetLingering() }
}
