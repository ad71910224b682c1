package import HyperliquidWire

/// The venue's other half: connections, subscriptions, limits, and what every subscription shows.
///
/// A value: it sees inputs and the given time, keeps its seeded generator as state, and answers with effects.
package struct Exchange: Sendable {
    package let configuration: ExchangeConfiguration
    package internal(set) var market: Market
    var generator: SplitMix64
    /// Open connections, oldest first.
    var connections: [Connection] = []
    /// What is subscribed to, each identity once, oldest first.
    var streams: [Stream] = []
    var dials: [Instant] = []
    var messages: [Instant] = []
    var lingering: [LingeringUser] = []
    var faults = FaultState()
    var nextFault = 0
    let startMilliseconds: Int64

    /// A subscription's place in the market, shared by all who have it.
    struct Stream: Sendable {
        let request: FeedRequest
        var cursor: StreamCursor
        var subscribers: [ConnectionID]
        /// When it may next have something.
        var due: Int64
    }

    struct LingeringUser: Hashable, Sendable {
        let user: String
        let connection: ConnectionID
        let until: Instant
    }

    /// Faults that last.
    struct FaultState: Hashable, Sendable {
        var stallsUpgrades = false
        var refusalStatus: Int?
        var answerDelay: Duration?
        var droppedAcknowledgements = 0
        var reordersAcknowledgements = false
        var killAfterSubscribes: Int?
    }

    package init(configuration: ExchangeConfiguration) {
        self.configuration = configuration
        startMilliseconds = configuration.startMilliseconds ?? 1_790_000_000_000
        generator = SplitMix64(seed: configuration.seed)
        market = Market(
            seed: configuration.seed, startMilliseconds: startMilliseconds, rates: configuration.marketRates,
            size: configuration.marketSize)
    }

    /// The venue's time, in milliseconds since 1970.
    package func milliseconds(at now: Instant) -> Int64 {
        startMilliseconds + now.nanoseconds / 1_000_000
    }

    private func instant(atMilliseconds milliseconds: Int64) -> Instant {
        Instant(nanoseconds: (milliseconds - startMilliseconds) * 1_000_000)
    }

    /// Whether one more connection may come (PROTOCOL L1, L2). Counts the attempt.
    package mutating func admit(at now: Instant) -> Admission {
        if faults.stallsUpgrades { return .stall }
        if let status = faults.refusalStatus { return .refuse(status: status) }
        dials.removeAll { $0.advanced(by: .seconds(60)) <= now }
        guard connections.count < configuration.connectionLimit,
            dials.count < configuration.connectionsPerMinuteLimit
        else { return .refuse(status: configuration.refusalStatus) }
        dials.append(now)
        return .accept
    }

    package mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        market.advance(toMilliseconds: milliseconds(at: now))
        switch input {
        case .opened(let id, let path): connections.append(Connection(id: id, path: path, at: now))
        case .text(let id, let text): received(text, on: id, at: now)
        case .closed(let id): closed(id, at: now)
        case .fault(let action): perform(action, at: now, into: &effects)
        case .woke: break
        }
        performDueFaults(at: now, into: &effects)
        stream(at: now)
        flush(at: now, into: &effects)
        closeOverdue(at: now, into: &effects)
    }

    package var deadline: Instant? {
        var candidates: [Instant] = connections.compactMap(\.outbox.first?.due) + connections.compactMap(\.dropAt)
        candidates += connections.map { $0.lastReset.advanced(by: configuration.inactivityLimit) }
        if let rotation = configuration.rotation {
            candidates += connections.map { $0.openedAt.advanced(by: rotation) }
        }
        candidates += streams.map { instant(atMilliseconds: $0.due) }
        if nextFault < configuration.faults.entries.count {
            candidates.append(.start.advanced(by: configuration.faults.entries[nextFault].time))
        }
        return candidates.min()
    }

    func index(of id: ConnectionID) -> Int? { connections.firstIndex { $0.id == id } }

    /// A connection is gone: its users linger, its subscriptions are forgotten.
    mutating func closed(_ id: ConnectionID, at now: Instant) {
        guard let index = index(of: id) else { return }
        let connection = connections.remove(at: index)
        for request in connection.subscriptions { leave(request, id) }
        for user in Set(connection.subscriptions.compactMap(\.user)).sorted() { linger(user, id, at: now) }
    }

    mutating func leave(_ request: FeedRequest, _ id: ConnectionID) {
        guard let index = streams.firstIndex(where: { $0.request == request }) else { return }
        streams[index].subscribers.removeAll { $0 == id }
        if streams[index].subscribers.isEmpty { streams.remove(at: index) }
    }

    mutating func linger(_ user: String, _ id: ConnectionID, at now: Instant) {
        lingering.append(
            LingeringUser(user: user, connection: id, until: now.advanced(by: configuration.userLinger)))
    }

    private mutating func closeOverdue(at now: Instant, into effects: inout [Effect]) {
        for connection in connections {
            if let dropAt = connection.dropAt, dropAt <= now {
                effects.append(.drop(connection.id))
                closed(connection.id, at: now)
            } else if connection.lastReset.advanced(by: configuration.inactivityLimit) <= now {
                effects.append(.close(connection.id, code: 1000, reason: "Inactive"))
                closed(connection.id, at: now)
            } else if let rotation = configuration.rotation, connection.openedAt.advanced(by: rotation) <= now {
                effects.append(.close(connection.id, code: 1000, reason: "Expired"))
                closed(connection.id, at: now)
            }
        }
    }
}

/// One connection, as the exchange sees it.
struct Connection: Sendable {
    /// Something to be sent, and whether it resets the connection's clock.
    struct Outgoing: Sendable {
        let due: Instant
        let bytes: [UInt8]
        let resets: Bool
        var isPost = false
    }

    let id: ConnectionID
    let path: EndpointKind
    let openedAt: Instant
    /// When data or a pong were sent last: acknowledgements do not count (PROTOCOL 5.1).
    var lastReset: Instant
    /// What it has, oldest first.
    var subscriptions: [FeedRequest] = []
    /// What waits to be sent, in order.
    var outbox: [Outgoing] = []
    /// When it is dropped, because of a poisonous subscription.
    var dropAt: Instant?
    var isSilent = false

    /// Posts that have come and are not answered.
    var postsInFlight: Int { outbox.count { $0.isPost } }

    init(id: ConnectionID, path: EndpointKind, at now: Instant) {
        self.id = id
        self.path = path
        openedAt = now
        lastReset = now
    }

    func has(_ request: FeedRequest) -> Bool { subscriptions.contains(request) }
}
