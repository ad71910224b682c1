internal import HyperliquidWire

extension Engine {
    /// Gives each wire subscription without a lane one, as far as the limits allow.
    mutating func placeAll(at now: Instant) {
        guard !unplaced.isEmpty else { return }
        if lanes.isEmpty { placeTogether(at: now) }
        roomMemo.look(at: lanes, placement)
        var remaining: [WireID] = []
        for id in unplaced {
            guard let wire = ledger[id] else { continue }
            if let reason = obstacle(to: wire, at: now) {
                ledger[id]?.state = .waiting(reason, since: wire.since)
                remaining.append(id)
            }
        }
        unplaced = remaining
    }

    /// Places what is wanted when nothing has a place yet, on the fewest lanes.
    private mutating func placeTogether(at now: Instant) {
        var admitted: [PlacementItem] = []
        for id in unplaced {
            guard let wire = ledger[id], exhaustedLimit(for: wire, at: now) == nil else { continue }
            allowance.takeSubscription()
            if let user = wire.request.user { allowance.takeUser(user) }
            admitted.append(PlacementItem(wire))
        }
        // Taken to see what is admitted together; taken again by each that has a place.
        for item in admitted {
            allowance.returnSubscription()
            if let user = item.user { allowance.returnUser(user, lingersUntil: now, at: now) }
        }
        var placed: Set<WireID> = []
        for load in placement.arrange(admitted).loads {
            guard let lane = openLane(load.kind, load.endpoint, at: now) else { continue }
            for member in load.members {
                put(member, on: lane)
                placed.insert(member)
            }
        }
        unplaced.removeAll { placed.contains($0) }
    }

    /// Places a wire subscription, or says what it waits for.
    private mutating func obstacle(to wire: WireSubscription, at now: Instant) -> WaitReason? {
        if let reason = exhaustedLimit(for: wire, at: now) { return reason }
        if let until = roomMemo.refusal(of: wire.id, at: now) { return wait(wire.id, until: until) }
        let mayMove = moves.isEmpty && movesHeldUntil <= now
        let item = PlacementItem(wire)
        switch placement.decide(item, on: lanes.lazy.map(\.load), mayMove: mayMove, at: now) {
        case .lane(let lane): put(wire.id, on: lane)
        case .newLane(let kind):
            guard let lane = openLane(kind, wire.traits.endpoint, at: now) else { return .connectionLimit }
            put(wire.id, on: lane)
        case .later(let instant): return wait(wire.id, until: instant)
        case .afterMoves(let moves):
            self.moves = moves
            return .connectionLimit
        case .nowhere:
            if mayMove { return wait(wire.id, until: Instant(nanoseconds: .max)) }
            if moves.isEmpty { nextWork.consider(movesHeldUntil) }
            return .connectionLimit
        }
        return nil
    }

    /// Until then no room is sought for it unless the lanes change.
    private mutating func wait(_ id: WireID, until instant: Instant) -> WaitReason {
        roomMemo.refuse(id, until: instant)
        if instant < Instant(nanoseconds: .max) { nextWork.consider(instant) }
        return .connectionLimit
    }

    /// The limit over all connections that keeps a wire subscription waiting.
    mutating func exhaustedLimit(for wire: WireSubscription, at now: Instant) -> WaitReason? {
        if let hold = wire.hold, hold.until > now {
            nextWork.consider(hold.until)
            return hold.reason
        }
        if allowance.subscriptionCount >= allowance.subscriptionLimit(at: now) {
            nextWork.consider(allowance.subscriptionCap.nextChange(after: now))
            return .subscriptionLimit
        }
        guard let user = wire.request.user else { return nil }
        let next = allowance.nextUser(user, at: now)
        guard next != now else { return nil }
        nextWork.consider(next ?? allowance.userCap.nextChange(after: now))
        return .userLimit
    }

    mutating func put(_ id: WireID, on lane: LaneID) {
        guard let index = laneIndex(lane) else { return }
        ledger.update(id) { wire in
            wire.lane = lane
            wire.state = .waiting(.connection, since: wire.since)
        }
        guard let wire = ledger[id] else { return }
        lanes[index].add(wire)
        lanes[index].queue.insert(SubscribeQueue.Turn(wire))
        allowance.takeSubscription()
        if let user = wire.request.user { allowance.takeUser(user) }
    }

    /// A new lane, if the connections allowed have room for it; one that stands empty gives way.
    mutating func openLane(_ kind: Lane.Kind, _ endpoint: EndpointKind, at now: Instant) -> LaneID? {
        openLane(kind, endpoint, limit: placement.laneLimit, at: now)
    }

    /// A new lane beside those that placement fills: for a trial, or to replace another one.
    mutating func openSpareLane(_ kind: Lane.Kind, _ endpoint: EndpointKind, at now: Instant) -> LaneID? {
        let limit = min(configuration.limits.connectionCount, allowance.connectionCap.limit(at: now))
        return openLane(kind, endpoint, limit: limit, at: now)
    }

    private mutating func openLane(
        _ kind: Lane.Kind, _ endpoint: EndpointKind, limit: Int, at now: Instant
    ) -> LaneID? {
        if lanes.count >= limit {
            guard let empty = lanes.firstIndex(where: \.load.isEmpty) else { return nil }
            // Its connection, if it has one, is closed by the next step and counted until then.
            guard lanes[empty].link == nil else {
                lanes[empty].giveWay()
                return nil
            }
            lanes.remove(at: empty)
        }
        lastLane += 1
        let backoff = Backoff(shortest: configuration.shortestBackoff, longest: configuration.longestBackoff)
        lanes.append(Lane(id: LaneID(lastLane), kind: kind, endpoint: endpoint, backoff: backoff, at: now))
        return LaneID(lastLane)
    }
}
