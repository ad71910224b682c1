internal import HyperliquidWire

/// Moves are made before the old place is broken: a shadow asks for the same identity on the new lane, and once the
/// venue has acknowledged it the two change their places. The shadow then leaves the old one. To everything else a
/// shadow is a wire subscription that nobody wants and whose messages reach nobody.
extension Engine {
    /// What the lanes carry for somebody: without the shadows.
    package var shownLoads: [PlacementLoad] {
        lanes.map { lane in
            var load = lane.load
            for shadow in shadows.values { load.remove(shadow) }
            return load
        }
    }

    /// Carries out what placement wants moved, strictly one after the other.
    mutating func carryMoves(at now: Instant, into effects: inout [Effect]) {
        guard movesHeldUntil <= now else {
            if !moves.isEmpty { nextWork.consider(movesHeldUntil) }
            return
        }
        while let move = moves.first, shadows[move.wire] == nil {
            if ledger[move.wire]?.lane == move.to {
                moves.removeFirst()
                continue
            }
            guard let wire = ledger[move.wire], let target = lane(move.to)?.load, wire.lane == move.from,
                !wire.isLeaving
            else { return dropMoves(at: now) }
            let item = PlacementItem(wire)
            guard placement.obstacle(to: item, on: target, at: now) == nil else {
                // Who only lingers there goes by himself: often an earlier move has sent him away.
                guard placement.obstacle(to: item, on: target, at: Instant(nanoseconds: .max)) == nil else {
                    return dropMoves(at: now)
                }
                return nextWork.consider(target.nextUserEnd(at: now))
            }
            guard begin(wire, to: move.to, at: now) else { return }
        }
    }

    /// The lanes are not what they were: placement decides anew, after a pause that bounds how often.
    private mutating func dropMoves(at now: Instant) {
        moves = []
        movesHeldUntil = now.advanced(by: configuration.shortestBackoff)
        nextWork.consider(movesHeldUntil)
    }

    /// Starts a move; false while it has to wait.
    private mutating func begin(_ wire: WireSubscription, to lane: LaneID, at now: Instant) -> Bool {
        switch wire.state {
        case .waiting:
            // Its link is gone: it changes its lane with nothing to break.
            leaveLane(wire.id, at: now)
            put(wire.id, on: lane)
            return true
        case .live(let link, _):
            guard links[link]?.answers.isWaiting(for: wire.id) == false else { return false }
            return startShadow(of: wire, on: lane, at: now)
        case .asked, .leaving: return false
        }
    }

    mutating func startShadow(of wire: WireSubscription, on lane: LaneID, at now: Instant) -> Bool {
        guard allowance.subscriptionCount < allowance.subscriptionLimit(at: now) else { return false }
        let shadow = ledger.makeShadow(of: wire, at: now)
        shadows[wire.id] = shadow
        put(shadow, on: lane)
        return true
    }

    /// The shadow is acknowledged: it changes places with the wire subscription and leaves.
    ///
    /// - Parameter isCertain: Whether everything that the new place brought first is still to come.
    mutating func switchOver(_ shadow: WireID, isCertain: Bool, at now: Instant, into effects: inout [Effect]) {
        guard var new = ledger[shadow], let original = new.shadowOf, var wire = ledger[original],
            case .live(let newLink, let since) = new.state
        else { return }
        // Meanwhile the old place was lost or left: its own way back goes on.
        guard case .live(let oldLink, _) = wire.state, links[oldLink]?.answers.isWaiting(for: original) == false,
            let old = wire.lane.flatMap(laneIndex), let target = new.lane.flatMap(laneIndex)
        else { return retreat(shadow, at: now, into: &effects) }
        if handovers[original]?.old == oldLink {
            // The old link goes on until it has surely ended: what the new one brought before now is among that.
            handovers[original]?.isSwitched = true
            effects.append(.attach(original, newLink))
        } else {
            effects.append(.detach(original, oldLink))
            effects.append(.attach(original, newLink))
            effects.append(.expectReplay(original))
            // What the old link still has under way is lost. A snapshot or replay on the new one holds it; where there
            // is none, nothing proves that nothing is missing.
            if wire.traits.snapshot == .none || !isCertain { effects.append(.announceGap(original, .moved)) }
        }
        lanes[old].exchange(original, for: new)
        lanes[target].exchange(shadow, for: wire)
        (wire.lane, new.lane) = (new.lane, wire.lane)
        wire.generation = max(wire.generation, new.generation)
        wire.state = .live(newLink, since: since)
        ledger[original] = wire
        ledger[shadow] = new
        beginLeaving(shadow, oldLink, at: now)
    }

