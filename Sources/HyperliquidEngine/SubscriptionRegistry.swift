package import HyperliquidWire

/// Who wants what: subscriptions, the upstream subscriptions they share, and which identity is which.
package struct SubscriptionRegistry: Hashable, Sendable {
    /// One subscriber's subscription.
    package struct Subscription: Hashable, Sendable {
        package let id: SubscriptionID
        package let upstream: UpstreamID
        /// How long the caller waits once the client runs.
        let timeout: Duration?
        /// Whether the caller waits when a limit is full.
        let waitsForLimits: Bool
        /// Whether the caller still has to be told.
        package var isAwaited: Bool
    }

    package private(set) var subscriptions: [SubscriptionID: Subscription] = [:]
    package private(set) var upstreams: [UpstreamID: UpstreamSubscription] = [:]
    private var identities: [FeedRequest: UpstreamID] = [:]
    /// The subscriptions of each upstream subscription that still wait to be told, oldest first.
    private var awaited: [UpstreamID: [SubscriptionID]] = [:]
    /// When callers give up waiting for the acknowledgement.
    private var timeout = Schedule<SubscriptionID>()
    /// How many live upstream subscriptions each user has.
    private var liveCounts: [String: Int] = [:]
    /// How many upstream subscriptions are live.
    package private(set) var liveCount = 0
    /// How many upstream subscriptions are suspected of killing their connection.
    package private(set) var suspectCount = 0
    /// How many upstream subscriptions have a place on a slot.
    package private(set) var placedCount = 0
    private var lastUpstream: UInt64 = 0

    package init() {}

    package subscript(_ id: UpstreamID) -> UpstreamSubscription? {
        get { upstreams[id] }
        set {
            guard let newValue else { preconditionFailure("a upstream subscription ends by `remove`") }
            let old = upstreams.updateValue(newValue, forKey: id)
            count(old.map(Standing.init) ?? Standing(), Standing(newValue), user: newValue.terms.user)
        }
    }

    /// Changes a upstream subscription where it is, if it is there: taken out and put back it would be copied five times.
    package mutating func update(_ id: UpstreamID, _ change: (inout UpstreamSubscription) -> Void) {
        let counted = upstreams.update(id) { upstream in
            let old = Standing(upstream)
            change(&upstream)
            return (old, Standing(upstream), upstream.terms.user)
        }
        if let (old, new, user) = counted { count(old, new, user: user) }
    }

    /// What is counted over all upstream subscriptions, of one.
    private struct Standing {
        var isPlaced = false
        var isSuspect = false
        var isLive = false

        init() {}

        init(_ upstream: borrowing UpstreamSubscription) {
            isPlaced = upstream.slot != nil
            isSuspect = upstream.isSuspect
            isLive = upstream.isLive
        }
    }

    private mutating func count(_ old: Standing, _ new: Standing, user: String?) {
        placedCount += (new.isPlaced ? 1 : 0) - (old.isPlaced ? 1 : 0)
        suspectCount += (new.isSuspect ? 1 : 0) - (old.isSuspect ? 1 : 0)
        guard old.isLive != new.isLive else { return }
        liveCount += new.isLive ? 1 : -1
        guard let user else { return }
        let count = (liveCounts[user] ?? 0) + (new.isLive ? 1 : -1)
        liveCounts[user] = count > 0 ? count : nil
    }

    package func upstream(of request: FeedRequest) -> UpstreamID? { identities[request] }

    /// Whether the venue counts this user already, as far as it has said so.
    package func hasLive(user: String) -> Bool { liveCounts[user] != nil }

    /// How many users have a live upstream subscription.
    package var liveUserCount: Int { liveCounts.count }

    /// Adds a subscription; the identity's upstream subscription is made when nobody wanted it yet.
    package mutating func subscribe(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, timeout: Duration?, waitsForLimits: Bool,
        deadline: Instant?, at now: Instant
    ) -> (upstream: UpstreamID, isNew: Bool) {
        precondition(subscriptions[id] == nil, "subscription ids are never reused")
        let known = identities[request]
        let own = [id]
        let upstream = known ?? makeUpstream(request, traits, for: own, at: now)
        subscriptions[id] = Subscription(
            id: id, upstream: upstream, timeout: timeout, waitsForLimits: waitsForLimits, isAwaited: true)
        if known == nil {
            awaited[upstream] = own
        } else {
            upstreams.update(upstream) { $0.subscriptions.append(id) }
            awaited[upstream, default: []].append(id)
        }
        if let deadline { self.timeout.set(id, at: deadline) }
        return (upstream, known == nil)
    }

    private mutating func makeUpstream(
        _ request: FeedRequest, _ traits: FeedTraits, for subscriptions: [SubscriptionID], at now: Instant
    ) -> UpstreamID {
        lastUpstream += 1
        let id = UpstreamID(lastUpstream)
        identities[request] = id
        var upstream = UpstreamSubscription(
            id: id, terms: FeedDescription(request, traits), state: .waiting(.start, since: now))
        upstream.subscriptions = subscriptions
        upstreams[id] = upstream
        return id
    }

    /// A second upstream subscription of an identity, which prepares another place for it.
    package mutating func makeReplacement(of upstream: UpstreamSubscription, at now: Instant) -> UpstreamID {
        lastUpstream += 1
        let id = UpstreamID(lastUpstream)
        var replacement = UpstreamSubscription(
            id: id, terms: upstream.terms, state: .waiting(.connection, since: now))
        replacement.replacementOf = upstream.id
        replacement.isProven = true
        upstreams[id] = replacement
        return id
    }

    /// Removes a subscription and names its upstream subscription.
    package mutating func release(_ id: SubscriptionID) -> UpstreamID? {
        guard let subscription = subscriptions.removeValue(forKey: id) else { return nil }
        upstreams[subscription.upstream]?.subscriptions.removeSorted(id)
        if subscription.isAwaited {
            awaited[subscription.upstream]?.removeSorted(id)
            timeout.cancel(id)
        }
        return subscription.upstream
    }

    /// Forgets a upstream subscription that nobody wants and the venue no longer has.
    package mutating func remove(_ id: UpstreamID) {
        guard let upstream = upstreams.removeValue(forKey: id) else { return }
        precondition(upstream.subscriptions.isEmpty, "a wanted upstream subscription stays")
        if upstream.replacementOf == nil { identities[upstream.request] = nil }
        awaited[id] = nil
        count(Standing(upstream), Standing(), user: upstream.terms.user)
    }

    /// The subscriptions of a upstream subscription that still wait to be told; they are told by this.
    package mutating func takeAwaited(_ upstream: UpstreamID) -> [SubscriptionID] {
        let told = awaited.removeValue(forKey: upstream) ?? []
        for id in told {
            subscriptions.update(id) { $0.isAwaited = false }
            timeout.cancel(id)
        }
        return told
    }

    /// The subscriptions of a upstream subscription that still wait to be told, and do not want to wait for a limit.
    package func subscriptionsThatDoNotWait(of upstream: UpstreamID) -> [SubscriptionID] {
        (awaited[upstream] ?? []).filter { subscriptions[$0]?.waitsForLimits == false }
    }

    /// Starts the clocks of the callers who have waited for the client to run, and of what they want.
    package mutating func startClocks(at now: Instant) {
        // Not while they are walked over, which would copy them all.
        for id in Array(upstreams.keys) {
            upstreams.update(id) { upstream in
                if case .waiting(let reason, _) = upstream.state { upstream.state = .waiting(reason, since: now) }
            }
        }
        let waiting = subscriptions.values.filter { $0.isAwaited && $0.timeout != nil }
        for subscription in waiting.sorted(by: { $0.id < $1.id }) {
            if let wait = subscription.timeout { timeout.set(subscription.id, at: now.advanced(by: wait)) }
        }
    }

    /// Takes a subscription whose caller has waited long enough.
    package mutating func takeExpired(at now: Instant) -> SubscriptionID? { timeout.popDue(at: now) }

    package var deadline: Instant? { timeout.next }
}

extension Array where Element: Comparable {
    /// Removes an element of a sorted array, if it is there.
    fileprivate mutating func removeSorted(_ element: Element) {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if self[middle] < element { low = middle + 1 } else { high = middle }
        }
        if low < count, self[low] == element { remove(at: low) }
    }
}
