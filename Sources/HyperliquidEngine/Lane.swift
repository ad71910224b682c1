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
    package let kind: Kind
    package let endpoint: EndpointKind
    package var link: LinkID?
    package var backoff: Backoff
    /// Not dialled again before then.
    package var nextDial: Instant
    /// Since when it carries nothing.
    package var emptySince: Instant?
    /// What it carries, by placement, oldest first.
    package private(set) var members: [WireID] = []
    /// What still has to be asked for on its link, in order.
    package var queue: [WireID] = []
    private var conflicts: [ConflictKey: Int] = [:]
    private var userCounts: [String: Int] = [:]
    private var lingering: [String: Instant] = [:]
    package var lastClose: CloseReason?
    package var reconnectCount = 0

    package init(id: LaneID, kind: Kind, endpoint: EndpointKind, backoff: Backoff, at now: Instant) {
        self.id = id
        self.kind = kind
        self.endpoint = endpoint
        self.backoff = backoff
        nextDial = now
        emptySince = now
    }

    package var memberCount: Int { members.count }

    /// Whether an identity of this key has its place here already.
    package func confuses(_ key: ConflictKey) -> Bool { conflicts[key] != nil }

    package func carries(user: String) -> Bool { userCounts[user] != nil }

    /// How many users the venue may count on this lane's connection, were `user` added.
    package func userCount(adding user: String, at now: Instant) -> Int {
        let lingeringCount = lingering.count { $0.value > now && $0.key != user && userCounts[$0.key] == nil }
        return userCounts.count + lingeringCount + (userCounts[user] == nil ? 1 : 0)
    }

    package mutating func add(_ wire: WireSubscription) {
        members.append(wire.id)
        conflicts[wire.conflict, default: 0] += 1
        if let user = wire.request.user { userCounts[user, default: 0] += 1 }
        emptySince = nil
    }

    package mutating func remove(_ wire: WireSubscription, lingersUntil: Instant, at now: Instant) {
        guard let index = members.firstIndex(of: wire.id) else { return }
        members.remove(at: index)
        queue.removeAll { $0 == wire.id }
        Self.decrease(&conflicts, wire.conflict)
        if let user = wire.request.user {
            Self.decrease(&userCounts, user)
            if userCounts[user] == nil { lingering[user] = lingersUntil }
        }
        if members.isEmpty { emptySince = now }
    }

    private static func decrease<Key: Hashable>(_ counts: inout [Key: Int], _ key: Key) {
        guard let count = counts[key] else { return }
        counts[key] = count > 1 ? count - 1 : nil
    }

    /// The connection is another one now: the venue counts no lingering user on it.
    package mutating func forgetLingering() { lingering.removeAll() }
}
