package import HyperliquidWire

/// Why a link ended, as far as it matters for what follows.
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

    /// Whether it died as a link dies that a poisonous subscription killed: without a close.
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

/// A place for one connection: what it carries, its link, and when it may dial again.
package struct Lane: Hashable, Sendable {
    package enum Kind: Hashable, Sendable {
        /// Whatever is not confusable.
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

    package let id: LaneID
    /// What it carries, by placement.
    package private(set) var load: PlacementLoad
    package var link: LinkID?
    package var backoff: Backoff
    /// Not dialled again before then.
    package var nextDial: Instant
    /// Since when it carries nothing.
    package var emptySince: Instant?
    /// What still has to be asked for on its link.
    package var queue = SubscribeQueue()
    /// What still has to be ended on its link, in order.
    package var departures: [WireID] = []
    package var lastClose: CloseReason?
    package var reconnectCount = 0
    /// Upgrades refused in a row.
    package var refusalCount = 0

    package init(id: LaneID, kind: Kind, endpoint: EndpointKind, backoff: Backoff, at now: Instant) {
        self.id = id
        load = PlacementLoad(lane: id, kind: kind, endpoint: endpoint)
        self.backoff = backoff
        nextDial = now
        emptySince = now
    }

    package var kind: Kind { load.kind }

    package var endpoint: EndpointKind { load.endpoint }

    /// What it carries, by placement, oldest first.
    package var members: [WireID] { load.members }

    package var memberCount: Int { load.count }

    package mutating func add(_ wire: WireSubscription) {
        load.add(PlacementItem(wire))
        emptySince = nil
    }

    package mutating func remove(_ wire: WireSubscription, lingersUntil: Instant, at now: Instant) {
        guard load.remove(wire.id, lingersUntil: lingersUntil) else { return }
        queue.remove(wire.id)
        departures.removeAll { $0 == wire.id }
        if load.isEmpty { emptySince = now }
    }

    /// Gives the place of a member to another wire subscription of the same identity.
    package mutating func exchange(_ id: WireID, for wire: WireSubscription) {
        load.remove(id)
        load.add(PlacementItem(wire))
    }

    /// It carries nothing, and its connection is needed elsewhere: the next step closes it.
    mutating func giveWay() { emptySince = .start }

    /// The connection is another one now: the venue counts no lingering user on it.
    package mutating func forgetLingering() { load.forgetLingering() }
}
