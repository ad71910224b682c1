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
        expireClaims(at: now, into: &effects)
        expirePosts(at: now, into: &effects)
        if hasDueLink(at: now) {
            for id in links.keys.sorted() { beat(id, .woke, at: now, into: &effects) }
            repeatOverdue(at: now, into: &effects)
        }
        renewStale(at: now, into: &effects)
        applyCaps(at: now)
        placeSuspects(at: now)
        placeAll(at: now)
        yieldConnection(at: now)
        openPostLane(at: now)
        carryMoves(at: now, into: &effects)
        rotate(at: now)
        retireIdleLanes(at: now, into: &effects)
        dialLanes(at: now, into: &effects)
        tellWhetherConnectionIsSought()
        sendQueues(at: now, into: &effects)
    }

    /// Whether a link is to be pinged or given up, or an answer is overdue.
    private func hasDueLink(at now: Instant) -> Bool {
        links.values.contains { link in
            link.heartbeatDeadline.map { $0 <= now } ?? false || link.answers.deadline.map { $0 <= now } ?? false
        }
    }

    // MARK: Connections

    /// Closes the connections of lanes that have carried nothing for a while.
    private mutating func retireIdleLanes(at now: Instant, into effects: inout [Effect]) {
        for index in lanes.indices {
            guard var emptySince = lanes[index].emptySince, !isNeededForPosts(lanes[index]) else { continue }
            if let lastPost = lastPosts[lanes[index].id], emptySince > .start { emptySince = max(emptySince, lastPost) }
            let due = emptySince.advanced(by: configuration.idleLaneLinger)
            if due > now {
                nextWork.consider(due)
            } else if let link = lanes[index].link {
                close(link, at: now, into: &effects)
            }
        }
        removeEmptyLanes()
    }

    mutating func removeEmptyLanes() {
        guard lanes.indices.contains(where: { lanes[$0].link == nil && !needsConnection(lanes[$0]) }) else { return }
        lanes = lanes.filter { $0.link != nil || needsConnection($0) }
        lastPosts = lastPosts.filter { laneIndex($0.key) != nil }
    }

    /// Dials every lane that carries something and has no connection, as fast as is allowed.
    private mutating func dialLanes(at now: Instant, into effects: inout [Effect]) {
        for index in lanes.indices where lanes[index].link == nil {
            guard needsConnection(lanes[index]) else { continue }
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
