import HyperliquidWire

/// The earliest of some instants.
struct Earliest: Hashable, Sendable {
    private(set) var instant: Instant?

    mutating func consider(_ other: Instant?) {
        guard let other else { return }
        instant = instant.map { min($0, other) } ?? other
    }
}

extension Engine {
    /// Does whatever may be done now, in the order of its priority, and notes when more may be.
    mutating func advance(at now: Instant, into effects: inout [Effect]) {
        nextWork = Earliest()
        guard phase == .running else { return }
        expireClaims(at: now, into: &effects)
        for id in links.keys.sorted() { beat(id, .woke, at: now, into: &effects) }
        repeatOverdue(at: now, into: &effects)
        placeSuspects(at: now)
        placeAll(at: now)
        retireIdleLanes(at: now, into: &effects)
        dialLanes(at: now, into: &effects)
        sendQueues(at: now, into: &effects)
    }

    // MARK: Placing

    /// Gives each wire subscription without a lane one, as far as the limits allow.
    private mutating func placeAll(at now: Instant) {
        guard !unplaced.isEmpty else { return }
        var remaining: [WireID] = []
        for id in unplaced {
            guard let wire = ledger[id] else { continue }
            if let reason = obstacle(to: wire, at: now) {
                let since = since(wire)
                ledger[id]?.state = .waiting(reason, since: since)
                remaining.append(id)
            }
        }
        unplaced = remaining
    }

    private func since(_ wire: WireSubscription) -> Instant {
        if case .waiting(_, let since) = wire.state { return since }
        return .start
    }

    /// Places a wire subscription, or says what it waits for.
    private mutating func obstacle(to wire: WireSubscription, at now: Instant) -> WaitReason? {
        if let hold = wire.hold, hold.until > now {
            nextWork.consider(hold.until)
            return hold.reason
        }
        if allowance.subscriptionCount >= allowance.subscriptionLimit(at: now) {
            considerLearned(allowance.learnedSubscriptionLimit, at: now)
            return .subscriptionLimit
        }
        if let user = wire.request.user {
            let next = allowance.nextUser(user, at: now)
            guard next == now else {
                if next == nil { considerLearned(allowance.learnedUserLimit, at: now) }
                nextWork.consider(next)
                return .userLimit
            }
        }
        switch placement.place(wire, on: lanes, at: now) {
        case .lane(let lane): put(wire.id, on: lane)
        case .newLane(let kind):
            guard let lane = openLane(kind, wire.traits.endpoint, at: now) else { return .connectionLimit }
            put(wire.id, on: lane)
        }
        return nil
    }

    /// What a refusal taught is believed for a while; only its end to come is worth waking for.
    private mutating func considerLearned(_ limit: Allowance.LearnedLimit?, at now: Instant) {
        if let limit, limit.until > now { nextWork.consider(limit.until) }
    }

    private mutating func put(_ id: WireID, on lane: LaneID) {
        guard let index = laneIndex(lane), var wire = ledger[id] else { return }
        wire.lane = lane
        wire.state = .waiting(.connection, since: since(wire))
        ledger[id] = wire
        lanes[index].add(wire)
        lanes[index].queue.append(id)
        allowance.takeSubscription()
        if let user = wire.request.user { allowance.takeUser(user) }
    }

    /// A new lane, if the connections allowed have room for it; one that stands empty gives way.
    private mutating func openLane(_ kind: Lane.Kind, _ endpoint: EndpointKind, at now: Instant) -> LaneID? {
        if lanes.count >= configuration.limits.connectionCount {
            guard let empty = lanes.firstIndex(where: { $0.memberCount == 0 }) else { return nil }
            // Its connection, if it has one, is closed by the next step and counted until then.
            guard lanes[empty].link == nil else {
                lanes[empty].emptySince = .start
                return nil
            }
            lanes.remove(at: empty)
        }
        lastLane += 1
        let backoff = Backoff(shortest: configuration.shortestBackoff, longest: configuration.longestBackoff)
        lanes.append(Lane(id: LaneID(lastLane), kind: kind, endpoint: endpoint, backoff: backoff, at: now))
        return LaneID(lastLane)
    }

    /// Puts one suspect at a time on a connection of its own; with no connection to spare it goes back to the
    /// others, where it is asked for alone.
    private mutating func placeSuspects(at now: Instant) {
        suspects.removeAll { ledger[$0] == nil }
        guard let first = suspects.first, let wire = ledger[first] else { return }
        let probes = lanes.filter { $0.kind == .probe && $0.endpoint == wire.traits.endpoint }
        if let probe = probes.first {
            guard probe.memberCount == 0 else { return }
            suspects.removeFirst()
            put(first, on: probe.id)
        } else if let lane = openLane(.probe, wire.traits.endpoint, at: now) {
            suspects.removeFirst()
            put(first, on: lane)
        } else {
            unplaced.append(contentsOf: suspects)
            suspects = []
        }
    }

    // MARK: Connections

    /// Closes the connections of lanes that have carried nothing for a while.
    private mutating func retireIdleLanes(at now: Instant, into effects: inout [Effect]) {
        for lane in lanes {
            guard let emptySince = lane.emptySince else { continue }
            let due = emptySince.advanced(by: configuration.idleLaneLinger)
            if due > now {
                nextWork.consider(due)
            } else if let link = lane.link {
                close(link, at: now, into: &effects)
            }
        }
        removeEmptyLanes()
    }

    mutating func removeEmptyLanes() {
        lanes.removeAll { $0.memberCount == 0 && $0.link == nil }
    }

    /// Dials every lane that carries something and has no connection, as fast as is allowed.
    private mutating func dialLanes(at now: Instant, into effects: inout [Effect]) {
        for index in lanes.indices where lanes[index].link == nil && lanes[index].memberCount > 0 {
            let next = max(lanes[index].nextDial, allowance.nextDial(at: now))
            guard next <= now else {
                nextWork.consider(next)
                continue
            }
            guard allowance.hasConnection else { continue }
            allowance.openConnection(at: now)
            lastLink += 1
            let id = LinkID(lastLink)
            links[id] = Link(id: id, lane: lanes[index].id, at: now)
            lanes[index].link = id
            effects.append(.dial(id, lanes[index].endpoint))
        }
    }
}
