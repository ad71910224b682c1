internal import HyperliquidEngine

extension ClientCore {
    func info(_ id: SubscriptionID) -> SubscriptionInfo? {
        guard let record = records[id], let claim = engine.ledger.claims[id], let wire = engine.ledger[claim.wire]
        else {
            return nil
        }
        let reason = withEngine { $0.waitReason(of: wire.id, at: MonotonicClock.now) }
        return SubscriptionInfo(
            id: id, request: record.request, connectionType: record.traits.connectionType,
            state: reason.map { .waiting($0.sentence) } ?? .live, user: record.request.user, delivery: record.policy,
            registeredMilliseconds: record.registeredMilliseconds,
            subscribedMilliseconds: record.confirmedMilliseconds, lane: wire.lane?.rawValue)
    }

    var connectionInfo: ConnectionInfo {
        let now = MonotonicClock.now
        let allowance = withEngine(\.allowance)
        let used = allowance.used(at: now)
        let limits = allowance.limits
        return ConnectionInfo(
            lanes: engine.lanes.map { lane in laneInfo(lane, at: now) },
            limits: [
                .init(name: "connections", used: allowance.connectionCount, limit: limits.connectionCount),
                .init(name: "dialsPerMinute", used: used.dials, limit: limits.dialsPerMinute),
                .init(
                    name: "subscriptions", used: allowance.subscriptionCount,
                    limit: allowance.subscriptionLimit(at: now)),
                .init(name: "users", used: allowance.usedUserCount(at: now), limit: allowance.userLimit(at: now)),
                .init(name: "messagesPerMinute", used: used.messages, limit: limits.messagesPerMinute),
                .init(name: "postsInFlight", used: allowance.postCount, limit: limits.postsInFlight),
            ],
            unroutedCount: unsafe counters.unroutedCount, slowCallCount: unsafe counters.slowCallCount)
    }

    private func laneInfo(_ lane: Lane, at now: Instant) -> ConnectionInfo.Lane {
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
            age: link?.openedAt.map { $0.duration(to: now) }, feeds: members.map(\.request),
            reasons: engine.placement.reasons(for: lane.load, among: engine.lanes.map(\.load)).sentences(lane.load),
            reconnectCount: lane.reconnectCount, lastClose: lane.lastClose?.description,
            lastErrors: laneErrors[lane.id] ?? [],
            budget: [
                .init(
                    name: "subscriptionsPerConnection", used: members.count,
                    limit: engine.placement.subscriptionCapacity),
                .init(
                    name: "usersPerConnection", used: lane.load.users.count, limit: engine.placement.userCapacity),
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
