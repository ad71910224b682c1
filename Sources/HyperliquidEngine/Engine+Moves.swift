internal import HyperliquidWire

/// Moves are made before the old place is broken: a replacement asks for the same identity on the new slot, and once the
/// venue has acknowledged it the two change their places. The replacement then leaves the old one. To everything else a
/// replacement is a upstream subscription that nobody wants and whose messages reach nobody.
extension Engine {
    /// What the slots carry for somebody: without the replacements.
    package var shownLoads: [PlacementLoad] {
        slots.map { slot in
            var load = slot.load
            for replacement in replacements.values { load.remove(replacement) }
            return load
        }
    }

    /// Carries out what placement wants moved, strictly one after the other.
    mutating func carryMoves(at now: Instant, into effects: inout [Effect]) {
        guard movesHeldUntil <= now else {
            if !moves.isEmpty { nextWork.consider(movesHeldUntil) }
            return
        }
        while let move = moves.first, replacements[move.upstream] == nil {
            if registry[move.upstream]?.slot == move.to {
                moves.removeFirst()
                continue
            }
            guard let upstream = registry[move.upstream], let target = slot(move.to)?.load, upstream.slot == move.from,
                !upstream.isLeaving
            else { return dropMoves(at: now) }
            let item = PlacementItem(upstream)
            guard placement.obstacle(to: item, on: target, at: now) == nil else {
                // Who only lingers there goes by himself: often an earlier move has sent him away.
                guard placement.obstacle(to: item, on: target, at: Instant(nanoseconds: .max)) == nil else {
                    return dropMoves(at: now)
                }
                return nextWork.consider(target.nextUserEnd(at: now))
            }
            guard begin(upstream, to: move.to, at: now) else { return }
        }
    }

    /// The slots are not what they were: placement decides anew, after a pause that bounds how often.
    private mutating func dropMoves(at now: Instant) {
        moves = []
        movesHeldUntil = now.advanced(by: configuration.shortestBackoff)
        nextWork.consider(movesHeldUntil)
    }

    /// Starts a move; false while it has to wait.
    private mutating func begin(_ upstream: UpstreamSubscription, to slot: SlotID, at now: Instant) -> Bool {
        switch upstream.state {
        case .waiting:
            // Its connection is gone: it changes its slot with nothing to break.
            leaveSlot(upstream.id, at: now)
            put(upstream.id, on: slot)
            return true
        case .live(let connection, _):
            guard connections[connection]?.answers.isWaiting(for: upstream.id) == false else { return false }
            return startReplacement(of: upstream, on: slot, at: now)
        case .asked, .leaving: return false
        }
    }

    mutating func startReplacement(of upstream: UpstreamSubscription, on slot: SlotID, at now: Instant) -> Bool {
        guard rateLimiter.subscriptionCount < rateLimiter.subscriptionLimit(at: now) else { return false }
        let replacement = registry.makeReplacement(of: upstream, at: now)
        replacements[upstream.id] = replacement
        put(replacement, on: slot)
        return true
    }

    /// The replacement is acknowledged: it changes places with the upstream subscription and leaves.
    ///
    /// - Parameter isCertain: Whether everything that the new place brought first is still to come.
    mutating func switchOver(_ replacement: UpstreamID, isCertain: Bool, at now: Instant, into effects: inout [Effect])
    {
        guard var new = registry[replacement], let original = new.replacementOf, var upstream = registry[original],
            case .live(let newConnection, let since) = new.state
        else { return }
        // Meanwhile the old place was lost or left: its own way back goes on.
        guard case .live(let oldConnection, _) = upstream.state,
            connections[oldConnection]?.answers.isWaiting(for: original) == false,
            let old = upstream.slot.flatMap(slotIndex), let target = new.slot.flatMap(slotIndex)
        else { return retreat(replacement, at: now, into: &effects) }
        if handovers[original]?.old == oldConnection {
            // The old connection goes on until it has surely ended: what the new one brought before now is among that.
            handovers[original]?.isSwitched = true
            effects.append(.attach(original, newConnection))
        } else {
            effects.append(.detach(original, oldConnection))
            effects.append(.attach(original, newConnection))
            effects.append(.expectReplay(original))
            // What the old connection still has under way is lost. A snapshot or replay on the new one holds it; where there
            // is none, nothing proves that nothing is missing.
            if upstream.traits.snapshot == .none || !isCertain { effects.append(.announceGap(original, .moved)) }
        }
        slots[old].exchange(original, for: new)
        slots[target].exchange(replacement, for: upstream)
        (upstream.slot, new.slot) = (new.slot, upstream.slot)
        upstream.generation = max(upstream.generation, new.generation)
        upstream.state = .live(newConnection, since: since)
        registry[original] = upstream
        registry[replacement] = new
        beginLeaving(replacement, oldConnection, at: now)
    }

