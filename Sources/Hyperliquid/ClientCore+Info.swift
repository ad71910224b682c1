internal import HyperliquidEngine

extension ClientCore {
    func info(_ id: SubscriptionID) -> SubscriptionInfo? {
        guard let record = records[id], let claim = engine.ledger.claims[id], let wire = engine.ledger[claim.wire]
        else {
            return nil
        }
        let now = MonotonicClock.now
        let reason = withEngine { $0.waitReason(of: wire.id, at: now) }
        let state = reason.map { reason in
            SubscriptionInfo.State.waiting(
                for: SubscriptionInfo.Wait(reason), sinceMilliseconds: Self.wallMilliseconds(of: wire.since, at: now))
        }
        return SubscriptionInfo(
            id: id, request: record.request, connectionType: record.traits.connectionType, state: state ?? .live,
            user: record.request.user, delivery: record.policy, registeredMilliseconds: record.registeredMilliseconds,
            subscribedMilliseconds: record.confirmedMilliseconds, lane: wire.lane?.rawValue)
    }

    /// The time of day at an instant of the machines' time line.
    private static func wallMilliseconds(of instant: Instant, at now: Instant) -> Int64 {
        WallClock.milliseconds + now.duration(to: instant).milliseconds
    }

    var connectionInfo: ConnectionInfo {
        let now = MonotonicClock.now
        let allowance = withEngine(\.allowance)
        let used = allowance.used(at: now)
        let limits = allowance.limits
        let loads = engine.shownLoads
        return ConnectionInfo(
            lanes: zip(engine.lanes, loads).map { lane, load in
                laneInfo(lane, load, among: loads, allowance.connectionUserCap, at: now)
            },
            limits: [
                .init(
                    name: "connections", used: allowance.connectionCount,
                    limit: allowance.connectionCap.limit(at: now),
                    evidence: Self.evidence(allowance.connectionCap, .address, at: now)),
                .init(name: "dialsPerMinute", used: used.dials, limit: limits.dialsPerMinute),
                .init(
                    name: "subscriptions", used: allowance.subscriptionCount,
                    limit: allowance.subscriptionLimit(at: now),
                    evidence: Self.evidence(allowance.subscriptionCap, .address, at: now)),
                .init(
                    name: "users", used: allowance.usedUserCount(at: now), limit: allowance.userLimit(at: now),
                    evidence: Self.evidence(allowance.userCap, .address, at: now)),
                .init(
                    name: "subscriptionsPerConnection", used: engine.lanes.map(\.memberCount).max() ?? 0,
                    limit: engine.placement.subscriptionCapacity),
                .init(
                    name: "usersPerConnection", used: engine.lanes.map(\.load.users.count).max() ?? 0,
                    limit: engine.placement.userCapacity,
                    evidence: Self.evidence(allowance.connectionUserCap, .connection, at: now)),
                .init(name: "messagesPerMinute", used: used.messages, limit: limits.messagesPerMinute),
                .init(name: "messagesPerSecond", used: used.messagesInSecond, limit: limits.messagesPerSecond),
                .init(name: "postsInFlight", used: allowance.postCount, limit: limits.postsInFlight),
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

    private func laneInfo(
        _ lane: Lane, _ load: PlacementLoad, among loads: [PlacementLoad], _ userCap: CapEstimate, at now: Instant
    ) -> ConnectionInfo.Lane {
        let link = lane.link.flatMap { engine.links[$0] }
        let state: ConnectionInfo.Lane.State =
            switch link?.state {
            case .dialling: .dialling
            case .open: .open
            case .closing: .closing
            case nil: .waiting
            }
        let members = lane.members.compactMap { engine.ledger[$0] }
        let types = Set(members.map(\.traits.connectionType))
        return ConnectionInfo.Lane(
            id: lane.id.rawValue, kind: lane.kind == .probe ? .probe : ConnectionInfo.Lane.Kind(types), state: state,
            endpoint: lane.endpoint == .api ? network.api : network.explorer,
            age: link?.openedAt.map { $0.duration(to: now) },
            feeds: members.filter { $0.shadowOf == nil }.map(\.request),
            movingFeeds: members.filter { $0.shadowOf != nil }.map(\.request),
            reasons: engine.placement.reasons(for: load, among: loads).sentences(load),
            reconnectCount: lane.reconnectCount, lastClose: lane.lastClose?.description,
            lastErrors: laneErrors[lane.id] ?? [],
            budget: [
                .init(
                    name: "subscriptionsPerConnection", used: members.count,
                    limit: engine.placement.subscriptionCapacity),
                .init(
                    name: "usersPerConnection", used: lane.load.users.count, limit: engine.placement.userCapacity,
                    evidence: Self.evidence(userCap, .connection, at: now)),
            ])
    }
}

extension ConnectionInfo.Lane.Kind {
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
