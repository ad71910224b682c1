package import HyperliquidWire

/// Makes plans without a network: runs the engine in virtual time against a venue that answers every request
/// immediately.
///
/// The same engine decides here and in a client, so a plan and a client cannot disagree.
package struct Planner: Sendable {
    private var engine: Engine
    private var turn: Turn
    private var lastID: UInt64 = 0
    private var subscriptions: [FeedRequest: [SubscriptionID]] = [:]
    private var requests: [SubscriptionID: FeedRequest] = [:]
    /// The subscriptions that the engine refused for ever, each with the limit that excludes it.
    private var neverFitting: [SubscriptionID: WaitReason] = [:]
    private var isStarted = false
    /// The time of the previous plan.
    private var start = Instant.start
    /// The peaks of dials and messages since the previous plan.
    private var peaks = PlanPeaks()
    /// The time at which the last feed became live since the previous plan; `nil` if none did.
    private var liveAt: Instant?
    /// The slot of each upstream subscription in the previous plan.
    private var slotsBefore: [UpstreamID: SlotID] = [:]
    /// The reason for each move since the previous plan.
    private var moveReasons: [UpstreamID: Placement.Move.Reason] = [:]

    package init(configuration: EngineConfiguration) {
        var configuration = configuration
        // The planner's venue sends no data, and no feed is stale for that.
        configuration.shortestStaleness = .seconds(1_000_000)
        engine = Engine(configuration: configuration)
        turn = Turn(limits: configuration.limits)
    }

    /// Adds a subscriber of a feed.
    package mutating func add(_ request: FeedRequest, _ traits: FeedTraits) {
        lastID += 1
        let id = SubscriptionID(lastID)
        subscriptions[request, default: []].append(id)
        requests[id] = request
        submit(.subscribed(id, request, traits, timeout: nil, waitsForLimits: true))
    }

    /// Removes the newest subscriber of a feed; returns `false` if it has none.
    package mutating func remove(_ request: FeedRequest) -> Bool {
        guard let id = subscriptions[request]?.popLast() else { return false }
        requests[id] = nil
        neverFitting[id] = nil
        submit(.unsubscribed(id))
        return true
    }

    /// Runs the engine until everything that can be live is live, and returns the plan with the moves since the
    /// previous one.
    package mutating func plan() -> Plan {
        if !isStarted {
            isStarted = true
            submit(.started)
        }
        settle()
        let report = PlanReport(engine, turn)
        let plan = Plan(
            slots: report.slots, unplaced: report.unplaced(neverFitting: neverFittingRequests),
            limits: report.limits(peaks: peaks),
            liveAfter: liveAt.map { start.duration(to: $0) } ?? .zero,
            moves: report.moves(since: slotsBefore, reasons: moveReasons))
        start = turn.now
        liveAt = nil
        peaks.restart(at: turn.now)
        moveReasons = [:]
        slotsBefore = Dictionary(
            uniqueKeysWithValues: engine.registry.upstreams.keys.compactMap { id in
                engine.pool.slot(of: id).map { (id, $0) }
            })
        return plan
    }

    /// The identities that can never fit, without repetitions, in the order in which they were added.
    private var neverFittingRequests: [(request: FeedRequest, reason: WaitReason)] {
        var seen: Set<FeedRequest> = []
        return neverFitting.sorted { $0.key < $1.key }.compactMap { id, reason in
            guard let request = requests[id], seen.insert(request).inserted else { return nil }
            return (request, reason)
        }
    }

    /// Advances the virtual time until everything that can be live is live.
    private mutating func settle() {
        var changed = turn.now
        while hasWork, let deadline = engine.deadline, deadline <= changed.advanced(by: timeout) {
            let before = (engine.placements.waiting.count, liveAt, engine.mover.moves)
            // In a client, the feeds' messages keep a connection alive without pings. So every connection reports a
            // message just before each deadline; otherwise the planner would count pings that a client does not send.
            turn.now = max(turn.now, deadline.advanced(by: .nanoseconds(-1)))
            for connection in engine.pool.connections { submit(.frameArrived(connection.id)) }
            turn.now = max(turn.now, deadline)
            submit(.woke)
            if before != (engine.placements.waiting.count, liveAt, engine.mover.moves) { changed = turn.now }
        }
    }

    /// How long the engine may make no progress before the plan counts as settled. Longer than any wait that ends with
    /// the passage of time: for the windows of dials and messages, for a lingering user, for an idle slot.
    private var timeout: Duration { .seconds(75) + engine.configuration.limits.userLinger }

    private var hasWork: Bool {
        !engine.mover.moves.isEmpty || engine.registry.upstreams.values.contains { !$0.isLive && canGoOn($0) }
    }

    /// Whether an upstream subscription can make progress merely because time passes.
    private func canGoOn(_ upstream: UpstreamSubscription) -> Bool {
        guard case .waiting(let reason, _) = upstream.state, engine.pool.slot(of: upstream.id) == nil else {
            return true
        }
        switch reason {
        case .connectionLimit: return engine.nextWork != nil
        case .userLimit: return upstream.request.user.flatMap { turn.limiter.nextUser($0, at: turn.now) } != nil
        case .subscriptionLimit: return false
        case .start, .connection, .messageLimit, .acknowledgement, .unsubscription, .trial: return true
        }
    }

    // MARK: The virtual venue

    private mutating func submit(_ input: Engine.Input) {
        var inputs = [input]
        var position = 0
        while position < inputs.count {
            engine.handle(inputs[position], &turn)
            position += 1
            for move in engine.mover.moves { moveReasons[move.upstream] = move.reason }
            for effect in turn.effects {
                if let answer = answer(effect) { inputs.append(answer) }
            }
            turn.effects.removeAll(keepingCapacity: true)
        }
    }

    /// Performs an effect as the venue and the shell would, and returns the fact that follows; `nil` if none does.
    private mutating func answer(_ effect: Engine.Effect) -> Engine.Input? {
        switch effect {
        case .dial(let connection, _):
            peaks.dials.note(at: turn.now)
            return .connectionOpened(connection)
        case .close(let connection): return .connectionClosed(connection, .closedByUs, draw: 0)
        case .send(let connection, let message):
            peaks.noteMessage(at: turn.now)
            switch message {
            case .subscribe(let request): return .acknowledged(connection, .subscribe, echo: request)
            case .unsubscribe(let request): return .acknowledged(connection, .unsubscribe, echo: request)
            case .ping: return .pongArrived(connection)
            }
        case .confirm:
            liveAt = turn.now
            return nil
        case .fail(let id, .neverFits(let reason)):
            neverFitting[id] = reason
            return nil
        case .bind, .attach, .detach, .expectReplay, .beginHandover, .endHandover, .cancelHandover, .sendPost,
            .failPost,
            .fail, .announceGap, .forget, .note, .finish:
            return nil
        }
    }
}

/// The peaks of dials and messages, each over the span of the limit that applies to it.
struct PlanPeaks: Hashable, Sendable {
    /// The largest number of events in any span of a given length.
    struct Peak: Hashable, Sendable {
        private let span: Duration
        private var times: [Instant] = []
        private var oldest = 0
        private(set) var count = 0

        init(span: Duration) {
            self.span = span
        }

        mutating func note(at now: Instant) {
            times.append(now)
            while times[oldest].advanced(by: span) <= now { oldest += 1 }
            count = max(count, times.count - oldest)
        }

        /// Restarts the count with the events in the span that ends at `now`.
        mutating func restart(at now: Instant) {
            times.removeAll { $0.advanced(by: span) <= now }
            oldest = 0
            count = times.count
        }
    }

    var dials = Peak(span: .seconds(60))
    private(set) var messagesInMinute = Peak(span: .seconds(60))
    private(set) var messagesInSecond = Peak(span: .seconds(1))

    mutating func noteMessage(at now: Instant) {
        messagesInMinute.note(at: now)
        messagesInSecond.note(at: now)
    }

    mutating func restart(at now: Instant) {
        dials.restart(at: now)
        messagesInMinute.restart(at: now)
        messagesInSecond.restart(at: now)
    }
}
