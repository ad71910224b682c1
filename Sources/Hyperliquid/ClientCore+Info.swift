internal import HyperliquidEngine

extension ClientCore {
    func info(_ id: SubscriptionID) -> SubscriptionInfo? {
        guard let record = records[id], let subscription = engine.registry.subscriptions[id],
            let upstream = engine.registry[subscription.upstream]
        else {
            return nil
        }
        let now = MonotonicClock.now
        let reason = engine.waitReason(of: upstream.id, limiter)
        let state = reason.map { reason in
            SubscriptionInfo.State.waiting(
                for: SubscriptionInfo.Wait(reason),
                sinceMilliseconds: Self.wallMilliseconds(of: upstream.since, at: now))
        }
        return SubscriptionInfo(
            id: id, request: record.request, connectionType: record.traits.connectionType, state: state ?? .live,
            user: record.request.user, delivery: record.policy, registeredMilliseconds: record.registeredMilliseconds,
            subscribedMilliseconds: record.confirmedMilliseconds, slot: engine.pool.slot(of: upstream.id)?.rawValue)
    }

    /// The time of day at an instant of the machines' time line.
    private static func wallMilliseconds(of instant: Instant, at now: Instant) -> Int64 {
        WallClock.milliseconds + now.duration(to: instant).milliseconds
    }

    var connectionInfo: ConnectionInfo {
        let now = MonotonicClock.now
        let rateLimiter = limiter
        let used = rateLimiter.used(at: now)
        let limits = rateLimiter.limits
        let loads = engine.loadsWithoutReplacements
        return ConnectionInfo(
            slots: zip(engine.pool.slots, loads).map { slot, load in
                connectionInfo(slot, load, among: loads, rateLimiter.connectionUserCap, at: now)
            },
            limits: [
                .init(
                    name: "connections", used: rateLimiter.connectionCount,
                    limit: rateLimiter.connectionCap.limit(at: now),
                    evidence: Self.evidence(rateLimiter.connectionCap, .address, at: now)),
                .init(name: "dialsPerMinute", used: used.dials, limit: limits.dialsPerMinute),
                .init(
                    name: "subscriptions", used: rateLimiter.subscriptionCount,
                    limit: rateLimiter.subscriptionLimit(at: now),
                    evidence: Self.evidence(rateLimiter.subscriptionCap, .address, at: now)),
                .init(
                    name: "users", used: rateLimiter.usedUserCount(at: now), limit: rateLimiter.userLimit(at: now),
                    evidence: Self.evidence(rateLimiter.userCap, .address, at: now)),
                .init(
                    name: "subscriptionsPerConnection", used: engine.pool.slots.map(\.memberCount).max() ?? 0,
                    limit: engine.placements.placement.subscriptionCapacity),
                .init(
                    name: "usersPerConnection", used: engine.pool.slots.map(\.load.users.count).max() ?? 0,
                    limit: engine.placements.placement.userCapacity,
                    evidence: Self.evidence(rateLimiter.connectionUserCap, .connection, at: now)),
                .init(name: "messagesPerMinute", used: used.messages, limit: limits.messagesPerMinute),
                .init(name: "messagesPerSecond", used: used.messagesInSecond, limit: limits.messagesPerSecond),
                .init(name: "postsInFlight", used: rateLimiter.postCount, limit: limits.postsInFlight),
            ],
            unroutedCount: unsafe counters.unroutedCount, slowCallCount: unsafe counters.slowCallCount)
    }

    private static func evidence(
        _ cap: CapEstimate, _ scope: ConnectionInfo.Evidence.Scope, at now: Instant
    ) -> ConnectionInfo.Evidence {
        let refusal = cap.refusal.map { refusal in
            ConnectionInfo.Evidence.Refusal(
                acceptedCount: refusal.acceptedCount, statedCount: refusal.statedCount,
                retryMilliseconds: wallMilliseconds(of: refusal.retryAt, at: now))
        }
        return ConnectionInfo.Evidence(
            scope: scope, configured: cap.configured, documented: cap.documented, acceptedCount: cap.acceptedCount,
            refusal: refusal)
    }

    private func connectionInfo(
        _ slot: ConnectionSlot, _ load: PlacementLoad, among loads: [PlacementLoad], _ userCap: CapEstimate,
        at now: Instant
    ) -> ConnectionInfo.ConnectionSlot {
        let connection = slot.connection
        let state: ConnectionInfo.ConnectionSlot.State =
            switch connection?.state {
            case .dialling: .dialling
            case .open: .open
            case .closing: .closing
            case nil: .waiting
            }
        let members = slot.members.compactMap { engine.registry[$0] }
        let types = Set(members.map(\.traits.connectionType))
        return ConnectionInfo.ConnectionSlot(
            id: slot.id.rawValue, kind: slot.kind == .probe ? .probe : ConnectionInfo.ConnectionSlot.Kind(types),
            state: state,
            endpoint: slot.endpoint == .api ? network.api : network.explorer,
            age: connection?.openedAt.map { $0.duration(to: now) },
            feeds: members.filter { !engine.mover.isReplacement($0.id) }.map(\.request),
            movingFeeds: members.filter { engine.mover.isReplacement($0.id) }.map(\.request),
            reasons: engine.placements.placement.reasons(for: load, among: loads).sentences(load),
            reconnectCount: slot.reconnectCount, lastClose: slot.lastClose?.description,
            lastErrors: slotErrors[slot.id] ?? [],
            budget: [
                .init(
                    name: "subscriptionsPerConnection", used: members.count,
                    limit: engine.placements.placement.subscriptionCapacity),
                .init(
                    name: "usersPerConnection", used: slot.load.users.count,
                    limit: engine.placements.placement.userCapacity,
                    evidence: Self.evidence(userCap, .connection, at: now)),
            ])
    }
}

extension ConnectionInfo.ConnectionSlot.Kind {
    init(_ types: Set<ConnectionType>) {
        self =
            switch types {
            case [.dedicated]: .dedicated
            case [.userGrouped]: .userGrouped
            case [.shared], []: .shared
            default: .mixed
            }
    }
}
