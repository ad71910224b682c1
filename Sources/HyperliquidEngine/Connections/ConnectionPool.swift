package import HyperliquidWire

/// The connection slots with their connections and loads; decides when connections are dialled, probed and retired.
package struct ConnectionPool: Hashable, Sendable {
    private let idleTimeout: Duration
    private let pongTimeout: Duration
    private let backoff: Backoff
    private let dialLimit: Int
    private let provenAfter: Duration
    private let linger: Duration
    /// The connection slots, oldest first.
    package private(set) var slots: [ConnectionSlot] = []
    /// The slot of each upstream subscription that has one.
    private var slotByUpstream: [UpstreamID: SlotID] = [:]
    /// The time before which the rate limiter allows no ping.
    private var pingsPausedUntil = Instant.start
    private var lastSlot: UInt64 = 0
    private var lastConnection: UInt64 = 0

    package init(configuration: EngineConfiguration) {
        idleTimeout = configuration.idleTimeout
        pongTimeout = configuration.pongTimeout
        backoff = Backoff(shortest: configuration.shortestBackoff, longest: configuration.longestBackoff)
        dialLimit = configuration.dialLimitOfOneUse
        provenAfter = configuration.provenAfter
        linger = configuration.idleConnectionLinger
    }

    // MARK: Queries

    private func index(of slot: SlotID) -> Int? { slots.firstIndex { $0.id == slot } }

    private func index(of connection: ConnectionID) -> Int? { slots.firstIndex { $0.connection?.id == connection } }

    package subscript(_ id: SlotID) -> ConnectionSlot? { index(of: id).map { slots[$0] } }

    package func load(of id: SlotID) -> PlacementLoad? { index(of: id).map { slots[$0].load } }

    /// The slots' loads, in the order of the slots.
    package var loads: some Collection<PlacementLoad> { slots.lazy.map(\.load) }

    /// The slot that carries an upstream subscription; `nil` while it has none.
    package func slot(of upstream: UpstreamID) -> SlotID? { slotByUpstream[upstream] }

    /// The slot of a connection that has not ended.
    package func slot(of connection: ConnectionID) -> SlotID? { index(of: connection).map { slots[$0].id } }

    /// The kind of slot that carries an upstream subscription.
    package func kind(of upstream: UpstreamID) -> ConnectionSlot.Kind? {
        slotByUpstream[upstream].flatMap { index(of: $0) }.map { slots[$0].kind }
    }

    /// How many upstream subscriptions have a slot.
    package var placedCount: Int { slotByUpstream.count }

    package subscript(_ id: ConnectionID) -> Connection? { index(of: id).flatMap { slots[$0].connection } }

    /// All connections, oldest first.
    package var connections: [Connection] { slots.compactMap(\.connection).sorted { $0.id < $1.id } }

    package var connectionCount: Int { slots.count { $0.connection != nil } }

    package var openConnectionCount: Int { slots.count { $0.openConnection != nil } }

    package func isOpen(_ id: ConnectionID) -> Bool { index(of: id).map { slots[$0].openConnection != nil } ?? false }

    /// The slots whose connections may carry posts, oldest first.
    private var postSlots: some Sequence<ConnectionSlot> {
        slots.lazy.filter { $0.endpoint == .api && $0.kind != .trial }
    }

    /// The connection that carries posts: the open connection of the oldest API slot that is not for trials.
    package var postConnection: ConnectionID? {
        postSlots.first { $0.openConnection != nil }?.openConnection
    }

    /// The connection that carries actions: of the open connections to the API, the one that was heard last, because an
    /// action must not be lost on one that is half open. It may be any but those for trials.
    package var actionConnection: ConnectionID? {
        let open = postSlots.compactMap(\.connection).filter(\.isOpen)
        let heardAt = open.map(\.heardAt).max()
        return open.first { $0.heardAt == heardAt }?.id
    }

    /// When a connection must be probed or given up, or an answer is overdue.
    package var deadline: Instant? {
        var earliest: Instant?
        func consider(_ time: Instant) { earliest = earliest.map { min($0, time) } ?? time }
        for index in slots.indices {
            guard let connection = slots[index].connection else { continue }
            if let time = connection.heartbeatDeadline { consider(max(time, pingsPausedUntil)) }
            // A connection that is being closed brings no more answers.
            if connection.isOpen, let time = connection.pendingRequests.deadline { consider(time) }
        }
        return earliest
    }

    // MARK: Slots

    /// Opens a slot and returns its id; `nil` if there are `limit` slots and none of them can be removed.
    ///
    /// At the limit, an empty slot without a connection is removed for the new one.
    package mutating func openSlot(
        _ kind: ConnectionSlot.Kind, _ endpoint: EndpointKind, limit: Int, at now: Instant
    ) -> SlotID? {
        if slots.count >= limit {
            guard let empty = slots.firstIndex(where: \.load.isEmpty) else { return nil }
            // The empty slot may still have a connection, which counts towards the limit until it has been closed.
            guard slots[empty].connection == nil else {
                slots[empty].closeSoon()
                return nil
            }
            slots.remove(at: empty)
        }
        lastSlot += 1
        slots.append(
            ConnectionSlot(
                id: SlotID(lastSlot), kind: kind, endpoint: endpoint, backoff: backoff, dialLimit: dialLimit, at: now))
        return SlotID(lastSlot)
    }

    /// Turns the slot for trials that carries an upstream subscription into one like others.
    package mutating func endTrials(on slot: SlotID, as kind: ConnectionSlot.Kind) {
        if let index = index(of: slot) { slots[index].become(kind) }
    }

    package mutating func place(_ item: PlacementItem, on slot: SlotID) {
        guard let index = index(of: slot) else { return }
        slots[index].add(item)
        slotByUpstream[item.id] = slot
    }

    /// Removes an upstream subscription from its slot, and returns the slot; `nil` if the upstream subscription has
    /// none.
    package mutating func remove(_ id: UpstreamID, lingersUntil: Instant, at now: Instant) -> SlotID? {
        guard let slot = slotByUpstream.removeValue(forKey: id), let index = index(of: slot) else { return nil }
        slots[index].remove(id, lingersUntil: lingersUntil, at: now)
        return slot
    }

    /// Exchanges the slots of two upstream subscriptions of one identity.
    package mutating func exchange(_ one: PlacementItem, _ other: PlacementItem) {
        guard let slotOfOne = slotByUpstream[one.id], let slotOfOther = slotByUpstream[other.id],
            let indexOfOne = index(of: slotOfOne), let indexOfOther = index(of: slotOfOther)
        else { return }
        slots[indexOfOne].exchange(one.id, for: other)
        slots[indexOfOther].exchange(other.id, for: one)
        (slotByUpstream[one.id], slotByUpstream[other.id]) = (slotOfOther, slotOfOne)
    }

    /// Removes the slots that neither have nor need a connection.
    package mutating func removeUnusedSlots(posts: PostTracker) {
        guard slots.contains(where: { $0.connection == nil && !$0.needsConnection(for: posts) }) else { return }
        slots = slots.filter { $0.connection != nil || $0.needsConnection(for: posts) }
    }

    /// Marks the connections that neither feeds nor posts need, so that they are closed in this turn.
    package mutating func closeUnusedSoon(posts: PostTracker) {
        for index in slots.indices where !slots[index].needsConnection(for: posts) { slots[index].closeSoon() }
    }

    // MARK: Connections

    /// Dials for each slot that needs a connection and has none, as fast as the limits allow.
    package mutating func dial(posts: PostTracker, _ turn: inout Turn) {
        for index in slots.indices where slots[index].connection == nil {
            guard slots[index].needsConnection(for: posts) else { continue }
            let next = max(slots[index].nextDial, turn.limiter.nextDial(at: turn.now))
            guard next <= turn.now else {
                turn.wake(at: next)
                continue
            }
            guard turn.limiter.hasConnection else { continue }
            turn.limiter.openConnection(at: turn.now)
            lastConnection += 1
            let id = ConnectionID(lastConnection)
            slots[index].dialled(Connection(id: id, at: turn.now), at: turn.now)
            turn.effects.append(.dial(id, slots[index].endpoint))
        }
    }

    /// Closes the connections of slots that have been empty for `idleConnectionLinger`.
    package mutating func retireIdle(posts: PostTracker, _ turn: inout Turn) {
        for index in slots.indices where !slots[index].isNeeded(for: posts) {
            guard let due = slots[index].idleDeadline(linger: linger) else { continue }
            if due > turn.now {
                turn.wake(at: due)
            } else if let connection = slots[index].connection?.id {
                close(connection, &turn)
            }
        }
        removeUnusedSlots(posts: posts)
    }

    /// Notes that a dial has succeeded; returns `false` if the connection is unknown.
    package mutating func opened(_ id: ConnectionID, at now: Instant) -> Bool {
        guard let index = index(of: id) else { return false }
        slots[index].opened(at: now, idleTimeout: idleTimeout, pongTimeout: pongTimeout)
        return true
    }

    /// Closes a connection.
    ///
    /// - Parameter isFaulty: Whether the connection is closed because of a fault. Then the slot's next dial waits as
    ///   after a failure.
    package mutating func close(_ id: ConnectionID, isFaulty: Bool = false, _ turn: inout Turn) {
        guard let index = index(of: id),
            slots[index].change({ $0.beginClosing(isFaulty: isFaulty, at: turn.now) }) == true
        else { return }
        turn.effects.append(.close(id))
    }

    /// A connection that has ended.
    package struct Closed: Hashable, Sendable {
        package let slot: SlotID
        /// The requests that the venue has not answered, oldest first.
        package let unanswered: [PendingRequests.Request]
        /// How long the slot waits for its next dial.
        package let wait: Duration
    }

    /// Notes that a connection has ended, or that its dial has failed; `nil` if it is unknown.
    ///
    /// - Parameter isTrial: Whether the connection died in the trial of a suspect, which is no failure of the slot.
    package mutating func closed(
        _ id: ConnectionID, _ reason: CloseReason, draw: UInt64, isTrial: Bool = false, _ turn: inout Turn
    ) -> Closed? {
        guard let index = index(of: id) else { return nil }
        turn.limiter.closeConnection()
        let unanswered = slots[index].change { $0.pendingRequests.takeAll() } ?? []
        let wait = slots[index].closed(
            reason, draw: draw, isTrial: isTrial, provenAfter: provenAfter, at: turn.now)
        return Closed(slot: slots[index].id, unanswered: unanswered, wait: wait)
    }

    /// Counts a refused upgrade of a slot, and returns how many there were in a row.
    package mutating func upgradeRefused(_ slot: SlotID) -> Int {
        guard let index = index(of: slot) else { return 0 }
        slots[index].upgradeRefused()
        return slots[index].refusalCount
    }

    package mutating func postAnswered(on id: ConnectionID, at now: Instant) {
        if let index = index(of: id) { slots[index].postAnswered(at: now) }
    }

    // MARK: Heartbeats

    /// Whether a connection is to be probed or given up, or an answer is overdue.
    package func hasDue(at now: Instant) -> Bool {
        slots.contains { slot in
            guard let connection = slot.connection else { return false }
            return connection.heartbeatDeadline.map { $0 <= now } ?? false
                || connection.pendingRequests.deadline.map { $0 <= now } ?? false
        }
    }

    /// Probes the connections that have been idle, and gives up those that have not answered.
    package mutating func beatAll(_ turn: inout Turn) {
        for connection in connections { beat(connection.id, .woke, &turn) }
    }

    /// Passes an input to a connection's heartbeat, and performs the effects that follow.
    package mutating func beat(_ id: ConnectionID, _ input: Heartbeat.Input, _ turn: inout Turn) {
        guard let index = index(of: id) else { return }
        if input == .woke, slots[index].connection?.heartbeatDeadline.map({ $0 <= turn.now }) != true { return }
        if input == .woke, turn.limiter.nextPing(at: turn.now) > turn.now {
            // A ping that cannot be sent must not count as unanswered, so a connection is not given up meanwhile
            // either.
            pingsPausedUntil = turn.limiter.nextPing(at: turn.now)
            return
        }
        var beats: [Heartbeat.Effect] = []
        _ = slots[index].change { $0.beat(input, at: turn.now, into: &beats) }
        for beat in beats {
            switch beat {
            case .sendPing:
                turn.limiter.spendMessage(at: turn.now)
                turn.effects.append(.send(id, .ping))
            case .closeSilent:
                turn.effects.append(.note(.silent(id)))
                close(id, isFaulty: true, &turn)
            }
        }
    }

    // MARK: Requests

    /// Whether a request of an upstream subscription is pending on a connection; `nil` if the connection has ended.
    package func isAnswerDue(to upstream: UpstreamID, on id: ConnectionID) -> Bool? {
        self[id]?.pendingRequests.contains(upstream)
    }

    /// Changes the pending requests of a connection; `nil` if the connection has ended.
    package mutating func changeRequests<Result>(
        on id: ConnectionID, _ change: (inout PendingRequests) -> Result
    ) -> Result? {
        guard let index = index(of: id) else { return nil }
        return slots[index].change { change(&$0.pendingRequests) }
    }

    /// Notes that a subscription has ended on a connection; its messages may come until `lateUntil`.
    package mutating func ended(
        _ upstream: UpstreamSubscription, on id: ConnectionID, lateUntil: Instant, at now: Instant
    ) {
        guard let index = index(of: id) else { return }
        _ = slots[index].change { $0.ended(upstream, lateUntil: lateUntil, at: now) }
    }

    // MARK: Invariants

    /// The inconsistencies of the pool's tables; empty unless there is a bug. For seeded tests.
    package func checkInvariants() -> [String] {
        var problems: [String] = []
        for slot in slots {
            if slot.members.contains(where: { slotByUpstream[$0] != slot.id }) {
                problems.append("\(slot.id) carries an upstream subscription that is elsewhere")
            }
            if Set(slot.load.items.values.map(\.ambiguityKey)).count < slot.memberCount {
                problems.append("\(slot.id) carries ambiguous feeds")
            }
        }
        if slots.reduce(0, { $0 + $1.memberCount }) != placedCount {
            problems.append("\(placedCount) upstream subscriptions have a slot, the slots carry others")
        }
        return problems
    }
}
