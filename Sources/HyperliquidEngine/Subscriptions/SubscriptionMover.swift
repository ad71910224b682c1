package import HyperliquidWire

/// Moves upstream subscriptions from one connection to another, make before break.
///
/// A replacement asks for the same identity on the new connection. Once the venue has acknowledged it, the two change
/// places, and the replacement leaves the old connection. A replacement has no subscribers of its own, and its
/// messages reach nobody before it has changed places.
package struct SubscriptionMover: Hashable, Sendable {
    /// How far the handover of a feed that repeats nothing has come.
    package struct HandoverState: Hashable, Sendable {
        package let old: ConnectionID
        /// Whether the new connection has taken over and only the end of the old one is awaited.
        package fileprivate(set) var isSwitched = false
    }

    /// The replacement of an old connection: its upstream subscriptions move to a connection beside it.
    package struct Rotation: Hashable, Sendable {
        package let from: SlotID
        package let to: SlotID
    }

    private let maximumAge: Duration?
    private let pauseAfterFailure: Duration
    private let pauseAfterChange: Duration
    /// The moves that placement wants, carried out one after the other.
    package private(set) var moves: [Placement.Move] = []
    /// After a move that failed none is tried before this time.
    package private(set) var pausedUntil = Instant.start
    /// The replacement of each upstream subscription that is moving.
    private var replacements: [UpstreamID: UpstreamID] = [:]
    private var originals: [UpstreamID: UpstreamID] = [:]
    private var handovers: [UpstreamID: HandoverState] = [:]
    package private(set) var rotation: Rotation?

    package init(configuration: EngineConfiguration) {
        maximumAge = configuration.maximumConnectionAge
        pauseAfterFailure = configuration.limitRetry
        pauseAfterChange = configuration.shortestBackoff
    }

    package func replacement(of original: UpstreamID) -> UpstreamID? { replacements[original] }

    /// The upstream subscription that a replacement moves; `nil` if it is no replacement.
    package func original(of replacement: UpstreamID) -> UpstreamID? { originals[replacement] }

    package func isReplacement(_ id: UpstreamID) -> Bool { originals[id] != nil }

    package func isMoving(_ id: UpstreamID) -> Bool { replacements[id] != nil || originals[id] != nil }

    package func handover(of original: UpstreamID) -> HandoverState? { handovers[original] }

    /// How many upstream subscriptions have a route on two connections.
    package var switchedHandoverCount: Int { handovers.values.count { $0.isSwitched } }

    /// Whether placement may ask for moves.
    package func mayPlan(at now: Instant) -> Bool { moves.isEmpty && pausedUntil <= now }

    /// All replacements, in no order.
    var allReplacements: some Collection<UpstreamID> { replacements.values }

    // MARK: Moves

    package mutating func plan(_ moves: [Placement.Move]) { self.moves = moves }

    /// Gives up the moves after one of them failed, and pauses.
    package mutating func giveUp(at now: Instant) {
        moves = []
        pausedUntil = now.advanced(by: pauseAfterFailure)
    }

    /// Gives up the moves because the connections are not what they were: placement decides anew after a short pause.
    private mutating func drop(_ turn: inout Turn) {
        moves = []
        pausedUntil = turn.now.advanced(by: pauseAfterChange)
        turn.wake(at: pausedUntil)
    }

    /// Takes the next move that can begin now; `nil` if none can.
    mutating func nextMove(
        in registry: SubscriptionRegistry, on pool: ConnectionPool, _ placement: Placement, _ turn: inout Turn
    ) -> (upstream: UpstreamSubscription, target: SlotID)? {
        guard pausedUntil <= turn.now else {
            if !moves.isEmpty { turn.wake(at: pausedUntil) }
            return nil
        }
        while let move = moves.first, replacements[move.upstream] == nil {
            let slot = pool.slot(of: move.upstream)
            if slot == move.to {
                moves.removeFirst()
                continue
            }
            guard let upstream = registry[move.upstream], let target = pool.load(of: move.to), slot == move.from,
                !upstream.isLeaving
            else {
                drop(&turn)
                return nil
            }
            let item = PlacementItem(upstream)
            if placement.obstacle(to: item, on: target, at: turn.now) == nil { return (upstream, move.to) }
            if placement.obstacle(to: item, on: target, at: Instant(nanoseconds: .max)) == nil {
                // Only a user that the venue still counts is in the way, often one that an earlier move has sent away.
                turn.wake(at: target.nextUserEnd(at: turn.now))
            } else {
                drop(&turn)
            }
            return nil
        }
        return nil
    }

    /// How a move begins.
    package enum Start: Hashable, Sendable {
        /// Its connection is gone: it changes its slot, and nothing is broken.
        case relocate
        /// A replacement is asked for first.
        case replace
        /// An answer of the venue, or room under a limit, is awaited.
        case wait
    }

    /// Decides how the move of an upstream subscription begins.
    func start(of upstream: UpstreamSubscription, on pool: ConnectionPool, _ turn: Turn) -> Start {
        switch upstream.state {
        case .waiting: .relocate
        case .live(let connection, _):
            pool.isAnswerDue(to: upstream.id, on: connection) == false && turn.limiter.hasSubscription(at: turn.now)
                ? .replace : .wait
        case .asked, .leaving: .wait
        }
    }

    /// Notes that a replacement has been made.
    package mutating func begin(_ replacement: UpstreamID, of original: UpstreamID) {
        replacements[original] = replacement
        originals[replacement] = original
    }

    /// Notes that the venue has nothing of a replacement any more.
    ///
    /// - Parameter isLost: Whether its connection was lost before its end was confirmed.
    mutating func end(_ replacement: UpstreamID, isLost: Bool, _ turn: inout Turn) {
        guard let original = originals.removeValue(forKey: replacement) else { return }
        replacements[original] = nil
        endHandover(of: original, isLost: isLost, &turn)
    }

    /// Has an upstream subscription and its live replacement change places, as far as the shell must know.
    ///
    /// - Parameter isCertain: Whether everything that the new connection brought first is still to come.
    mutating func switchOver(
        _ original: UpstreamSubscription, from old: ConnectionID, to new: ConnectionID, isCertain: Bool,
        _ turn: inout Turn
    ) {
        if handovers[original.id]?.old == old {
            // The old connection goes on until it has surely ended: it brings what the new one brought before now.
            handovers[original.id]?.isSwitched = true
            turn.effects.append(.attach(original.id, new))
            return
        }
        turn.effects.append(.detach(original.id, old))
        turn.effects.append(.attach(original.id, new))
        turn.effects.append(.expectReplay(original.id))
        // Messages still on their way on the old connection are lost. A snapshot or replay on the new one contains
        // them; without either, nothing proves that nothing is missing.
        if original.traits.snapshot == .none || !isCertain {
            turn.effects.append(.announceGap(original.id, .moved))
        }
    }

    // MARK: Handover

    /// Notes that a replacement is about to be asked for: if its feed repeats nothing, both connections may bring the
    /// same messages from now on.
    mutating func beginHandover(
        to replacement: UpstreamSubscription, in registry: SubscriptionRegistry, _ turn: inout Turn
    ) {
        guard replacement.traits.snapshot == .none, let original = originals[replacement.id],
            handovers[original] == nil, case .live(let old, _) = registry[original]?.state
        else { return }
        handovers[original] = HandoverState(old: old)
        turn.effects.append(.beginHandover(original, from: old))
    }

    private mutating func endHandover(of original: UpstreamID, isLost: Bool, _ turn: inout Turn) {
        guard handovers[original]?.isSwitched == true, let state = handovers.removeValue(forKey: original) else {
            return cancelHandover(of: original, &turn)
        }
        turn.effects.append(.endHandover(original, isLost: isLost))
        turn.effects.append(.detach(original, state.old))
    }

    /// Ends a handover whose new connection is lost or no longer needed.
    mutating func cancelHandover(of original: UpstreamID, _ turn: inout Turn) {
        guard let state = handovers.removeValue(forKey: original) else { return }
        turn.effects.append(.cancelHandover(original))
        if state.isSwitched { turn.effects.append(.detach(original, state.old)) }
    }

    // MARK: Rotation

    /// Whether a connection has grown old and must be replaced now; if that comes later, notes when.
    func isDue(_ slot: ConnectionSlot, _ turn: inout Turn) -> Bool {
        guard let maximumAge, slot.kind != .probe, slot.memberCount > 0, let openedAt = slot.connection?.openedAt
        else { return false }
        let due = max(openedAt.advanced(by: maximumAge), pausedUntil)
        if due > turn.now { turn.wake(at: due) }
        return due <= turn.now
    }

    package mutating func rotate(_ from: SlotID, to target: SlotID) { rotation = Rotation(from: from, to: target) }

    /// The rotation under way; one whose connections are gone, or that a failed move has interrupted, is over.
    mutating func currentRotation(on pool: ConnectionPool, at now: Instant) -> Rotation? {
        guard let rotation, pool.load(of: rotation.from) != nil, pool.load(of: rotation.to) != nil, pausedUntil <= now
        else {
            self.rotation = nil
            return nil
        }
        return rotation
    }

    // MARK: Invariants

    /// The inconsistencies of its tables; empty unless there is a bug. For seeded tests.
    package func checkInvariants() -> [String] {
        var problems: [String] = []
        for (original, replacement) in replacements where originals[replacement] != original {
            problems.append("\(replacement) does not know that it replaces \(original)")
        }
        if replacements.count != originals.count { problems.append("a replacement replaces nothing") }
        for original in handovers.keys where replacements[original] == nil {
            problems.append("\(original) is handed over to no replacement")
        }
        return problems
    }
}
