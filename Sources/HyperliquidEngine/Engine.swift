package import HyperliquidWire

/// Every decision of the client: what is wanted, where it goes, what is asked for when, what a loss means.
///
/// A value: it sees inputs, the given time and its own state, and answers with effects.
package struct Engine: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Claims are registered. Can move to `running`.
        case idle
        /// Can move to `draining`.
        case running
        /// Connections are being closed. Can move to `ended`.
        case draining
        /// Terminal.
        case ended
    }

    package let configuration: EngineConfiguration
    package internal(set) var registry = SubscriptionRegistry()
    /// Counts for the whole address: a shell that runs several engines lends the one rate limiter to each in turn.
    package var rateLimiter: RateLimiter
    package internal(set) var slots: [ConnectionSlot] = []
    package internal(set) var connections: [ConnectionID: Connection] = [:]
    /// Upstream subscriptions without a slot, oldest first.
    package internal(set) var unplaced: [UpstreamID] = []
    /// Suspects that wait to be tried alone, oldest first.
    package internal(set) var suspects: [UpstreamID] = []
    /// Identities that killed their connection, alone, and until when they are refused before they are sent.
    package internal(set) var quarantined: [FeedRequest: Instant] = [:]
    /// What is to change its slot, in this order, so that something else finds room.
    package internal(set) var moves: [Placement.Move] = []
    package internal(set) var placement: Placement
    package internal(set) var posts: Posts
    /// How many requests the rate limiter counts for this engine.
    var countedPosts = 0
    /// When a slot's last request was answered.
    var lastPosts: [SlotID: Instant] = [:]
    /// The replacement of each upstream subscription that moves.
    package internal(set) var replacements: [UpstreamID: UpstreamID] = [:]
    /// Each that moves without a gap though its feed repeats nothing.
    package internal(set) var handovers: [UpstreamID: HandoverState] = [:]
    /// After a move that failed none is tried before then.
    var movesHeldUntil = Instant.start
    var rotation: Rotation?
    /// When ticking feeds are looked at next.
    var staleness = Schedule<UpstreamID>()
    /// Pings may not be sent before then.
    var pingsHeldUntil = Instant.start
    var placementMemo = PlacementMemo()
    /// Whether the rate limiter counts this engine among those who wait for a connection.
    var waitsForConnection = false
    var phase = Phase.idle
    var lastSlot: UInt64 = 0
    var lastConnection: UInt64 = 0
    package init(configuration: EngineConfiguration) {
        self.configuration = configuration
        rateLimiter = RateLimiter(limits: configuration.limits)
        posts = Posts(window: configuration.limits.postsInFlight, memory: configuration.postMemory)
        placement = Placement(
            policy: configuration.policy, limits: configuration.limits,
            spareConnectionCount: configuration.spareConnectionCount)
    }

    /// Takes in a fact and does what may be done then.
    package mutating func handle(_ input: Input, at now: Instant, into effects: inout [Effect]) {
        if take(input, at: now, into: &effects) { advance(at: now, into: &effects) }
    }

    /// Takes in a fact, and says whether `advance` is to follow. A shell may take in all that one read of a socket
    /// brings and advance once: what is to be placed, sent and dialled then is looked for once, not for each of them.
    package mutating func take(_ input: Input, at now: Instant, into effects: inout [Effect]) -> Bool {
        switch input {
        case .started:
            guard phase == .idle else { break }
            phase = .running
            registry.startClocks(at: now)
            posts.startClocks(at: now)
        case .subscribed(let id, let request, let traits, let timeout, let waitsForLimits):
            subscribe(id, request, traits, timeout: timeout, waitsForLimits: waitsForLimits, at: now, into: &effects)
        case .unsubscribed(let id): release(id, at: now, into: &effects)
        case .connectionOpened(let id): connectionOpened(id, at: now)
        case .connectionClosed(let id, let reason, let draw):
            connectionClosed(id, reason, draw: draw, at: now, into: &effects)
        case .acknowledged(let id, let kind, let echo): acknowledged(id, kind, echo, at: now, into: &effects)
        case .errorArrived(let id, let error): errorArrived(id, error, at: now, into: &effects)
        case .dataArrived(let id, let upstream): return dataArrived(id, upstream, at: now, into: &effects)
        case .posted(let id, let kind, let timeout): post(id, kind, timeout: timeout, at: now, into: &effects)
        case .postAnswered(let connection, let id): postAnswered(connection, id, at: now, into: &effects)
        case .postCancelled(let id): cancelPost(id, at: now, into: &effects)
        case .baseLost(let connection, let upstream):
            renew(upstream, on: connection, .baseLost, at: now, into: &effects)
        // Only a date moves, once a second of each connection and of each feed that ticks: what else is due has its own time.
        case .frameArrived(let id):
            beat(id, .frameArrived, at: now, into: &effects)
            return false
        case .upstreamTicked(let connection, let upstream):
            upstreamTicked(connection, upstream, at: now)
            return false
        case .woke: break
        case .drained: drain(at: now, into: &effects)
        }
        return true
    }

    /// When the engine must be woken with nothing else to tell.
    package var deadline: Instant? {
        guard phase == .running else { return nil }
        var deadline = nextWork
        for connection in connections.values {
            deadline.consider(connection.heartbeatDeadline.map { max($0, pingsHeldUntil) })
            // A closing connection's answers are awaited no more.
            if connection.isOpen { deadline.consider(connection.answers.deadline) }
        }
        deadline.consider(registry.deadline)
        deadline.consider(posts.deadline)
        deadline.consider(staleness.next)
        return deadline.instant
    }

    /// When `advance` could do more than it did, as it found out.
    var nextWork = Earliest()

    /// What a subscription is for.
    package func upstream(of subscription: SubscriptionID) -> UpstreamID? {
        registry.subscriptions[subscription]?.upstream
    }

    func slotIndex(_ id: SlotID) -> Int? { slots.firstIndex { $0.id == id } }

    package func slot(_ id: SlotID) -> ConnectionSlot? { slotIndex(id).map { slots[$0] } }
}
