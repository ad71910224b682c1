internal import HyperliquidWire

extension Engine {
    /// Gives each upstream subscription without a slot one, as far as the limits allow.
    mutating func placeAll(at now: Instant) {
        guard !unplaced.isEmpty else { return }
        if slots.isEmpty { placeTogether(at: now) }
        placementMemo.look(at: slots, placement)
        var remaining: [UpstreamID] = []
        for id in unplaced {
            guard let upstream = registry[id] else { continue }
            if let reason = obstacle(to: upstream, at: now) {
                registry[id]?.state = .waiting(reason, since: upstream.since)
                remaining.append(id)
            }
        }
        unplaced = remaining
    }

    /// Places what is wanted when nothing has a place yet, on the fewest slots.
    private mutating func placeTogether(at now: Instant) {
        var admitted: [PlacementItem] = []
        for id in unplaced {
            guard let upstream = registry[id], exhaustedLimit(for: upstream, at: now) == nil else { continue }
            rateLimiter.takeSubscription()
            if let user = upstream.request.user { rateLimiter.takeUser(user) }
            admitted.append(PlacementItem(upstream))
        }
        // Taken to see what is admitted together; taken again by each that has a place.
        for item in admitted {
            rateLimiter.returnSubscription()
            if let user = item.user { rateLimiter.returnUser(user, lingersUntil: now, at: now) }
        }
        var placed: Set<UpstreamID> = []
        for load in placement.arrange(admitted).loads {
            guard let slot = openSlot(load.kind, load.endpoint, at: now) else { continue }
            for member in load.members {
                put(member, on: slot)
                placed.insert(member)
            }
        }
        unplaced.removeAll { placed.contains($0) }
    }

    /// Places a upstream subscription, or says what it waits for.
    private mutating func obstacle(to upstream: UpstreamSubscription, at now: Instant) -> WaitReason? {
        if let reason = exhaustedLimit(for: upstream, at: now) { return reason }
        if let until = placementMemo.refusal(of: upstream.id, at: now) { return wait(upstream.id, until: until) }
        let mayMove = moves.isEmpty && movesHeldUntil <= now
        let item = PlacementItem(upstream)
        switch placement.decide(item, on: slots.lazy.map(\.load), mayMove: mayMove, at: now) {
        case .slot(let slot): put(upstream.id, on: slot)
        case .newSlot(let kind):
            guard let slot = openSlot(kind, upstream.traits.endpoint, at: now) else { return .connectionLimit }
            put(upstream.id, on: slot)
        case .later(let instant): return wait(upstream.id, until: instant)
        case .afterMoves(let moves):
            self.moves = moves
            return .connectionLimit
        case .nowhere:
            if mayMove { return wait(upstream.id, until: Instant(nanoseconds: .max)) }
            if moves.isEmpty { nextWork.consider(movesHeldUntil) }
            return .connectionLimit
        }
        return nil
    }

    /// Until then no room is sought for it unless the slots change.
    private mutating func wait(_ id: UpstreamID, until instant: Instant) -> WaitReason {
        placementMemo.refuse(id, until: instant)
        if instant < Instant(nanoseconds: .max) { nextWork.consider(instant) }
        return .connectionLimit
    }

    /// The limit over all connections that keeps a upstream subscription waiting.
    mutating func exhaustedLimit(for upstream: UpstreamSubscription, at now: Instant) -> WaitReason? {
        if let hold = upstream.hold, hold.until > now {
            nextWork.consider(hold.until)
            return hold.reason
        }
        if rateLimiter.subscriptionCount >= rateLimiter.subscriptionLimit(at: now) {
            nextWork.consider(rateLimiter.subscriptionCap.nextChange(after: now))
            return .subscriptionLimit
        }
        guard let user = upstream.request.user else { return nil }
        let next = rateLimiter.nextUser(user, at: now)
        guard next != now else { return nil }
        nextWork.consider(next ?? rateLimiter.userCap.nextChange(after: now))
        return .userLimit
    }

    mutating func put(_ id: UpstreamID, on slot: SlotID) {
        guard let index = slotIndex(slot) else { return }
        registry.update(id) { upstream in
            upstream.slot = slot
            upstream.state = .waiting(.connection, since: upstream.since)
        }
        guard let upstream = registry[id] else { return }
        slots[index].add(upstream)
        slots[index].queue.insert(SubscribeQueue.Turn(upstream))
        rateLimiter.takeSubscription()
        if let user = upstream.request.user { rateLimiter.takeUser(user) }
    }

    /// A new slot, if the connections allowed have room for it; one that stands empty gives way.
    mutating func openSlot(_ kind: ConnectionSlot.Kind, _ endpoint: EndpointKind, at now: Instant) -> SlotID? {
        openSlot(kind, endpoint, limit: placement.slotLimit, at: now)
    }

    /// A new slot beside those that placement fills: for a trial, or to replace another one.
    mutating func openSpareSlot(_ kind: ConnectionSlot.Kind, _ endpoint: EndpointKind, at now: Instant) -> SlotID? {
        let limit = min(configuration.limits.connectionCount, rateLimiter.connectionCap.limit(at: now))
        return openSlot(kind, endpoint, limit: limit, at: now)
    }

    private mutating func openSlot(
        _ kind: ConnectionSlot.Kind, _ endpoint: EndpointKind, limit: Int, at now: Instant
    ) -> SlotID? {
        if slots.count >= limit {
            guard let empty = slots.firstIndex(where: \.load.isEmpty) else { return nil }
            // Its connection, if it has one, is closed by the next step and counted until then.
            guard slots[empty].connection == nil else {
                slots[empty].closeSoon()
                return nil
            }
            slots.remove(at: empty)
        }
        lastSlot += 1
        let backoff = Backoff(shortest: configuration.shortestBackoff, longest: configuration.longestBackoff)
        slots.append(ConnectionSlot(id: SlotID(lastSlot), kind: kind, endpoint: endpoint, backoff: backoff, at: now))
        return SlotID(lastSlot)
    }
}
