internal import HyperliquidWire

/// Which limit a new subscription meets: one that never lets it in, or one that is full now.
extension Engine {
    /// The limit that leaves no room for an identity even where nothing else is: it would wait for ever.
    ///
    /// Limits are at least 1 but for the counts over all connections, of which a process may be given none. What only
    /// excludes another subscription is not meant: that one may leave.
    func closedLimit(for request: FeedRequest, _ traits: FeedTraits) -> WaitReason? {
        // The rate limiter may be lent by a client whose limits are others.
        if rateLimiter.limits.subscriptionCount == 0 { return .subscriptionLimit }
        if request.user != nil, rateLimiter.limits.userCount == 0 { return .userLimit }
        let bare = Placement(policy: configuration.policy, limits: configuration.limits)
        // No kind of slot takes fewer than a shared one.
        guard bare.capacity(of: .shared) == 0 || bare.userCapacity == 0 else { return nil }
        let item = PlacementItem(id: UpstreamID(0), request: request, traits: traits)
        let empty = PlacementLoad(slot: SlotID(0), kind: bare.kind(for: item), endpoint: traits.endpoint)
        switch bare.obstacle(to: item, on: empty) {
        case .fullOfSubscriptions: return .subscriptionLimit
        case .fullOfUsers: return .userLimit
        case .otherEndpoint, .otherKind, .ambiguous, nil: return nil
        }
    }

    /// The limit that keeps an identity from being asked for at once, or that it waits for already.
    func fullLimit(_ request: FeedRequest, _ traits: FeedTraits, at now: Instant) -> WaitReason? {
        if let known = registry.upstream(of: request) {
            return waitReason(of: known, at: now).flatMap { $0.isLimit ? $0 : nil }
        }
        if phase == .idle { return fullLimitAtStart(request, traits) }
        // The rate limiter may hold other engines' too.
        let wanted = max(registry.upstreams.count, rateLimiter.subscriptionCount)
        if wanted >= rateLimiter.subscriptionLimit(at: now) { return .subscriptionLimit }
        if let user = request.user, rateLimiter.nextUser(user, at: now) != now { return .userLimit }
        let item = PlacementItem(id: UpstreamID(0), request: request, traits: traits)
        switch placement.decide(item, on: slots.lazy.map(\.load), at: now) {
        case .newSlot where !rateLimiter.hasConnection && !slots.contains(where: \.load.isEmpty):
            return .connectionLimit
        case .slot, .newSlot, .afterMoves: return nil
        case .later: return .userLimit
        case .nowhere: return .connectionLimit
        }
    }

    /// The same while nothing has a place yet: what is registered will all be placed before it.
    private func fullLimitAtStart(_ request: FeedRequest, _ traits: FeedTraits) -> WaitReason? {
        let items = unplaced.compactMap { registry[$0] }.map { PlacementItem($0) }
        if items.count >= configuration.limits.subscriptionCount { return .subscriptionLimit }
        let item = PlacementItem(id: UpstreamID(0), request: request, traits: traits)
        let all = items + [item]
        if item.user != nil, Set(all.compactMap(\.user)).count > configuration.limits.userCount { return .userLimit }
        return placement.arrange(all).unplaced.contains(item) ? .connectionLimit : nil
    }

    /// Ends the subscriptions that do not wait, now that a limit keeps their upstream subscription from being asked for.
    mutating func failThoseThatDoNotWait(
        _ upstream: UpstreamID, _ reason: WaitReason, at now: Instant, into effects: inout [Effect]
    ) {
        for id in registry.subscriptionsThatDoNotWait(of: upstream) {
            effects.append(.fail(id, .limitReached(reason)))
            release(id, at: now, into: &effects)
        }
    }
}
