package import HyperliquidWire

/// Plans without a network: runs the engine in virtual time against a venue that answers everything at once.
///
/// The engine decides here as it does in a client, so plan and client cannot disagree.
package struct Planner: Sendable {
    private var engine: Engine
    private var turn: Turn
    private var lastID: UInt64 = 0
    private var subscriptions: [FeedRequest: [SubscriptionID]] = [:]
    private var requests: [SubscriptionID: FeedRequest] = [:]
    /// What the engine would not take, and for which limit.
    private var neverFitting: [SubscriptionID: WaitReason] = [:]
    private var isStarted = false
    /// What has happened since the last plan was made: since when, the most at once, and when the last became live.
    private var start = Instant.start
    private var peaks = PlanPeaks()
    private var liveAt: Instant?
    /// Where each was when the last plan was made, and why something was to move since.
    private var places: [UpstreamID: SlotID] = [:]
    private var moveReasons: [UpstreamID: Placement.Move.Reason] = [:]

    package init(configuration: EngineConfiguration) {
        engine = Engine(configuration: configuration)
        turn = Turn(limits: configuration.limits)
    }

    /// One subscriber more.
    package mutating func add(_ request: FeedRequest, _ traits: FeedTraits) {
        lastID += 1
        let id = SubscriptionID(lastID)
        subscriptions[request, default: []].append(id)
        requests[id] = request
        submit(.subscribed(id, request, traits, timeout: nil, waitsForLimits: true))
    }

    /// One subscriber less; false when there is none.
    package mutating func remove(_ request: FeedRequest) -> Bool {
        guard let id = subscriptions[request]?.popLast() else { return false }
        requests[id] = nil
        neverFitting[id] = nil
        submit(.unsubscribed(id))
        return true
    }

    /// What goes where once everything is live that can be, and what led there since the plan before.
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
            moves: report.moves(since: places, reasons: moveReasons))
        start = turn.now
        liveAt = nil
        peaks.restart(at: turn.now)
        moveReasons = [:]
        places = Dictionary(
            uniqueKeysWithValues: engine.registry.upstreams.keys.compactMap { id in
                engine.pool.slot(of: id).map { (id, $0) }
            })
        return plan
    }

    /// Each identity once, in the order in which it was added.
    private var neverFittingRequests: [(request: FeedRequest, reason: WaitReason)] {
        var seen: Set<FeedRequest> = []
        return neverFitting.sorted { $0.key < $1.key }.compactMap { id, reason in
            guard let request = requests[id], seen.insert(request).inserted else { return nil }
            return (request, reason)
        }
    }

    /// Lets time pass until everything is live that can be.
    private mutating func settle() {
        var changed = turn.now
        while hasWork, let deadline = engine.deadline, deadline <= changed.advanced(by: timeout) {
            let before = (engine.placements.waiting.count, liveAt, engine.mover.moves)
            // Feeds that tick keep their connections alive: no ping is needed, and none is counted. Each is heard
            // before anything is due, or those heard later would be probed meanwhile.
            turn.now = max(turn.now, deadline.advanced(by: .nanoseconds(-1)))
            for connection in engine.pool.connections { submit(.frameArrived(connection.id)) }
            turn.now = max(turn.now, deadline)
            submit(.woke)
            if before != (engine.placements.waiting.count, liveAt, engine.mover.moves) { changed = turn.now }
        }
    }

    /// Longer than anything that is waited for: the windows of dials and messages, a lingering user, an idle slot.
    private var timeout: Duration { .seconds(75) + engine.configuration.limits.userLinger }

    private var hasWork: Bool {
        !engine.mover.moves.isEmpty || engine.registry.upstreams.values.contains { !$0.isLive && canGoOn($0) }
    }

    /// Whether time alone brings it further.
    private func canGoOn(_ upstream: UpstreamSubscription) -> Bool {
        guard case .waiting(let reason, _) = upstream.state, engine.pool.slot(of: upstream.id) == nil else {
            return true
        }
        switch reason {
        case .connectionLimit: return engine.nextWork != nil
        case .userLimit: return upstream.request.user.flatMap { turn.limiter.nextUser($0, at: turn.now) } != nil
        case .subscriptionLimit: return false
        case .start, .connection, .messageLimit, .acknowledgement, .unsubscription, .probe: return true
        }
    }

    // MARK: The venue that answers at once

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
            case .ping: return .frameArrived(connection)
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

/// The most dials and messages in any span that a limit looks at.
struct PlanPeaks: Hashable, Sendable {
    /// The most events in any span of a given length.
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

        /// Starts again from what lies in the span that ends now.
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
