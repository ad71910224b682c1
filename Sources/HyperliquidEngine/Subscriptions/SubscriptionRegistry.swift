package import HyperliquidWire

/// The subscriptions, the upstream subscriptions that they share, and the identities of these.
package struct SubscriptionRegistry: Hashable, Sendable {
    /// One subscriber's interest in an upstream subscription.
    package struct Subscription: Hashable, Sendable {
        package let id: SubscriptionID
        package let upstream: UpstreamID
        /// Whether the caller waits when a limit is used up.
        let waitsForLimits: Bool
    }

    package private(set) var subscriptions: [SubscriptionID: Subscription] = [:]
    package private(set) var upstreams: [UpstreamID: UpstreamSubscription] = [:]
    private var identities: [FeedRequest: UpstreamID] = [:]
    /// The subscriptions of each upstream subscription that are not confirmed yet, oldest first.
    private var unconfirmed: [UpstreamID: [SubscriptionID]] = [:]
    /// The times at which callers stop waiting for the acknowledgement.
    private var deadlines = DeadlineQueue<SubscriptionID>()
    /// How many live upstream subscriptions each user has.
    private var liveCounts: [String: Int] = [:]
    /// How many upstream subscriptions are live.
    package private(set) var liveCount = 0
    private var lastUpstream: UInt64 = 0

    package init() {}

    package subscript(_ id: UpstreamID) -> UpstreamSubscription? { upstreams[id] }

    package func upstream(of request: FeedRequest) -> UpstreamID? { identities[request] }

    /// Whether the venue has accepted a subscription of this user, and so counts the user.
    package func hasLive(user: String) -> Bool { liveCounts[user] != nil }

    /// Whether a request is the first one of its user that the venue accepts; `false` for market data.
    package func isNewUser(_ request: FeedRequest) -> Bool { request.user.map { !hasLive(user: $0) } ?? false }

    /// How many users have a live upstream subscription.
    package var liveUserCount: Int { liveCounts.count }

    // MARK: Subscriptions

    /// Adds a subscription, and its identity's upstream subscription if there is none yet.
    package mutating func subscribe(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, waitsForLimits: Bool, deadline: Instant?,
        at now: Instant
    ) -> (upstream: UpstreamID, isNew: Bool) {
        precondition(subscriptions[id] == nil, "subscription ids are never reused")
        let known = identities[request]
        let own = [id]
        let upstream = known ?? makeUpstream(request, traits, for: own, at: now)
        subscriptions[id] = Subscription(id: id, upstream: upstream, waitsForLimits: waitsForLimits)
        if known == nil {
            unconfirmed[upstream] = own
        } else {
            upstreams.update(upstream) { $0.add(id) }
            unconfirmed[upstream, default: []].append(id)
        }
        if let deadline { deadlines.set(id, at: deadline) }
        return (upstream, known == nil)
    }

    private mutating func makeUpstream(
        _ request: FeedRequest, _ traits: FeedTraits, for subscriptions: [SubscriptionID], at now: Instant
    ) -> UpstreamID {
        lastUpstream += 1
        let id = UpstreamID(lastUpstream)
        identities[request] = id
        upstreams[id] = UpstreamSubscription(
            id: id, feed: FeedDescription(request, traits), subscriptions: subscriptions,
            state: .waiting(.start, since: now))
        return id
    }

    /// Removes a subscription and returns its upstream subscription; `nil` if there is none of that id.
    package mutating func unsubscribe(_ id: SubscriptionID) -> UpstreamID? {
        guard let upstream = subscriptions.removeValue(forKey: id)?.upstream else { return nil }
        upstreams[upstream]?.remove(id)
        unconfirmed[upstream]?.removeSorted(id)
        deadlines.cancel(id)
        return upstream
    }

    /// Removes and returns the unconfirmed subscriptions of an upstream subscription, oldest first.
    package mutating func takeUnconfirmed(_ upstream: UpstreamID) -> [SubscriptionID] {
        let ids = unconfirmed.removeValue(forKey: upstream) ?? []
        for id in ids { deadlines.cancel(id) }
        return ids
    }

    /// The unconfirmed subscriptions of an upstream subscription whose callers do not wait when a limit is used up.
    package func impatientSubscriptions(of upstream: UpstreamID) -> [SubscriptionID] {
        (unconfirmed[upstream] ?? []).filter { subscriptions[$0]?.waitsForLimits == false }
    }

    /// Starts the waits of upstream subscriptions anew, because the client starts now.
    package mutating func startWaits(at now: Instant) {
        // The keys are copied first: a change inside an iteration over the dictionary would copy all of it.
        for id in Array(upstreams.keys) {
            upstreams.update(id) { upstream in
                if case .waiting(let reason, _) = upstream.state { upstream.wait(for: reason, since: now) }
            }
        }
    }

    /// Returns a subscription whose timeout has passed; `nil` if there is none.
    package mutating func takeExpired(at now: Instant) -> SubscriptionID? { deadlines.popDue(at: now) }

    /// The time at which the next caller stops waiting; `nil` if none waits.
    package var deadline: Instant? { deadlines.next }

    // MARK: Upstream subscriptions

    /// Makes a second upstream subscription of an identity, which replaces the first one once it is live.
    package mutating func makeReplacement(of original: UpstreamSubscription, at now: Instant) -> UpstreamID {
        lastUpstream += 1
        let id = UpstreamID(lastUpstream)
        upstreams[id] = UpstreamSubscription(
            id: id, feed: original.feed, isProven: true, state: .waiting(.connection, since: now))
        return id
    }

    /// Removes an upstream subscription that has no subscribers and that the venue does not hold.
    package mutating func remove(_ id: UpstreamID) {
        guard let upstream = upstreams.removeValue(forKey: id) else { return }
        precondition(upstream.subscriptions.isEmpty, "an upstream subscription with subscribers must not be removed")
        if identities[upstream.request] == id { identities[upstream.request] = nil }
        unconfirmed[id] = nil
        if upstream.isLive { countLive(-1, user: upstream.feed.user) }
    }

    /// Notes that an upstream subscription goes on waiting, for another reason.
    package mutating func wait(_ id: UpstreamID, for reason: WaitReason) { change(id) { $0.wait(for: reason) } }

    /// Notes that an upstream subscription waits from now on.
    package mutating func wait(_ id: UpstreamID, for reason: WaitReason, since now: Instant) {
        change(id) { $0.wait(for: reason, since: now) }
    }

    /// Notes that the subscribe of an upstream subscription was sent: its next generation begins.
    package mutating func wasAsked(_ id: UpstreamID, on connection: ConnectionID, at now: Instant) {
        change(id) { $0.wasAsked(on: connection, at: now) }
    }

    /// Notes that the venue has accepted an upstream subscription.
    package mutating func wasAccepted(_ id: UpstreamID) { change(id) { $0.wasAccepted() } }

    /// Notes that an upstream subscription is live.
    package mutating func becameLive(_ id: UpstreamID, on connection: ConnectionID, at now: Instant) {
        change(id) { $0.becameLive(on: connection, at: now) }
    }

    /// Notes that an upstream subscription is being ended.
    package mutating func isLeaving(_ id: UpstreamID, _ connection: ConnectionID, at now: Instant) {
        change(id) { $0.isLeaving(connection, at: now) }
    }

    /// Notes that an upstream subscription has lost its connection: if it was live, a gap is due.
    ///
    /// - Parameter hasGap: Whether its messages were delivered; otherwise there is nothing to miss.
    package mutating func wasLost(_ id: UpstreamID, hasGap: Bool = true, at now: Instant) {
        change(id) { upstream in
            if upstream.isLive, hasGap { upstream.announceLater(.reconnected) }
            upstream.wait(for: .connection, since: now)
        }
    }

    /// Notes that a limit of the venue refused an upstream subscription, and until when it is not tried again.
    package mutating func pause(_ id: UpstreamID, for reason: WaitReason, until time: Instant) {
        change(id) { $0.pause(for: reason, until: time) }
    }

    /// Notes that the venue refused an upstream subscription and so never counted it.
    package mutating func wasNeverCounted(_ id: UpstreamID) { change(id) { $0.wasNeverCounted() } }

    /// Notes a gap to announce before the next event of an upstream subscription.
    package mutating func announceLater(_ gap: Gap.Reason, of id: UpstreamID) { change(id) { $0.announceLater(gap) } }

    /// Removes and returns the gap that is due; `nil` if there is none.
    package mutating func takeGap(of id: UpstreamID) -> Gap.Reason? { change(id) { $0.takeGap() } ?? nil }

    /// Gives an upstream subscription the connection of its live replacement.
    package mutating func takePlace(_ id: UpstreamID, of replacement: UpstreamID) {
        guard let new = upstreams[replacement] else { return }
        change(id) { $0.takePlace(of: new) }
    }

    /// Changes an upstream subscription in place, and updates the counts of live ones.
    @discardableResult
    private mutating func change<Result>(
        _ id: UpstreamID, _ change: (inout UpstreamSubscription) -> Result
    ) -> Result? {
        let changed = upstreams.update(id) { upstream in
            let wasLive = upstream.isLive
            let result = change(&upstream)
            let step = (upstream.isLive ? 1 : 0) - (wasLive ? 1 : 0)
            return (result, step, step == 0 ? nil : upstream.feed.user)
        }
        guard let (result, step, user) = changed else { return nil }
        if step != 0 { countLive(step, user: user) }
        return result
    }

    private mutating func countLive(_ step: Int, user: String?) {
        liveCount += step
        guard let user else { return }
        let count = (liveCounts[user] ?? 0) + step
        liveCounts[user] = count > 0 ? count : nil
    }

    // MARK: Invariants

    /// The inconsistencies between the registry's tables; empty unless there is a bug. For seeded tests.
    package func checkInvariants() -> [String] {
        var problems: [String] = []
        for subscription in subscriptions.values
        where upstreams[subscription.upstream]?.subscriptions.contains(subscription.id) != true {
            problems.append("subscription \(subscription.id) is not listed by its upstream subscription")
        }
        for upstream in upstreams.values {
            if upstream.subscriptions.contains(where: { subscriptions[$0]?.upstream != upstream.id }) {
                problems.append("\(upstream.id) lists a subscription that does not exist")
            }
        }
        for (request, id) in identities where upstreams[id]?.request != request {
            problems.append("\(request) is found at \(id), which does not exist")
        }
        if upstreams.values.count(where: \.isLive) != liveCount { problems.append("\(liveCount) are counted as live") }
        return problems
    }
}
