internal import HyperliquidWire

extension Plan.Unplaced {
    fileprivate init(_ request: FeedRequest, _ refusal: Placement.Refusal) {
        self.init(request: request, limit: "connections", why: refusal.why, help: refusal.help)
    }
}

/// Builds the parts of a plan from an engine in which everything that can be live is live.
struct PlanReport {
    private let engine: Engine
    private let turn: Turn
    private let loads: [PlacementLoad]

    init(_ engine: Engine, _ turn: Turn) {
        self.engine = engine
        self.turn = turn
        loads = engine.loadsWithoutReplacements.filter { !$0.isEmpty }
    }

    var slots: [Plan.ConnectionSlot] {
        loads.map { load in
            let reasons = engine.placements.placement.reasons(for: load, among: loads)
            let feeds = load.itemsInOrder.map { Plan.Feed(request: $0.request, why: reasons.members[$0.id]) }
            return Plan.ConnectionSlot(
                id: load.slot, endpoint: load.endpoint, kind: Self.kind(of: load), feeds: feeds, why: reasons.slot)
        }
    }

    private static func kind(of load: PlacementLoad) -> String {
        let types = Set(load.items.values.map(\.connectionType))
        guard types.count == 1, let only = types.first else { return "mixed" }
        return only.rawValue
    }

    /// The feeds without a slot: those that wait for one, then those that can never have one.
    func unplaced(neverFitting: [(request: FeedRequest, reason: WaitReason)]) -> [Plan.Unplaced] {
        engine.placements.waiting.compactMap { engine.registry[$0] }.map(refusal) + neverFitting.map(refusal)
    }

    private func refusal(of upstream: UpstreamSubscription) -> Plan.Unplaced {
        switch engine.waitReason(of: upstream.id, turn.limiter) {
        case .subscriptionLimit:
            Plan.Unplaced(
                request: upstream.request, limit: "subscriptions",
                why: "the limit of \(turn.limiter.subscriptionLimit(at: turn.now)) is used up",
                help: "raise the limit subscriptions, or leave out other feeds")
        case .userLimit:
            Plan.Unplaced(
                request: upstream.request, limit: "users",
                why: "the limit of \(turn.limiter.userLimit(at: turn.now)) is used up",
                help: "raise the limit users, or leave out all feeds of another user")
        case .start, .connection, .connectionLimit, .messageLimit, .acknowledgement, .unsubscription, .trial, nil:
            Plan.Unplaced(
                upstream.request, engine.placements.placement.refusal(of: PlacementItem(upstream), among: loads))
        }
    }

    /// Explains a feed that a limit of 0 excludes for ever.
    private func refusal(of request: FeedRequest, for reason: WaitReason) -> Plan.Unplaced {
        let limit = reason == .userLimit ? "users" : "subscriptions"
        return Plan.Unplaced(
            request: request, limit: limit, why: "the limit is 0, so the feed can never be asked for",
            help: "raise the limit \(limit)")
    }

    func limits(peaks: PlanPeaks) -> [Plan.Limit] {
        let limits = engine.configuration.limits
        let limiter = turn.limiter
        let placement = engine.placements.placement
        return [
            Plan.Limit(name: "connections", used: loads.count, limit: limits.connections),
            Plan.Limit(name: "dialsPerMinute", used: peaks.dials.count, limit: limits.dialsPerMinute),
            Plan.Limit(
                name: "subscriptions", used: limiter.subscriptionCount,
                limit: limiter.subscriptionLimit(at: turn.now)),
            Plan.Limit(
                name: "subscriptionsPerConnection", used: loads.map(\.count).max() ?? 0,
                limit: placement.subscriptionCapacity),
            Plan.Limit(
                name: "users", used: limiter.usedUserCount(at: turn.now), limit: limiter.userLimit(at: turn.now)),
            Plan.Limit(
                name: "usersPerConnection", used: loads.map(\.users.count).max() ?? 0, limit: placement.userCapacity),
            Plan.Limit(
                name: "messagesPerMinute", used: peaks.messagesInMinute.count, limit: limits.messagesPerMinute),
            Plan.Limit(
                name: "messagesPerSecond", used: peaks.messagesInSecond.count, limit: limits.messagesPerSecond),
            Plan.Limit(name: "requestWeightPerMinute", used: 0, limit: limits.requestWeightPerMinute),
            Plan.Limit(name: "postsInFlight", used: 0, limit: limits.postsInFlight),
        ]
    }

    func moves(since slots: [UpstreamID: SlotID], reasons: [UpstreamID: Placement.Move.Reason]) -> [Plan.Move] {
        slots.keys.sorted().compactMap { id in
            guard let from = slots[id], let upstream = engine.registry[id] else { return nil }
            guard let to = engine.pool.slot(of: id), to != from else { return nil }
            return Plan.Move(request: upstream.request, from: from, to: to, why: Self.sentence(reasons[id]))
        }
    }

    private static func sentence(_ reason: Placement.Move.Reason?) -> String {
        switch reason {
        case .relocates(let request): "makes space for \(request.words)"
        case .freesConnection(let request): "frees its connection for \(request.words)"
        case .yieldsConnection: "leaves its connection to another client of the IP address"
        case nil: "the old connection no longer takes the feed"
        }
    }
}