    /// A replacement is wanted no longer, or nobody wants what it helped to move.
    mutating func retreat(_ replacement: UpstreamID, at now: Instant, into effects: inout [Effect]) {
        moves = []
        movesHeldUntil = now.advanced(by: configuration.limitRetry)
        if let original = registry[replacement]?.replacementOf { cancelHandover(of: original, into: &effects) }
        switch registry[replacement]?.state {
        case .waiting: eraseReplacement(replacement, isLost: false, at: now, into: &effects)
        case .asked(let connection, _), .live(let connection, _): beginLeaving(replacement, connection, at: now)
        case .leaving, nil: break
        }
    }

    /// The venue has nothing of the replacement any more: its end was confirmed, or its connection was lost.
    mutating func eraseReplacement(
        _ replacement: UpstreamID, isLost: Bool, at now: Instant, into effects: inout [Effect]
    ) {
        leaveSlot(replacement, at: now)
        if let original = registry[replacement]?.replacementOf {
            replacements[original] = nil
            endHandover(of: original, isLost: isLost, into: &effects)
        }
        registry.remove(replacement)
    }

    // MARK: Handover

    /// Where a feed that repeats nothing is on its way to.
    package struct HandoverState: Hashable, Sendable {
        package let old: ConnectionID
        /// Whether the new connection has taken its place, and the old one is only waited for.
        package fileprivate(set) var isSwitched = false
    }

    /// The replacement of a feed that repeats nothing is asked for: from now on both connections may bring the same.
    mutating func beginHandover(to replacement: UpstreamSubscription, into effects: inout [Effect]) {
        guard replacement.traits.snapshot == .none, let original = replacement.replacementOf,
            handovers[original] == nil,
            case .live(let old, _) = registry[original]?.state
        else { return }
        handovers[original] = HandoverState(old: old)
        effects.append(.beginHandover(original, from: old))
    }

    /// The old connection brings nothing more; if it was lost before it was left, something may be missing.
    mutating func endHandover(of original: UpstreamID, isLost: Bool, into effects: inout [Effect]) {
        guard handovers[original]?.isSwitched == true, let tail = handovers.removeValue(forKey: original) else {
            return cancelHandover(of: original, into: &effects)
        }
        effects.append(.endHandover(original, isLost: isLost))
        effects.append(.detach(original, tail.old))
    }

    mutating func cancelHandover(of original: UpstreamID, into effects: inout [Effect]) {
        guard let tail = handovers.removeValue(forKey: original) else { return }
        effects.append(.cancelHandover(original))
        if tail.isSwitched { effects.append(.detach(original, tail.old)) }
    }

    // MARK: Rotation

    /// Replaces a connection that has grown old: the slot's upstream subscriptions move to a slot beside it.
    mutating func rotate(at now: Instant) {
        guard let age = configuration.maximumConnectionAge else { return }
        if let rotation { goOn(rotation, at: now) }
        guard rotation == nil else { return }
        for slot in slots where slot.kind != .probe && slot.memberCount > 0 {
            guard let openedAt = slot.connection.flatMap({ connections[$0]?.openedAt }) else { continue }
            let due = max(openedAt.advanced(by: age), movesHeldUntil)
            guard due <= now else {
                nextWork.consider(due)
                continue
            }
            guard moves.isEmpty, rateLimiter.hasConnection, let twin = openSpareSlot(slot.kind, slot.endpoint, at: now)
            else { continue }
            rotation = Rotation(from: slot.id, to: twin)
            return goOn(Rotation(from: slot.id, to: twin), at: now)
        }
    }

    private mutating func goOn(_ rotation: Rotation, at now: Instant) {
        guard let from = slot(rotation.from), slot(rotation.to) != nil, movesHeldUntil <= now else {
            self.rotation = nil
            return
        }
        for id in from.members {
            guard let upstream = registry[id], upstream.replacementOf == nil, replacements[id] == nil,
                let to = slot(rotation.to), placement.obstacle(to: PlacementItem(upstream), on: to.load, at: now) == nil
            else { continue }
            guard begin(upstream, to: rotation.to, at: now) else { return }
        }
    }

    /// A slot whose upstream subscriptions move to another.
    struct Rotation: Hashable, Sendable {
        let from: SlotID
        let to: SlotID
    }
}
