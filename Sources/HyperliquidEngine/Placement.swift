package import HyperliquidWire

/// Which lane a wire subscription goes to: a pure function of the lanes, the limits and the policy.
package struct Placement: Hashable, Sendable {
    package let policy: PlacementPolicy
    package let limits: VenueLimits

    package init(policy: PlacementPolicy, limits: VenueLimits) {
        self.policy = policy
        self.limits = limits
    }

    package enum Decision: Hashable, Sendable {
        case lane(LaneID)
        case newLane(Lane.Kind)
    }

    /// Why a lane does not take a wire subscription.
    package enum Obstacle: Hashable, Sendable {
        case otherEndpoint
        case confusable
        case fullOfSubscriptions
        case fullOfUsers
        case otherKind
    }

    /// The lane for `wire`: the first policy's fewest lanes, or the second's literal types. A lane is never refused
    /// for load; among those that would do, the user's own one is taken, then the least loaded, then the oldest.
    package func place(_ wire: WireSubscription, on lanes: some Sequence<Lane>, at now: Instant) -> Decision {
        var best: Lane?
        for lane in lanes where obstacle(to: wire, on: lane, at: now) == nil {
            if best.map({ isBetter(lane, than: $0, for: wire) }) ?? true { best = lane }
        }
        return best.map { .lane($0.id) } ?? .newLane(kind(for: wire))
    }

    private func isBetter(_ lane: Lane, than other: Lane, for wire: WireSubscription) -> Bool {
        if let user = wire.request.user, lane.carries(user: user) != other.carries(user: user) {
            return lane.carries(user: user)
        }
        return lane.memberCount < other.memberCount
    }

    package func kind(for wire: WireSubscription) -> Lane.Kind {
        switch policy {
        case .packed: .packed
        case .isolated:
            switch wire.traits.connectionType {
            case .shared: .shared
            case .dedicated: .dedicated
            case .userGrouped: .user(wire.request.user ?? "")
            }
        }
    }

    /// What keeps `wire` off `lane`; nothing when it may go there.
    package func obstacle(to wire: WireSubscription, on lane: Lane, at now: Instant) -> Obstacle? {
        if lane.endpoint != wire.traits.endpoint { return .otherEndpoint }
        if lane.kind != kind(for: wire) { return .otherKind }
        if lane.kind == .dedicated, lane.memberCount > 0 { return .otherKind }
        if lane.confuses(wire.conflict) { return .confusable }
        if lane.memberCount >= capacity(of: lane) { return .fullOfSubscriptions }
        if let user = wire.request.user, lane.userCount(adding: user, at: now) > limits.usersPerConnection {
            return .fullOfUsers
        }
        return nil
    }

    private func capacity(of lane: Lane) -> Int {
        if case .isolated(let sharedLimit) = policy, lane.kind == .shared {
            return min(sharedLimit, limits.subscriptionsPerConnection)
        }
        return limits.subscriptionsPerConnection
    }
}
