package import HyperliquidWire

/// Who wants what: claims, the wire subscriptions they share, and which identity is which.
package struct Ledger: Hashable, Sendable {
    /// One subscriber's claim.
    package struct Claim: Hashable, Sendable {
        package let id: SubscriptionID
        package let wire: WireID
        /// How long the caller waits once the client runs.
        let patience: Duration?
        /// Whether the caller waits when a limit is full.
        let waitsForLimits: Bool
        /// Whether the caller still has to be told.
        package var isAwaited: Bool
    }

    package private(set) var claims: [SubscriptionID: Claim] = [:]
    package private(set) var wires: [WireID: WireSubscription] = [:]
    private var identities: [FeedRequest: WireID] = [:]
    /// The claims of each wire subscription that still wait to be told, oldest first.
    private var awaited: [WireID: [SubscriptionID]] = [:]
    /// When callers give up waiting for the acknowledgement.
    private var patience = Schedule<SubscriptionID>()
    /// How many live wire subscriptions each user has.
    private var liveCounts: [String: Int] = [:]
    /// How many wire subscriptions are live.
    package private(set) var liveCount = 0
    /// How many wire subscriptions are suspected of killing their link.
    package private(set) var suspectCount = 0
    /// How many wire subscriptions have a place on a lane.
    package private(set) var placedCount = 0
    private var lastWire: UInt64 = 0

    package init() {}

    package subscript(_ id: WireID) -> WireSubscription? {
        get { wires[id] }
        set {
            guard let newValue else { preconditionFailure("a wire subscription ends by `remove`") }
            let old = wires.updateValue(newValue, forKey: id)
            count(old.map(Standing.init) ?? Standing(), Standing(newValue), user: newValue.terms.user)
        }
    }

    /// Changes a wire subscription where it is, if it is there: taken out and put back it would be copied five times.
    package mutating func update(_ id: WireID, _ change: (inout WireSubscription) -> Void) {
        let counted = wires.update(id) { wire in
            let old = Standing(wire)
            change(&wire)
            return (old, Standing(wire), wire.terms.user)
        }
        if let (old, new, user) = counted { count(old, new, user: user) }
    }

    /// What is counted over all wire subscriptions, of one.
    private struct Standing {
        var isPlaced = false
        var isSuspect = false
        var isLive = false

        init() {}

        init(_ wire: borrowing WireSubscription) {
            isPlaced = wire.lane != nil
            isSuspect = wire.isSuspect
            isLive = wire.isLive
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

    package func wire(of request: FeedRequest) -> WireID? { identities[request] }

    /// Whether the venue counts this user already, as far as it has said so.
    package func hasLive(user: String) -> Bool { liveCounts[user] != nil }

    /// How many users have a live wire subscription.
    package var liveUserCount: Int { liveCounts.count }

    /// Adds a claim; the identity's wire subscription is made when nobody wanted it yet.
    package mutating func claim(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, patience: Duration?, waitsForLimits: Bool,
        deadline: Instant?, at now: Instant
    ) -> (wire: WireID, isNew: Bool) {
        precondition(claims[id] == nil, "subscription ids are never reused")
        let known = identities[request]
        let own = [id]
        let wire = known ?? makeWire(request, traits, for: own, at: now)
        claims[id] = Claim(
            id: id, wire: wire, patience: patience, waitsForLimits: waitsForLimits, isAwaited: true)
        if known == nil {
            awaited[wire] = own
        } else {
            wires.update(wire) { $0.claims.append(id) }
            awaited[wire, default: []].append(id)
        }
        if let deadline { self.patience.set(id, at: deadline) }
        return (wire, known == nil)
    }

    private mutating func makeWire(
        _ request: FeedRequest, _ traits: FeedTraits, for claims: [SubscriptionID], at now: Instant
    ) -> WireID {
        lastWire += 1
        let id = WireID(lastWire)
        identities[request] = id
        var wire = WireSubscription(
            id: id, terms: WireTerms(request, traits), state: .waiting(.start, since: now))
        wire.claims = claims
        wires[id] = wire
        return id
    }

    /// A second wire subscription of an identity, which prepares another place for it.
    package mutating func makeShadow(of wire: WireSubscription, at now: Instant) -> WireID {
        lastWire += 1
        let id = WireID(lastWire)
        var shadow = WireSubscription(
            id: id, terms: wire.terms, state: .waiting(.connection, since: now))
        shadow.shadowOf = wire.id
        shadow.isProven = true
        wires[id] = shadow
        return id
    }

    /// Removes a claim and names its wire subscription.
    package mutating func release(_ id: SubscriptionID) -> WireID? {
        guard let claim = claims.removeValue(forKey: id) else { return nil }
        wires[claim.wire]?.claims.removeSorted(id)
        if claim.isAwaited {
            awaited[claim.wire]?.removeSorted(id)
            patience.cancel(id)
        }
        return claim.wire
    }

    /// Forgets a wire subscription that nobody wants and the venue no longer has.
    package mutating func remove(_ id: WireID) {
        guard let wire = wires.removeValue(forKey: id) else { return }
        precondition(wire.claims.isEmpty, "a wanted wire subscription stays")
        if wire.shadowOf == nil { identities[wire.request] = nil }
        awaited[id] = nil
        count(Standing(wire), Standing(), user: wire.terms.user)
    }

    /// The claims of a wire that still wait to be told; they are told by this.
    package mutating func takeAwaited(_ wire: WireID) -> [SubscriptionID] {
        let told = awaited.removeValue(forKey: wire) ?? []
        for id in told {
            claims.update(id) { $0.isAwaited = false }
            patience.cancel(id)
        }
        return told
    }

    /// The claims of a wire that still wait to be told, and do not want to wait for a limit.
    package func impatientClaims(of wire: WireID) -> [SubscriptionID] {
        (awaited[wire] ?? []).filter { claims[$0]?.waitsForLimits == false }
    }

    /// Starts the clocks of the callers who have waited for the client to run, and of what they want.
    package mutating func startClocks(at now: Instant) {
        // Not while they are walked over, which would copy them all.
        for id in Array(wires.keys) {
            wires.update(id) { wire in
                if case .waiting(let reason, _) = wire.state { wire.state = .waiting(reason, since: now) }
            }
        }
        let waiting = claims.values.filter { $0.isAwaited && $0.patience != nil }
        for claim in waiting.sorted(by: { $0.id < $1.id }) {
            if let wait = claim.patience { patience.set(claim.id, at: now.advanced(by: wait)) }
        }
    }

    /// Takes a claim whose caller has waited long enough.
    package mutating func takeExpired(at now: Instant) -> SubscriptionID? { patience.popDue(at: now) }

    package var deadline: Instant? { patience.next }
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
