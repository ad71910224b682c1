internal import HyperliquidWire

/// What refusals teach of the venue's caps. The errors say how many, never over what they are counted: that shows in
/// what the venue had accepted on the link and on all links.
extension Engine {
    /// One more user was refused on a link.
    mutating func learnUserCap(_ text: String, on link: LinkID, at now: Instant) {
        let stated = Self.number(in: text)
        let everywhere = allowance.usedUserCount(at: now) { [ledger] in ledger.hasLive(user: $0) }
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
        allowance.userCap.accepted(ledger.liveUserCount + 1)
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
        let count = ledger.wires.values.count { $0.isLive || $0.isLeaving }
        let stated = Self.number(in: text)
        // Fewer than the venue tracks: others of this address have some too, or a connection that we have lost is
        // still counted.
        let isPassing = stated.map { count < $0 } ?? false
        allowance.subscriptionCap.refused(
            beyond: count, stated: stated, at: now, patience: isPassing ? configuration.limitRetry : nil)
        evictUnasked(at: now) { _ in true }
    }

    /// An upgrade was refused while other connections are open: perhaps they are all that the venue allows.
    mutating func learnConnectionCap(_ lane: Int, at now: Instant) {
        let open = links.values.count { $0.isOpen }
        guard open > 0 else { return }
        lanes[lane].refusalCount += 1
        guard lanes[lane].refusalCount >= configuration.connectionRefusalCount else { return }
        allowance.connectionCap.refused(beyond: open, stated: nil, at: now)
        guard lanes.count > allowance.connectionCap.limit(at: now) else { return }
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
        // Others who share the allowance have connections too.
        let othersCount = allowance.connectionCount - links.count
        // Feeds come before a spare connection: it is kept free of what was configured, never of what was learnt.
        let learnt = allowance.connectionCap.limit(at: now) + configuration.spareConnectionCount
        limits.connectionCount = max(1, min(limits.connectionCount, learnt) - othersCount)
        if allowance.connectionUserCap.refusal != nil {
            limits.usersPerConnection = allowance.connectionUserCap.limit(at: now)
        }
        nextWork.consider(allowance.connectionCap.nextChange(after: now))
        nextWork.consider(allowance.connectionUserCap.nextChange(after: now))
        guard limits != placement.limits else { return }
        placement.limits = limits
        // Room that was sought in vain may be there now.
        roomMemo = PlacementMemo()
    }
}
