internal import HyperliquidEngine

/// Makes the client's reports about itself from the state of the engine and the rate limiter at one moment.
struct InfoReport {
    private let engine: Engine
    private let rateLimiter: RateLimiter
    private let connections: ConnectionTable
    private let venueClock: VenueClock
    private let network: HyperliquidNetwork
    private let now: Instant
    private let wallMilliseconds: Int64

    /// - Parameters:
    ///   - now: The present time on the engine's time line.
    ///   - wallMilliseconds: The present time of day, in milliseconds since 1970.
    init(
        _ engine: Engine, _ rateLimiter: RateLimiter, _ connections: ConnectionTable, _ venueClock: VenueClock,
        network: HyperliquidNetwork, at now: Instant, wallMilliseconds: Int64
    ) {
        self.engine = engine
        self.rateLimiter = rateLimiter
        self.connections = connections
        self.venueClock = venueClock
        self.network = network
        self.now = now
        self.wallMilliseconds = wallMilliseconds
    }

    /// The time of day at an instant of the engine's time line.
    private func wallMilliseconds(at instant: Instant) -> Int64 {
        wallMilliseconds + now.duration(to: instant).milliseconds
    }

    // MARK: Subscriptions

    /// The state of a subscription; `nil` if the engine does not know it.
    func subscription(_ subscriber: Subscriber) -> SubscriptionInfo? {
        guard let subscription = engine.registry.subscriptions[subscriber.id],
            let upstream = engine.registry[subscription.upstream]
        else {
            return nil
        }
        return SubscriptionInfo(
            id: subscriber.id, request: subscriber.request, connectionType: subscriber.traits.connectionType,
            state: state(of: upstream), user: subscriber.request.user, delivery: subscriber.policy,
            registeredMilliseconds: subscriber.registeredMilliseconds,
            subscribedMilliseconds: subscriber.confirmedMilliseconds,
            connection: engine.pool.slot(of: upstream.id)?.rawValue,
            lastFailure: upstream.isLive ? nil : connections.failure(of: subscriber.traits.endpoint))
    }

    private func state(of upstream: UpstreamSubscription) -> SubscriptionInfo.State {
        if let reason = engine.waitReason(of: upstream.id, rateLimiter) {
            return .waiting(for: reason, sinceMilliseconds: wallMilliseconds(at: upstream.since))
        }
        return engine.staleness.silentSince(upstream.id).map { .silent(sinceMilliseconds: wallMilliseconds(at: $0)) }
            ?? .live
    }

    // MARK: Metrics

    /// How far the local clock is ahead of the venue's, in milliseconds; `nil` before the first live message.
    private var skewMilliseconds: Int64? { venueClock.skew(ofLocalMilliseconds: wallMilliseconds, at: now) }

    /// The counts and times of a subscriber's messages.
    func metrics(of subscriber: Subscriber) -> SubscriptionMetrics {
        subscriber.metrics(atMilliseconds: wallMilliseconds, skewMilliseconds: skewMilliseconds ?? 0)
    }

    // MARK: Connections

    /// The connections, with the usage of the limits.
    func connections(_ errors: ConnectionErrors, _ counters: ClientCounters, _ unrouted: UnroutedChannels)
        -> ConnectionInfo
    {
        let loads = engine.loadsWithoutReplacements
        return ConnectionInfo(
            connections: zip(engine.pool.slots, loads).map { slot, load in
                connection(slot, load, among: loads, lastErrors: errors[slot.id])
            },
            limits: limits, unroutedCount: counters.unroutedCount, unroutedChannels: unrouted.channels,
            slowCallCount: counters.slowCallCount, lastFailures: connections.allFailures,
            clockSkew: skewMilliseconds.map { .milliseconds($0) })
    }

