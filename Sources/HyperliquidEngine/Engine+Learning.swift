internal import HyperliquidWire

/// What refusals teach of the venue's caps. The errors say how many, never over what they are counted: that shows in
/// what the venue had accepted on the link and on all links. The caps are counted over all who share the allowance:
/// what others have a place for counts as accepted, because nothing more is known of it.
extension Engine {
    private var othersSubscriptionCount: Int { allowance.subscriptionCount - ledger.placedCount }

    /// Others who share the allowance have connections too.
    var othersConnectionCount: Int { allowance.connectionCount - links.count }

    var openConnectionCount: Int { links.values.count { $0.isOpen } + othersConnectionCount }

    /// Whether the venue has accepted a user, or he is another client's.
    private func isAccepted(_ user: String) -> Bool {
        ledger.hasLive(user: user) || !ledger.wires.values.contains { $0.lane != nil && $0.request.user == user }
    }

    private func othersUserCount(at now: Instant) -> Int {
        let lingering = allowance.usedUserCount(at: now) { _ in false }
        return allowance.usedUserCount(at: now) { [ledger] in isAccepted($0) && !ledger.hasLive(user: $0) } - lingering
    }

    /// A subscription more was accepted.
    mutating func noteAcceptedSubscription() {
        allowance.subscriptionCap.accepted(ledger.liveCount + 1 + othersSubscriptionCount)
    }

    /// One more user was refused on a link.
    mutating func learnUserCap(_ text: String, on link: LinkID, at now: Instant) {
        let stated = Self.number(in: text)
        let everywhere = allowance.usedUserCount(at: now, where: isAccepted)
        let here = usersHere(link, at: now)
        if let stated, here >= stated {
            // As many as the venue tracks are on this link alone.
            allowance.connectionUserCap.refused(beyond: here, stated: stated, at: now)
        } else if let stated, everywhere == stated {
            allowance.userCap.refused(beyond: everywhere, stated: stated, at: now)
        } else if everywhere < stated ?? .max {
            // Others of this address have users too, or some linger that we do not know of.
            allowance.userCap.refused(
                beyond: everywhere, stated: stated, at: now, patience: configuration.limitRetry)
        }
        // Else more are accepted than the venue tracks for an address, and fewer are here: a moment's matter.
        evictUnasked(at: now) { [ledger] wire in wire.request.user.map { !ledger.hasLive(user: $0) } ?? false }
    }

    /// A user more was accepted.
    mutating func noteAcceptedUsers(with wire: WireSubscription, at now: Instant) {
        allowance.userCap.accepted(ledger.liveUserCount + 1 + othersUserCount(at: now))
        if let link = wire.link { allowance.connectionUserCap.accepted(usersHere(link, at: now) + 1) }
    }

    /// How many users the venue has accepted on a link, with those who linger there.
    private func usersHere(_ link: LinkID, at now: Instant) -> Int {
        guard let lane = links[link].flatMap({ lane($0.lane) }) else { return 0 }
        let live = Set(lane.members.compactMap { ledger[$0] }.filter(\.isLive).compactMap(\.request.user))
        return lane.load.lingeringCount(beside: live, at: now) + live.count
    }

    /// One more subscription was refused.
    mutating func learnSubscriptionCap(_ text: String, at now: Instant) {
        let stated = Self.number(in: text)
        let own = ledger.wires.values.count { $0.isLive || $0.isLeaving }
        let count = min(own + othersSubscriptionCount, stated ?? .max)
        // Fewer than the venue tracks: others of this address have some too, or a connection that we have lost is
        // still counted.
        let isPassing = stated.map { count < $0 } ?? false
        allowance.subscriptionCap.refused(
            beyond: count, stated: stated, at: now, patience: isPassing ? configuration.limitRetry : nil)
        evictUnasked(at: now) { _ in true }
    }

    /// An upgrade was refused while other connections are open: perhaps they are all that the venue allows.
    mutating func learnConnectionCap(_ lane: Int, at now: Instant) {
        guard links.values.contains(where: \.isOpen) || othersConnectionCount > 0 else { return }
        let open = openConnectionCount
        lanes[lane].refusalCount += 1
        guard lanes[lane].refusalCount >= configuration.connectionRefusalCount else { return }
        allowance.connectionCap.refused(beyond: open, stated: nil, at: now)
        guard lanes.count > allowance.connectionCap.limit(at: now) - othersConnectionCount else { return }
        // What it carries may find room on the connections there are.
        for id in lanes[lane].members where ledger[id]?.isWaiting == true {
            leaveLane(id, at: now)
            unplaced.append(id)
        }
    }

    /// The first number in the venue's words.
    private static func number(in text: String) -> Int? {
        let digits = text.drop { !("0"..."9").contains($0) }.prefix { ("0"..."9").contains($0) }
        return Int(digits)
    }

    /// Takes what was never asked for off its lane, so that it is placed anew by what was learnt.
    private mutating func evictUnasked(at now: Instant, where condition: (WireSubscription) -> Bool) {
        for index in lanes.indices {
            for id in lanes[index].queue.wires {
                guard let wire = ledger[id], wire.shadowOf == nil, condition(wire) else { continue }
                leaveLane(id, at: now)
                unplaced.append(id)
            }
        }
    }

    /// Tells placement what is believed now.
    mutating func applyCaps(at now: Instant) {
        var limits = configuration.limits
        // Feeds come before a spare connection: it is kept free of what was configured, never of what was learnt.
        let learnt = allowance.connectionCap.limit(at: now) + configuration.spareConnectionCount
        limits.connectionCount = max(1, min(limits.connectionCount, learnt) - othersConnectionCount)
        if allowance.connectionUserCap.refusal != nil {
            limits.usersPerConnection = allowance.connectionUserCap.limit(at: now)
        }
        nextWork.consider(allowance.connectionCap.nextChange(after: now))
        nextWork.consider(allowance.connectionUserCap.nextChange(after: now))
        defer { yieldLanes(at: now) }
        guard limits != placement.limits else { return }
        placement.limits = limits
        // Room that was sought in vain may be there now.
        roomMemo = PlacementMemo()
    }

    /// Another client took the connection that a lane had lost: what the lane carries is placed anew, on the
    /// connections there are.
    private mutating func yieldLanes(at now: Instant) {
        guard othersConnectionCount > 0, !allowance.hasConnection, lanes.count > placement.laneLimit else { return }
        for lane in lanes where lane.link == nil && lane.kind != .probe && lane.nextDial <= now {
            for id in lane.members where ledger[id]?.shadowOf == nil && shadows[id] == nil {
                leaveLane(id, at: now)
                unplaced.append(id)
            }
        }
        removeEmptyLanes()
    }
}
