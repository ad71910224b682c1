package import HyperliquidWire

/// The venue's other half: connections, subscriptions, limits, and what every subscription shows.
///
/// A value: it sees inputs and the given time, keeps its seeded generator as state, and answers with effects.
package struct Exchange: Sendable {
    package let configuration: ExchangeConfiguration
    package internal(set) var market: Market
    var generator: SplitMix64
    /// Open connections, oldest first.
    var connections: [ExchangeConnection] = []
    private var places: [ExchangeConnectionID: Int] = [:]
    /// Connections that were admitted and are not open yet.
    private var reserved: Set<ExchangeConnectionID> = []
    var streams = StreamTable()
    let strangeness: Strangeness
    var dials = RecentTimes()
    var messages = RecentTimes()
    /// Subscriptions over all connections.
    var subscriptionCount = 0
    var lastSubscription: UInt64 = 0
    var lingering: [LingeringUser] = []
    var faults = FaultState()
    var nextFault = 0
    let startMilliseconds: Int64

    struct LingeringUser: Hashable, Sendable {
        let user: String
        let connection: ExchangeConnectionID
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
        strangeness = Strangeness(share: configuration.strangeness)
        market = Market(
            seed: configuration.seed, startMilliseconds: startMilliseconds,
            rates: configuration.marketRates.scaled(by: configuration.activity), size: configuration.marketSize,
            habits: Market.Habits(
                showsBookHints: configuration.showsBookHints, wrapsOutcomeUpdates: configuration.wrapsOutcomeUpdates))
    }

    /// The venue's time, in milliseconds since 1970.
    package func milliseconds(at now: Instant) -> Int64 {
        startMilliseconds + now.nanoseconds / 1_000_000
    }

    private func instant(atMilliseconds milliseconds: Int64) -> Instant {
        Instant(nanoseconds: (milliseconds - startMilliseconds) * 1_000_000)
    }

    /// Whether one more connection may come (docs/protocol.md, "L1" and "L2"). Counts the attempt.
    ///
    /// With its id a place is kept for it until it is opened or closed, so that upgrades that overlap do not pass
    /// the limit together.
    package mutating func admit(_ id: ExchangeConnectionID? = nil, at now: Instant) -> Admission {
        if faults.stallsUpgrades { return .stall }
        if let status = faults.refusalStatus { return .refuse(status: status) }
        guard connections.count + reserved.count < configuration.connectionLimit,
            dials.count(at: now) < configuration.connectionsPerMinuteLimit
        else { return .refuse(status: configuration.refusalStatus) }
        dials.append(now)
        if let id { reserved.insert(id) }
        return .accept
    }

    package mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        market.advance(toMilliseconds: milliseconds(at: now))
        switch input {
        case .opened(let id, let path): opened(id, path, at: now)
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
        var earliest = streams.nextDue.map(instant)
        func consider(_ candidate: Instant?) {
            guard let candidate else { return }
            earliest = min(earliest ?? candidate, candidate)
        }
        for connection in connections {
            consider(connection.nextDue)
            consider(connection.dropAt)
            guard !connection.isSilent else { continue }
            consider(connection.lastReset.advanced(by: configuration.inactivityLimit))
            consider(configuration.rotation.map(connection.openedAt.advanced))
        }
        if nextFault < configuration.faults.entries.count {
            consider(.start.advanced(by: configuration.faults.entries[nextFault].time))
        }
        return earliest
    }

    func index(of id: ExchangeConnectionID) -> Int? { places[id] }

    private mutating func opened(_ id: ExchangeConnectionID, _ path: EndpointKind, at now: Instant) {
        reserved.remove(id)
        places[id] = connections.count
        connections.append(ExchangeConnection(id: id, path: path, at: now))
        if configuration.greets {
            queue(Array("Websocket connection established.".utf8), on: id, due: now, resets: false)
        }
    }

    /// A connection is gone: its users linger, its subscriptions are forgotten.
    mutating func closed(_ id: ExchangeConnectionID, at now: Instant) {
        reserved.remove(id)
        guard let index = places.removeValue(forKey: id) else { return }
        let connection = connections.remove(at: index)
        for later in connections.indices[index...] { places[connections[later].id] = later }
        subscriptionCount -= connection.subscriptions.count
        for topic in connection.subscriptions.keys { leave(topic, id) }
        for user in connection.users.keys.sorted() { linger(user, id, at: now) }
    }

    mutating func linger(_ user: String, _ id: ExchangeConnectionID, at now: Instant) {
        lingering.append(
            LingeringUser(user: user, connection: id, until: now.advanced(by: configuration.userLinger)))
    }

    private mutating func closeOverdue(at now: Instant, into effects: inout [Effect]) {
        for connection in connections {
            if let dropAt = connection.dropAt, dropAt <= now {
                effects.append(.drop(connection.id))
                closed(connection.id, at: now)
            } else if connection.isSilent {
                continue  // It says nothing more, not even goodbye.
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