    private func connection(
        _ slot: ConnectionSlot, _ load: PlacementLoad, among loads: [PlacementLoad], lastErrors: [String]
    ) -> ConnectionInfo.Connection {
        let connection = slot.connection
        let members = slot.members.compactMap { engine.registry[$0] }
        let types = Set(members.map(\.traits.connectionType))
        return ConnectionInfo.Connection(
            id: slot.id.rawValue, kind: slot.kind == .trial ? .trial : ConnectionInfo.Connection.Kind(types),
            state: ConnectionInfo.Connection.State(connection?.state),
            endpoint: network.address(of: slot.endpoint),
            age: connection?.openedAt.map { $0.duration(to: now) },
            feeds: members.filter { !engine.mover.isReplacement($0.id) }.map(\.request),
            movingFeeds: members.filter { engine.mover.isReplacement($0.id) }.map(\.request),
            reasons: engine.placements.placement.reasons(for: load, among: loads).sentences(load),
            reconnectCount: slot.reconnectCount, lastClose: slot.lastClose?.description, lastErrors: lastErrors,
            limits: [
                .init(
                    name: "subscriptionsPerConnection", used: members.count,
                    limit: engine.placements.placement.subscriptionCapacity),
                .init(
                    name: "usersPerConnection", used: slot.load.users.count,
                    limit: engine.placements.placement.userCapacity,
                    evidence: evidence(rateLimiter.connectionUserCap, .connection)),
            ])
    }

    // MARK: Limits

    private var limits: [ConnectionInfo.Limit] {
        let used = rateLimiter.used(at: now)
        let limits = rateLimiter.limits
        return [
            .init(
                name: "connections", used: rateLimiter.connectionCount, limit: rateLimiter.connectionCap.limit(at: now),
                evidence: evidence(rateLimiter.connectionCap, .address)),
            .init(name: "dialsPerMinute", used: used.dials, limit: limits.dialsPerMinute),
            .init(
                name: "subscriptions", used: rateLimiter.subscriptionCount,
                limit: rateLimiter.subscriptionLimit(at: now),
                evidence: evidence(rateLimiter.subscriptionCap, .address)),
            .init(
                name: "users", used: rateLimiter.usedUserCount(at: now), limit: rateLimiter.userLimit(at: now),
                evidence: evidence(rateLimiter.userCap, .address)),
            .init(
                name: "subscriptionsPerConnection", used: engine.pool.slots.map(\.memberCount).max() ?? 0,
                limit: engine.placements.placement.subscriptionCapacity),
            .init(
                name: "usersPerConnection", used: engine.pool.slots.map(\.load.users.count).max() ?? 0,
                limit: engine.placements.placement.userCapacity,
                evidence: evidence(rateLimiter.connectionUserCap, .connection)),
            .init(name: "messagesPerMinute", used: used.messages, limit: limits.messagesPerMinute),
            .init(name: "messagesPerSecond", used: used.messagesInSecond, limit: limits.messagesPerSecond),
            .init(name: "requestWeightPerMinute", used: used.requestWeight, limit: limits.requestWeightPerMinute),
            .init(name: "postsInFlight", used: rateLimiter.postCount, limit: limits.postsInFlight),
        ]
    }

    private func evidence(_ cap: CapEstimate, _ scope: ConnectionInfo.Evidence.Scope) -> ConnectionInfo.Evidence {
        let refusal = cap.refusal.map { refusal in
            ConnectionInfo.Evidence.Refusal(
                acceptedCount: refusal.acceptedCount, statedCount: refusal.statedCount,
                retryMilliseconds: wallMilliseconds(at: refusal.retryAt))
        }
        return ConnectionInfo.Evidence(
            scope: scope, configured: cap.configured, documented: cap.documented, acceptedCount: cap.acceptedCount,
            refusal: refusal)
    }
}

extension ConnectionInfo.Connection.Kind {
    fileprivate init(_ types: Set<ConnectionType>) {
        self =
            switch types {
            case [.dedicated]: .dedicated
            case [.userGrouped]: .userGrouped
            case [.shared], []: .shared
            default: .mixed
            }
    }
}

extension ConnectionInfo.Connection.State {
    fileprivate init(_ state: HyperliquidEngine.Connection.State?) {
        self =
            switch state {
            case .dialling: .dialling
            case .open: .open
            case .closing: .closing
            case nil: .waiting
            }
    }
}
