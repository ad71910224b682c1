internal import HyperliquidWire

/// What refusals teach of the venue's caps. The errors say how many, never over what they are counted: that shows in
/// what the venue had accepted on the connection and on all connections. The caps are counted over all who share the rate limiter:
/// what others have a place for counts as accepted, because nothing more is known of it.
extension Engine {
    private var othersSubscriptionCount: Int { rateLimiter.subscriptionCount - registry.placedCount }

    /// Others who share the rate limiter have connections too.
    var othersConnectionCount: Int { rateLimiter.connectionCount - connections.count }

    var openConnectionCount: Int { connections.values.count { $0.isOpen } + othersConnectionCount }

    /// Whether the venue has accepted a user, or he is another client's.
    private func isAccepted(_ user: String) -> Bool {
        registry.hasLive(user: user)
            || !registry.upstreams.values.contains { $0.slot != nil && $0.request.user == user }
    }

    private func othersUserCount(at now: Instant) -> Int {
        let lingering = rateLimiter.usedUserCount(at: now) { _ in false }
        return rateLimiter.usedUserCount(at: now) { [registry] in isAccepted($0) && !registry.hasLive(user: $0) }
            - lingering
    }

    /// A subscription more was accepted.
    mutating func noteAcceptedSubscription() {
        rateLimiter.subscriptionCap.accepted(registry.liveCount + 1 + othersSubscriptionCount)
    }

    /// One more user was refused on a connection.
    mutating func learnUserCap(_ text: String, on connection: ConnectionID, at now: Instant) {
        let stated = Self.number(in: text)
        let everywhere = rateLimiter.usedUserCount(at: now, where: isAccepted)
        let here = usersHere(connection, at: now)
        if let stated, here >= stated {
            // As many as the venue tracks are on this connection alone.
            rateLimiter.connectionUserCap.refused(beyond: here, stated: stated, at: now)
        } else if let stated, everywhere == stated {
            rateLimiter.userCap.refused(beyond: everywhere, stated: stated, at: now)
        } else if everywhere < stated ?? .max {
            // Others of this address have users too, or some linger that we do not know of.
            rateLimiter.userCap.refused(
                beyond: everywhere, stated: stated, at: now, timeout: configuration.limitRetry)
        }
        // Else more are accepted than the venue tracks for an address, and fewer are here: a moment's matter.
        evictUnasked(at: now) { [registry] upstream in
            upstream.request.user.map { !registry.hasLive(user: $0) } ?? false
        }
    }

    /// A user more was accepted.
    mutating func noteAcceptedUsers(with upstream: UpstreamSubscription, at now: Instant) {
        rateLimiter.userCap.accepted(registry.liveUserCount + 1 + othersUserCount(at: now))
        if let connection = upstream.connection {
            rateLimiter.connectionUserCap.accepted(usersHere(connection, at: now) + 1)
        }
    }

    /// How many users the venue has accepted on a connection, with those who linger there.
    private func usersHere(_ connection: ConnectionID, at now: Instant) -> Int {
        guard let slot = connections[connection].flatMap({ slot($0.slot) }) else { return 0 }
        let live = Set(slot.members.compactMap { registry[$0] }.filter(\.isLive).compactMap(\.request.user))
        return slot.load.lingeringCount(beside: live, at: now) + live.count
    }

    /// One more subscription was refused.
    mutating func learnSubscriptionCap(_ text: String, at now: Instant) {
        let stated = Self.number(in: text)
        let own = registry.upstreams.values.count { $0.isLive || $0.isLeaving }
        let count = min(own + othersSubscriptionCount, stated ?? .max)
        // Fewer than the venue tracks: others of this address have some too, or a connection that we have lost is
        // still counted.
        let isPassing = stated.map { count < $0 } ?? false
        rateLimiter.subscriptionCap.refused(
            beyond: count, stated: stated, at: now, timeout: isPassing ? configuration.limitRetry : nil)
        evictUnasked(at: now) { _ in true }
    }

    /// An upgrade was refused while other connections are open: perhaps they are all that the venue allows.
    mutating func learnConnectionCap(_ slot: Int, at now: Instant) {
        guard connections.values.contains(where: \.isOpen) || othersConnectionCount > 0 else { return }
        let open = openConnectionCount
        slots[slot].refusalCount += 1
        guard slots[slot].refusalCount >= configuration.connectionRefusalCount else { return }
        rateLimiter.connectionCap.refused(beyond: open, stated: nil, at: now)
        guard slots.count > rateLimiter.connectionCap.limit(at: now) - othersConnectionCount else { return }
        // What it carries may find room on the connections there are.
        for id in slots[slot].members where registry[id]?.isWaiting == true {
            leaveSlot(id, at: now)
            unplaced.append(id)
        }
    }

    /// The first number in the venue's words.
    private static func number(in text: String) -> Int? {
        let digits = text.drop { !("0"..."9").contains($0) }.prefix { ("0"..."9").contains($0) }
        return Int(digits)
    }

    /// Takes what was never asked for off its slot, so that it is placed anew by what was learnt.
    private mutating func evictUnasked(at now: Instant, where condition: (UpstreamSubscription) -> Bool) {
        for index in slots.indices {
            for id in slots[index].queue.upstreams {
                guard let upstream = registry[id], upstream.replacementOf == nil, condition(upstream) else { continue }
                leaveSlot(id, at: now)
                unplaced.append(id)
            }
        }
    }

    /// Tells placement what is believed now.
    mutating func applyCaps(at now: Instant) {
        var limits = configuration.limits
        // Feeds come before a spare connection: it is kept free of what was configured, never of what was learnt.
        let learnt = rateLimiter.connectionCap.limit(at: now) + configuration.spareConnectionCount
        limits.connectionCount = max(1, min(limits.connectionCount, learnt) - othersConnectionCount)
        if rateLimiter.connectionUserCap.refusal != nil {
            limits.usersPerConnection = rateLimiter.connectionUserCap.limit(at: now)
        }
        nextWork.consider(rateLimiter.connectionCap.nextChange(after: now))
        nextWork.consider(rateLimiter.connectionUserCap.nextChange(after: now))
        defer { yieldSlots(at: now) }
        guard limits != placement.limits else { return }
        placement.limits = limits
        // Room that was sought in vain may be there now.
        placementMemo = PlacementMemo()
    }

    /// Another client took the connection that a slot had lost: what the slot carries is placed anew, on the
    /// connections there are.
    private mutating func yieldSlots(at now: Instant) {
        guard othersConnectionCount > 0, !rateLimiter.hasConnection, slots.count > placement.slotLimit else { return }
        for slot in slots where slot.connection == nil && slot.kind != .probe && slot.nextDial <= now {
            for id in slot.members where registry[id]?.replacementOf == nil && replacements[id] == nil {
                leaveSlot(id, at: now)
                unplaced.append(id)
            }
        }
        removeEmptySlots()
    }
}
