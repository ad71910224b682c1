internal import HyperliquidWire

/// Which limit a new claim meets: one that never lets it in, or one that is full now.
extension Engine {
    /// The limit that leaves no room for an identity even where nothing else is: it would wait for ever.
    ///
    /// Limits are at least 1 but for the counts over all connections, of which a process may be given none. What only
    /// excludes another claim is not meant: that one may leave.
    func closedLimit(for request: FeedRequest, _ traits: FeedTraits) -> WaitReason? {
        // The allowance may be lent by a client whose limits are others.
        if allowance.limits.subscriptionCount == 0 { return .subscriptionLimit }
        if request.user != nil, allowance.limits.userCount == 0 { return .userLimit }
        let bare = Placement(policy: configuration.policy, limits: configuration.limits)
        // No kind of lane takes fewer than a shared one.
        guard bare.capacity(of: .shared) == 0 || bare.userCapacity == 0 else { return nil }
        let item = PlacementItem(id: WireID(0), request: request, traits: traits)
        let empty = PlacementLoad(lane: LaneID(0), kind: bare.kind(for: item), endpoint: traits.endpoint)
        switch bare.obstacle(to: item, on: empty) {
        case .fullOfSubscriptions: return .subscriptionLimit
        case .fullOfUsers: return .userLimit
        case .otherEndpoint, .otherKind, .confusable, nil: return nil
        }
    }

    /// The limit that keeps an identity from being asked for at once, or that it waits for already.
    func fullLimit(_ request: FeedRequest, _ traits: FeedTraits, at now: Instant) -> WaitReason? {
        if let known = ledger.wire(of: request) {
            return waitReason(of: known, at: now).flatMap { $0.isLimit ? $0 : nil }
        }
        if phase == .idle { return fullLimitAtStart(request, traits) }
        // The allowance may hold other engines' too.
        let wanted = max(ledger.wires.count, allowance.subscriptionCount)
        if wanted >= allowance.subscriptionLimit(at: now) { return .subscriptionLimit }
        if let user = request.user, allowance.nextUser(user, at: now) != now { return .userLimit }
        let item = PlacementItem(id: WireID(0), request: request, traits: traits)
        switch placement.decide(item, on: lanes.lazy.map(\.load), at: now) {
        case .newLane where !allowance.hasConnection && !lanes.contains(where: \.load.isEmpty): return .connectionLimit
        case .lane, .newLane, .afterMoves: return nil
        case .later: return .userLimit
        case .nowhere: return .connectionLimit
        }
    }

    /// The same while nothing has a place yet: what is registered will all be placed before it.
    private func fullLimitAtStart(_ request: FeedRequest, _ traits: FeedTraits) -> WaitReason? {
        let items = unplaced.compactMap { ledger[$0] }.map { PlacementItem($0) }
        if items.count >= configuration.limits.subscriptionCount { return .subscriptionLimit }
        let item = PlacementItem(id: WireID(0), request: request, traits: traits)
        let all = items + [item]
        if item.user != nil, Set(all.compactMap(\.user)).count > configuration.limits.userCount { return .userLimit }
        return placement.arrange(all).unplaced.contains(item) ? .connectionLimit : nil
    }

    /// Ends the claims that do not wait, now that a limit keeps their wire subscription from being asked for.
    mutating func failImpatient(_ wire: WireID, _ reason: WaitReason, at now: Instant, into effects: inout [Effect]) {
        for id in ledger.impatientClaims(of: wire) {
            effects.append(.fail(id, .limitReached(reason)))
            release(id, at: now, into: &effects)
        }
    }
}