    /// A shadow is wanted no longer, or nobody wants what it helped to move.
    mutating func retreat(_ shadow: WireID, at now: Instant, into effects: inout [Effect]) {
        moves = []
        movesHeldUntil = now.advanced(by: configuration.limitRetry)
        if let original = ledger[shadow]?.shadowOf { cancelHandover(of: original, into: &effects) }
        switch ledger[shadow]?.state {
        case .waiting: eraseShadow(shadow, isLost: false, at: now, into: &effects)
        case .asked(let link, _), .live(let link, _): beginLeaving(shadow, link, at: now)
        case .leaving, nil: break
        }
    }

    /// The venue has nothing of the shadow any more: its end was confirmed, or its link was lost.
    mutating func eraseShadow(_ shadow: WireID, isLost: Bool, at now: Instant, into effects: inout [Effect]) {
        leaveLane(shadow, at: now)
        if let original = ledger[shadow]?.shadowOf {
            shadows[original] = nil
            endHandover(of: original, isLost: isLost, into: &effects)
        }
        ledger.remove(shadow)
    }

    // MARK: Handover

    /// Where a feed that repeats nothing is on its way to.
    package struct MovingTail: Hashable, Sendable {
        package let old: LinkID
        /// Whether the new link has taken its place, and the old one is only waited for.
        package fileprivate(set) var isSwitched = false
    }

    /// The shadow of a feed that repeats nothing is asked for: from now on both links may bring the same.
    mutating func beginHandover(to shadow: WireSubscription, into effects: inout [Effect]) {
        guard shadow.traits.snapshot == .none, let original = shadow.shadowOf, handovers[original] == nil,
            case .live(let old, _) = ledger[original]?.state
        else { return }
        handovers[original] = MovingTail(old: old)
        effects.append(.beginHandover(original, from: old))
    }

    /// The old link brings nothing more; if it was lost before it was left, something may be missing.
    mutating func endHandover(of original: WireID, isLost: Bool, into effects: inout [Effect]) {
        guard handovers[original]?.isSwitched == true, let tail = handovers.removeValue(forKey: original) else {
            return cancelHandover(of: original, into: &effects)
        }
        effects.append(.endHandover(original, isLost: isLost))
        effects.append(.detach(original, tail.old))
    }

    mutating func cancelHandover(of original: WireID, into effects: inout [Effect]) {
        guard let tail = handovers.removeValue(forKey: original) else { return }
        effects.append(.cancelHandover(original))
        if tail.isSwitched { effects.append(.detach(original, tail.old)) }
    }

    // MARK: Rotation

    /// Replaces a link that has grown old: the lane's wire subscriptions move to a lane beside it.
    mutating func rotate(at now: Instant) {
        guard let age = configuration.linkAge else { return }
        if let rotation { goOn(rotation, at: now) }
        guard rotation == nil else { return }
        for lane in lanes where lane.kind != .probe && lane.memberCount > 0 {
            guard let openedAt = lane.link.flatMap({ links[$0]?.openedAt }) else { continue }
            let due = max(openedAt.advanced(by: age), movesHeldUntil)
            guard due <= now else {
                nextWork.consider(due)
                continue
            }
            guard moves.isEmpty, allowance.hasConnection, let twin = openSpareLane(lane.kind, lane.endpoint, at: now)
            else { continue }
            rotation = Rotation(from: lane.id, to: twin)
            return goOn(Rotation(from: lane.id, to: twin), at: now)
        }
    }

    private mutating func goOn(_ rotation: Rotation, at now: Instant) {
        guard let from = lane(rotation.from), lane(rotation.to) != nil, movesHeldUntil <= now else {
            self.rotation = nil
            return
        }
        for id in from.members {
            guard let wire = ledger[id], wire.shadowOf == nil, shadows[id] == nil,
                let to = lane(rotation.to), placement.obstacle(to: PlacementItem(wire), on: to.load, at: now) == nil
            else { continue }
            guard begin(wire, to: rotation.to, at: now) else { return }
        }
    }

    /// A lane whose wire subscriptions move to another.
    struct Rotation: Hashable, Sendable {
        let from: LaneID
        let to: LaneID
    }
}
