package import HyperliquidWire

/// Who wants what: claims, the wire subscriptions they share, and which identity is which.
package struct Ledger: Hashable, Sendable {
    /// One subscriber's claim.
    package struct Claim: Hashable, Sendable {
        package let id: SubscriptionID
        package let wire: WireID
        /// When the caller gives up waiting for the acknowledgement; nothing once answered or if it does not wait.
        package var deadline: Instant?
        /// How long the caller waits once the client runs.
        let patience: Duration?
        /// Whether the caller still has to be told.
        package var isAwaited: Bool
    }

    package private(set) var claims: [SubscriptionID: Claim] = [:]
    package private(set) var wires: [WireID: WireSubscription] = [:]
    private var identities: [FeedRequest: WireID] = [:]
    private var lastWire: UInt64 = 0

    package init() {}

    package subscript(_ id: WireID) -> WireSubscription? {
        get { wires[id] }
        set {
            precondition(newValue != nil, "a wire subscription ends by `remove`")
            wires[id] = newValue
        }
    }

    package func wire(of request: FeedRequest) -> WireID? { identities[request] }

    /// Adds a claim; the identity's wire subscription is made when nobody wanted it yet.
    package mutating func claim(
        _ id: SubscriptionID, _ request: FeedRequest, _ traits: FeedTraits, patience: Duration?, deadline: Instant?,
        at now: Instant
    ) -> (wire: WireID, isNew: Bool) {
        precondition(claims[id] == nil, "subscription ids are never reused")
        let known = identities[request]
        let wire = known ?? makeWire(request, traits, at: now)
        claims[id] = Claim(id: id, wire: wire, deadline: deadline, patience: patience, isAwaited: true)
        wires[wire]?.claims.append(id)
        return (wire, known == nil)
    }

    private mutating func makeWire(_ request: FeedRequest, _ traits: FeedTraits, at now: Instant) -> WireID {
        lastWire += 1
        let id = WireID(lastWire)
        identities[request] = id
        wires[id] = WireSubscription(
            id: id, request: request, traits: traits, conflict: ConflictKey(traits),
            state: .waiting(.start, since: now))
        return id
    }

    /// Removes a claim and names its wire subscription.
    package mutating func release(_ id: SubscriptionID) -> WireID? {
        guard let claim = claims.removeValue(forKey: id) else { return nil }
        wires[claim.wire]?.claims.removeAll { $0 == id }
        return claim.wire
    }

    /// Forgets a wire subscription that nobody wants and the venue no longer has.
    package mutating func remove(_ id: WireID) {
        guard let wire = wires.removeValue(forKey: id) else { return }
        precondition(wire.claims.isEmpty, "a wanted wire subscription stays")
        identities[wire.request] = nil
    }

    /// The claims of a wire that still wait to be told; they are told by this.
    package mutating func takeAwaited(_ wire: WireID) -> [SubscriptionID] {
        let awaited = (wires[wire]?.claims ?? []).filter { claims[$0]?.isAwaited == true }
        for id in awaited {
            claims[id]?.isAwaited = false
            claims[id]?.deadline = nil
        }
        return awaited
    }

    /// Starts the clocks of the callers who have waited for the client to run.
    package mutating func startClocks(at now: Instant) {
        for (id, claim) in claims where claim.isAwaited {
            claims[id]?.deadline = claim.patience.map { now.advanced(by: $0) }
        }
    }

    /// The claims whose callers have waited long enough, in order.
    package func expired(at now: Instant) -> [SubscriptionID] {
        claims.values.filter { ($0.deadline ?? .init(nanoseconds: .max)) <= now }.map(\.id).sorted()
    }

    package var deadline: Instant? { claims.values.compactMap(\.deadline).min() }
}
