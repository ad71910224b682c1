package import HyperliquidWire

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
    package mutating func advance(at now: Instant, into effects: inout [Effect]) {
        defer { returnPosts() }
        nextWork = Earliest()
        guard phase == .running else { return }
        expireSubscriptions(at: now, into: &effects)
        expirePosts(at: now, into: &effects)
        if hasDueConnection(at: now) {
            for id in connections.keys.sorted() { beat(id, .woke, at: now, into: &effects) }
            repeatOverdue(at: now, into: &effects)
        }
        renewStale(at: now, into: &effects)
        applyCaps(at: now)
        placeSuspects(at: now)
        placeAll(at: now)
        yieldConnection(at: now)
        openPostSlot(at: now)
        carryMoves(at: now, into: &effects)
        rotate(at: now)
        retireIdleSlots(at: now, into: &effects)
        dialSlots(at: now, into: &effects)
        reportWhetherConnectionIsNeeded()
        sendQueues(at: now, into: &effects)
    }

    /// Whether a connection is to be pinged or given up, or an answer is overdue.
    private func hasDueConnection(at now: Instant) -> Bool {
        connections.values.contains { connection in
            connection.heartbeatDeadline.map { $0 <= now } ?? false
                || connection.answers.deadline.map { $0 <= now } ?? false
        }
    }

    // MARK: Connections

    /// Closes the connections of slots that have carried nothing for a while.
    private mutating func retireIdleSlots(at now: Instant, into effects: inout [Effect]) {
        for index in slots.indices {
            guard var emptySince = slots[index].emptySince, !isNeededForPosts(slots[index]) else { continue }
            if let lastPost = lastPosts[slots[index].id], emptySince > .start { emptySince = max(emptySince, lastPost) }
            let due = emptySince.advanced(by: configuration.idleConnectionLinger)
            if due > now {
                nextWork.consider(due)
            } else if let connection = slots[index].connection {
                close(connection, at: now, into: &effects)
            }
        }
        removeEmptySlots()
    }

    mutating func removeEmptySlots() {
        guard slots.indices.contains(where: { slots[$0].connection == nil && !needsConnection(slots[$0]) }) else {
            return
        }
        slots = slots.filter { $0.connection != nil || needsConnection($0) }
        lastPosts = lastPosts.filter { slotIndex($0.key) != nil }
    }

    /// Dials every slot that carries something and has no connection, as fast as is allowed.
    private mutating func dialSlots(at now: Instant, into effects: inout [Effect]) {
        for index in slots.indices where slots[index].connection == nil {
            guard needsConnection(slots[index]) else { continue }
            let next = max(slots[index].nextDial, rateLimiter.nextDial(at: now))
            guard next <= now else {
                nextWork.consider(next)
                continue
            }
            guard rateLimiter.hasConnection else { continue }
            rateLimiter.openConnection(at: now)
            lastConnection += 1
            let id = ConnectionID(lastConnection)
            connections[id] = Connection(id: id, slot: slots[index].id, at: now)
            slots[index].connection = id
            effects.append(.dial(id, slots[index].endpoint))
        }
    }
}
