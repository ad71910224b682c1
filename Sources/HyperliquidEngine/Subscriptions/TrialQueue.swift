package import HyperliquidWire

/// The suspects that wait for their trial on a connection of its own. Decides which one is tried next, and where.
package struct TrialQueue: Hashable, Sendable {
    /// The suspects that wait, oldest first.
    private var waiting: [UpstreamID] = []
    private var dials: SlidingWindow

    package init(configuration: EngineConfiguration) {
        dials = SlidingWindow(limit: configuration.dialLimitOfOneUse, span: .seconds(60))
    }

    package var isEmpty: Bool { waiting.isEmpty }

    package func contains(_ id: UpstreamID) -> Bool { waiting.contains(id) }

    package mutating func add(_ id: UpstreamID) { waiting.append(id) }

    package mutating func remove(_ id: UpstreamID) {
        if !waiting.isEmpty { waiting.removeAll { $0 == id } }
    }

    /// Removes and returns all suspects that wait, because no connection is available for trials.
    package mutating func takeAll() -> [UpstreamID] {
        defer { waiting = [] }
        return waiting
    }

    /// The next step of the trials.
    package enum Next: Hashable, Sendable {
        /// No suspect waits, or one is being tried.
        case none
        /// A limit over all connections keeps the suspect waiting.
        case waits(UpstreamID, WaitReason)
        /// The connection for trials takes the suspect, or a group of them.
        case begins([UpstreamID], on: SlotID)
        /// A connection for trials is needed.
        case needsSlot(EndpointKind)
    }

    /// Decides on the suspect whose trial is due and that has waited longest, and removes it from the queue if its
    /// trial begins. Suspects that were answered before a death are tried together with their group, because each trial
    /// of them takes as long as the window.
    package mutating func next(
        of poison: PoisonDetector, in registry: SubscriptionRegistry, on pool: ConnectionPool, userCapacity: Int,
        _ turn: inout Turn
    ) -> Next {
        waiting.removeAll { registry[$0] == nil }
        for id in waiting { if let time = poison.suspect(id)?.notBefore, time > turn.now { turn.wake(at: time) } }
        let due = waiting.filter { id in poison.suspect(id).map { $0.notBefore <= turn.now } ?? true }
        guard let first = due.first, let upstream = registry[first] else { return .none }
        // When the suspect left its slot, the limiter stopped counting its subscription and user. Others may have used
        // up the limits since.
        if let reason = turn.exhaustedLimit(for: upstream) { return .waits(first, reason) }
        let endpoint = upstream.traits.endpoint
        guard let slot = pool.slots.first(where: { $0.kind == .trial && $0.endpoint == endpoint }) else {
            // Each trial of a guilty suspect costs a dial, and no more than half of all dials may be spent on trials.
            let next = dials.nextAllowed(at: turn.now)
            if next <= turn.now { return .needsSlot(endpoint) }
            turn.wake(at: next)
            return .none
        }
        guard slot.memberCount == 0 else { return .none }
        // The venue still counts the users of earlier suspects on its connection.
        if let user = upstream.feed.user, slot.load.userCount(adding: user, at: turn.now) > userCapacity {
            turn.wake(at: slot.load.nextUserEnd(at: turn.now))
            return .none
        }
        let tried = [first] + partners(of: upstream, among: due, poison, in: registry, &turn)
        waiting.removeAll { tried.contains($0) }
        return .begins(tried, on: slot.id)
    }

    /// The suspects of the same group that may be tried beside the first one: those of the same user, or of none.
    private func partners(
        of first: UpstreamSubscription, among due: [UpstreamID], _ poison: PoisonDetector,
        in registry: SubscriptionRegistry, _ turn: inout Turn
    ) -> [UpstreamID] {
        guard let suspect = poison.suspect(first.id), suspect.charge == .killedAfterAnswer else { return [] }
        var left = turn.limiter.subscriptionLimit(at: turn.now) - turn.limiter.subscriptionCount - 1
        return due.filter { id in
            guard id != first.id, left > 0, poison.suspect(id)?.group == suspect.group, let other = registry[id],
                other.feed.user == nil || other.feed.user == first.feed.user
            else { return false }
            left -= 1
            return true
        }
    }

    /// Notes that a connection for trials is about to be dialled.
    package mutating func openedSlot(at now: Instant) { dials.spend(at: now) }
}
