package import HyperliquidWire

/// Moves upstream subscriptions from one connection to another, make before break.
///
/// A *replacement* is a second upstream subscription of the same identity on the new connection. Once the venue has
/// acknowledged it, the original and the replacement exchange connections, and the replacement is unsubscribed on the
/// old one. A replacement has no subscribers, so its messages are not delivered before the exchange.
package struct SubscriptionMover: Hashable, Sendable {
    /// The state of a handover. Only feeds that send neither a snapshot nor a replay need one.
    package struct HandoverState: Hashable, Sendable {
        package let old: ConnectionID
        /// Whether the new connection has taken over and only the end of the old one is awaited.
        package fileprivate(set) var isSwitched = false
    }

    /// The replacement of an old connection: its upstream subscriptions move to a new one.
    package struct Rotation: Hashable, Sendable {
        package let from: SlotID
        package let to: SlotID
    }

    private let maximumAge: Duration?
    private let pauseAfterFailure: Duration
    private let pauseAfterChange: Duration
    /// The planned moves, carried out one after the other.
    package private(set) var moves: [Placement.Move] = []
    /// The time before which no move begins, because one has failed or the planned moves were dropped.
    package private(set) var pausedUntil = Instant.start
    /// The replacement of each upstream subscription that is moving.
    private var replacements: [UpstreamID: UpstreamID] = [:]
    private var originals: [UpstreamID: UpstreamID] = [:]
    private var handovers: [UpstreamID: HandoverState] = [:]
    package private(set) var rotation: Rotation?
    /// The number of failures since a rotation, or all planned moves, were last carried out.
    private var failureCount = 0
    /// The upstream subscriptions whose replacements were not answered when their connection died.
    private var doubtful: Set<UpstreamID> = []

    /// The longest pause after a failure: 10 min.
    private static let longestPause: Duration = .seconds(600)

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

    /// The number of upstream subscriptions that have a route on two connections.
    package var switchedHandoverCount: Int { handovers.values.count { $0.isSwitched } }

    /// Whether moves may be planned now. During a rotation, a plan could undo what the rotation does.
    package func mayPlan(at now: Instant) -> Bool { moves.isEmpty && rotation == nil && pausedUntil <= now }

    /// All replacements, in no particular order.
    package var allReplacements: some Collection<UpstreamID> { replacements.values }

    // MARK: Moves

    package mutating func plan(_ moves: [Placement.Move]) { self.moves = moves }

    /// Gives up all planned moves because one of them failed, and pauses.
    package mutating func giveUp(at now: Instant) {
        dropMoves(pausingFor: pauseAfterFailure, at: now)
    }

    /// Gives up all planned moves because the connection of a replacement has died, and pauses: after each further
    /// failure twice as long as before.
    ///
    /// - Parameter isUnanswered: Whether the replacement was not answered, so that it may have killed the connection.
    package mutating func lostConnection(of replacement: UpstreamID, isUnanswered: Bool, at now: Instant) {
        if isUnanswered, let original = originals[replacement] { doubtful.insert(original) }
        // The end of one connection is one failure, however many replacements it had.
        if pausedUntil <= now { failureCount += 1 }
        let pause = min(pauseAfterFailure * (1 << min(failureCount - 1, 10)), Self.longestPause)
        dropMoves(pausingFor: pause, at: now)
    }

    private mutating func dropMoves(pausingFor pause: Duration, at now: Instant) {
        moves = []
        pausedUntil = now.advanced(by: pause)
    }

    /// The upstream subscriptions of a slot that move next. Those that may have killed a new connection move alone, so
    /// that nobody else pays if they do it again.
    package func nextToRotate(among members: [UpstreamID]) -> [UpstreamID] {
        let first = doubtful.isEmpty ? [] : members.filter { doubtful.contains($0) }
        return first.isEmpty ? members : first
    }

    /// Forgets an upstream subscription that has ended or is asked for anew.
    package mutating func forget(_ id: UpstreamID) { doubtful.remove(id) }

    /// Drops the moves because the slots have changed since they were planned. Placement decides again after a short
    /// pause.
    private mutating func drop(_ turn: inout Turn) {
        dropMoves(pausingFor: pauseAfterChange, at: turn.now)
        turn.wake(at: pausedUntil)
    }

    /// Returns the next move that can begin now; `nil` if none can.
    package mutating func nextMove(
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
                if moves.isEmpty { failureCount = 0 }
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
            if placement.mayEverFit(item, on: target) {
                // Only a lingering user blocks the move, often a user whose feeds an earlier move has taken away.
                turn.wake(at: target.nextUserEnd(at: turn.now))
            } else {
                drop(&turn)
            }
            return nil
        }
        return nil
    }

    /// The way in which a move begins.
    package enum Start: Hashable, Sendable {
        /// The upstream subscription has no connection, so it only changes its slot.
        case relocate
        /// A replacement is subscribed on the new connection first.
        case replace
        /// The move waits for an answer of the venue, or until the limit allows one more subscription.
        case wait
    }

    /// Decides how the move of an upstream subscription begins.
    package func start(of upstream: UpstreamSubscription, on pool: ConnectionPool, _ turn: Turn) -> Start {
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

    /// Notes that the venue does not hold a replacement any more.
    ///
    /// - Parameter isLost: Whether the replacement's connection was lost before its unsubscribe was confirmed.
    package mutating func end(_ replacement: UpstreamID, isLost: Bool, _ turn: inout Turn) {
        guard let original = originals.removeValue(forKey: replacement) else { return }
        replacements[original] = nil
        endHandover(of: original, isLost: isLost, &turn)
    }

    /// Adds the effects by which an upstream subscription and its live replacement exchange connections.
    ///
    /// - Parameter isCertain: Whether the replacement was acknowledged at the first attempt, so that its snapshot or
    ///   replay is still to come. After several attempts, an earlier one may have brought it already.
    package mutating func switchOver(
        _ original: UpstreamSubscription, from old: ConnectionID, to new: ConnectionID, isCertain: Bool,
        _ turn: inout Turn
    ) {
        doubtful.remove(original.id)
        if handovers[original.id]?.old == old {
            // The old route stays until the unsubscribe is confirmed: the old connection may still bring messages that
            // the new one brought earlier and that are held back.
            handovers[original.id]?.isSwitched = true
            turn.effects.append(.attach(original.id, new))
            return
        }
        turn.effects.append(.detach(original.id, old))
        turn.effects.append(.attach(original.id, new))
        turn.effects.append(.expectReplay(original.id))
        // Messages under way on the old connection are lost. A snapshot or replay on the new one contains them. Without
        // either, a message may be missing, so a gap is announced.
        if original.traits.snapshot == .none || !isCertain {
            turn.effects.append(.announceGap(original.id, .moved))
        }
    }

    // MARK: Handover

    /// Starts a handover when a replacement is about to be asked for, if its feed sends neither a snapshot nor a
    /// replay: both connections bring the same messages from then on.
    package mutating func beginHandover(
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
    package mutating func cancelHandover(of original: UpstreamID, _ turn: inout Turn) {
        guard let state = handovers.removeValue(forKey: original) else { return }
        turn.effects.append(.cancelHandover(original))
        if state.isSwitched { turn.effects.append(.detach(original, state.old)) }
    }

    // MARK: Rotation

    /// Whether a connection has reached its maximum age and must be replaced now; if not yet, notes when.
    package func isDue(_ slot: ConnectionSlot, _ turn: inout Turn) -> Bool {
        guard let maximumAge, slot.kind != .trial, slot.memberCount > 0, let openedAt = slot.connection?.openedAt
        else { return false }
        let due = max(openedAt.advanced(by: maximumAge), pausedUntil)
        if due > turn.now { turn.wake(at: due) }
        return due <= turn.now
    }

    package mutating func rotate(_ from: SlotID, to target: SlotID) { rotation = Rotation(from: from, to: target) }

    /// Ends the rotation under way, because its upstream subscriptions have moved.
    package mutating func endRotation() { (rotation, failureCount) = (nil, 0) }

    /// The rotation under way; ends it and returns `nil` if one of its slots no longer exists or a move has failed.
    package mutating func currentRotation(on pool: ConnectionPool, at now: Instant) -> Rotation? {
        guard let rotation, pool.load(of: rotation.from) != nil, pool.load(of: rotation.to) != nil, pausedUntil <= now
        else {
            if let rotation, pool.load(of: rotation.from) == nil, pausedUntil <= now { failureCount = 0 }
            self.rotation = nil
            return nil
        }
        return rotation
    }

    // MARK: Invariants

    /// The inconsistencies of the mover's tables; empty unless there is a bug. For seeded tests.
    package func checkInvariants() -> [String] {
        var problems: [String] = []
        for (original, replacement) in replacements where originals[replacement] != original {
            problems.append("\(replacement) does not know that it replaces \(original)")
        }
        if replacements.count != originals.count { problems.append("a replacement has no original") }
        for original in handovers.keys where replacements[original] == nil {
            problems.append("\(original) has a handover but no replacement")
        }
        return problems
    }
}
