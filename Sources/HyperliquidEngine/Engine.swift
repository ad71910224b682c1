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
        /// Links are being closed. Can move to `ended`.
        case draining
        /// Terminal.
        case ended
    }

    package let configuration: EngineConfiguration
    package internal(set) var ledger = Ledger()
    /// Counts for the whole address: a shell that runs several engines lends the one allowance to each in turn.
    package var allowance: Allowance
    package internal(set) var lanes: [Lane] = []
    package internal(set) var links: [LinkID: Link] = [:]
    /// Wire subscriptions without a lane, oldest first.
    package internal(set) var unplaced: [WireID] = []
    /// Suspects that wait to be tried alone, oldest first.
    package internal(set) var suspects: [WireID] = []
    /// Identities that killed their connection, alone, and until when they are refused before they are sent.
    package internal(set) var quarantined: [FeedRequest: Instant] = [:]
    /// What is to change its lane, in this order, so that something else finds room.
    package internal(set) var moves: [Placement.Move] = []
    package internal(set) var placement: Placement
    package internal(set) var posts: Posts
    /// How many requests the allowance counts for this engine.
    var countedPosts = 0
    /// When a lane's last request was answered.
    var lastPosts: [LaneID: Instant] = [:]
    /// The shadow of each wire subscription that moves.
    package internal(set) var shadows: [WireID: WireID] = [:]
    /// Each that moves without a gap though its feed repeats nothing.
    package internal(set) var handovers: [WireID: MovingTail] = [:]
    /// After a move that failed none is tried before then.
    var movesHeldUntil = Instant.start
    var rotation: Rotation?
    /// When ticking feeds are looked at next.
    var staleness = Schedule<WireID>()
    /// Pings may not be sent before then.
    var pingsHeldUntil = Instant.start
    var roomMemo = PlacementMemo()
    /// Whether the allowance counts this engine among those who wait for a connection.
    var seeksConnection = false
    var phase = Phase.idle
    var lastLane: UInt64 = 0
    var lastLink: UInt64 = 0
    package init(configuration: EngineConfiguration) {
        self.configuration = configuration
        allowance = Allowance(limits: configuration.limits)
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
            ledger.startClocks(at: now)
            posts.startClocks(at: now)
        case .claimed(let id, let request, let traits, let patience, let waitsForLimits):
            claim(id, request, traits, patience: patience, waitsForLimits: waitsForLimits, at: now, into: &effects)
        case .released(let id): release(id, at: now, into: &effects)
        case .linkOpened(let id): linkOpened(id, at: now)
        case .linkClosed(let id, let reason, let draw): linkClosed(id, reason, draw: draw, at: now, into: &effects)
        case .acknowledged(let id, let kind, let echo): acknowledged(id, kind, echo, at: now, into: &effects)
        case .errorArrived(let id, let error): errorArrived(id, error, at: now, into: &effects)
        case .dataArrived(let id, let wire): return dataArrived(id, wire, at: now, into: &effects)
        case .posted(let id, let kind, let patience): post(id, kind, patience: patience, at: now, into: &effects)
        case .postAnswered(let link, let id): postAnswered(link, id, at: now, into: &effects)
        case .postCancelled(let id): cancelPost(id, at: now, into: &effects)
        case .baseLost(let link, let wire): renew(wire, on: link, .baseLost, at: now, into: &effects)
        // Only a date moves, once a second of each link and of each feed that ticks: what else is due has its own time.
        case .frameArrived(let id):
            beat(id, .frameArrived, at: now, into: &effects)
            return false
        case .wireHeard(let link, let wire):
            wireHeard(link, wire, at: now)
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
        for link in links.values {
            deadline.consider(link.heartbeatDeadline.map { max($0, pingsHeldUntil) })
            // A closing link's answers are awaited no more.
            if link.isOpen { deadline.consider(link.answers.deadline) }
        }
        deadline.consider(ledger.deadline)
        deadline.consider(posts.deadline)
        deadline.consider(staleness.next)
        return deadline.instant
    }

    /// When `advance` could do more than it did, as it found out.
    var nextWork = Earliest()

    /// What a claim is for.
    package func wire(of claim: SubscriptionID) -> WireID? { ledger.claims[claim]?.wire }

    func laneIndex(_ id: LaneID) -> Int? { lanes.firstIndex { $0.id == id } }

    package func lane(_ id: LaneID) -> Lane? { laneIndex(id).map { lanes[$0] } }
}
