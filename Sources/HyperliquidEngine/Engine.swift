package import HyperliquidWire

/// Composes the parts that decide for a client: fixes the order in which they work, and passes results between them.
///
/// The engine is a value. It sees inputs, the given time and its own state, returns effects, and takes no decision
/// itself. Facts enter through ``take(_:_:)``. Once all facts of a read are in, ``advance(_:)`` does the work that they
/// allow.
package struct Engine: Hashable, Sendable {
    enum Phase: Hashable, Sendable {
        /// Subscriptions are registered, the timeouts of callers run, and no connection is dialled. Can move to `running`
        /// and `draining`.
        case idle
        /// Connections are dialled and used. Can move to `draining`.
        case running
        /// Connections are being closed. Can move to `ended`.
        case draining
        /// Terminal.
        case ended
    }

    package let configuration: EngineConfiguration
    package internal(set) var registry = SubscriptionRegistry()
    package internal(set) var pool: ConnectionPool
    package internal(set) var placements: PlacementQueue
    package internal(set) var sender: SendScheduler
    package internal(set) var poison: PoisonDetector
    package internal(set) var trials: TrialQueue
    package internal(set) var mover: SubscriptionMover
    package internal(set) var posts: PostTracker
    package internal(set) var staleness: StalenessMonitor
    var baseLosses: BaseLossBackoff
    var sharing = ConnectionSharing()
    var phase = Phase.idle
    /// The earliest time at which `advance` can do more work; `nil` if only a fact can make more work possible.
    package internal(set) var nextWork: Instant?

    package init(configuration: EngineConfiguration) {
        self.configuration = configuration
        pool = ConnectionPool(configuration: configuration)
        placements = PlacementQueue(configuration: configuration)
        sender = SendScheduler(configuration: configuration)
        poison = PoisonDetector(configuration: configuration)
        trials = TrialQueue(configuration: configuration)
        mover = SubscriptionMover(configuration: configuration)
        staleness = StalenessMonitor(configuration: configuration)
        baseLosses = BaseLossBackoff(configuration: configuration)
        posts = PostTracker(
            limit: configuration.limits.postsInFlight, memory: configuration.postMemory, retry: configuration.postRetry
        )
    }

    // MARK: Turns

    /// Takes in a fact and advances.
    package mutating func handle(_ input: Input, _ turn: inout Turn) {
        if take(input, &turn) { advance(&turn) }
    }

    /// Takes in a fact, and returns whether `advance` must follow.
    ///
    /// A shell may take in all facts of one read from a socket and advance once, so that placing, sending and dialling
    /// are considered once for all of them.
    package mutating func take(_ input: Input, _ turn: inout Turn) -> Bool {
        switch input {
        case .started: start(at: turn.now)
        case .subscribed(let id, let request, let traits, let timeout, let waitsForLimits):
            subscribe(id, request, traits, timeout: timeout, waitsForLimits: waitsForLimits, &turn)
        case .unsubscribed(let id): unsubscribe(id, &turn)
        case .connectionOpened(let id):
            if pool.opened(id, at: turn.now) { LimitLearning.connectionAccepted(pool, &turn.limiter) }
        case .connectionClosed(let id, let reason, let draw): connectionClosed(id, reason, draw: draw, &turn)
        case .acknowledged(let id, let kind, let echo): acknowledged(id, kind, echo, &turn)
        case .errorArrived(let id, let error): errorArrived(id, error, &turn)
        case .dataArrived(let id, let upstream): return dataArrived(id, upstream, &turn)
        case .baseLost(let id, let upstream): baseLost(upstream, on: id, &turn)
        case .posted(let id, let kind, let weight, let timeout):
            if phase == .idle || phase == .running {
                posts.post(id, kind, weight: weight, timeout: timeout, &turn)
            } else {
                turn.effects.append(.failPost(id, .clientEnded))
            }
        case .postAnswered(let connection, let id, let addedWeight):
            pool.beat(connection, .answerArrived, &turn)
            _ = posts.answer(id, on: connection)
            pool.postAnswered(on: connection, at: turn.now)
            turn.limiter.countRequest(weight: addedWeight, at: turn.now)
        case .postLimited(let connection, let id, let text):
            pool.beat(connection, .answerArrived, &turn)
            pool.postAnswered(on: connection, at: turn.now)
            turn.effects.append(.note(.limitRefusal(connection, text)))
            posts.limited(
                id, text, on: connection, until: turn.now.advanced(by: configuration.requestWeightPause), &turn)
        case .postCancelled(let id): posts.cancel(id, &turn)
        // The next four inputs only postpone a deadline, and arrive at most once per second for each connection and
        // ticking feed. No other work depends on them, so no advance is needed.
        case .frameArrived(let id):
            pool.beat(id, .frameArrived, &turn)
            return false
        case .pongArrived(let id):
            pool.beat(id, .pongArrived, &turn)
            return false
        case .bytesArrived(let id):
            pool.beat(id, .bytesArrived, &turn)
            return false
        case .upstreamTicked(let connection, let id):
            ticked(id, on: connection, &turn)
            return false
        case .woke: break
        case .drained: drain(&turn)
        }
        return true
    }

    /// Does all work that is possible now, in order of priority, and notes when more will be possible.
    package mutating func advance(_ turn: inout Turn) {
        turn.beginWork()
        defer {
            posts.giveBack(&turn)
            nextWork = turn.wakeTime
        }
        guard phase == .idle || phase == .running else { return }
        expireSubscriptions(&turn)
        posts.expire(hasConnection: pool.postConnection != nil, isIdle: phase == .idle, &turn)
        guard phase == .running else { return }
        if pool.hasDue(at: turn.now) {
            pool.beatAll(&turn)
            repeatOverdue(&turn)
        }
        renewStale(&turn)
        renewLostBases(&turn)
        useLearntLimits(&turn)
        endTrials(&turn)
        tryNextSuspect(&turn)
        placeAll(&turn)
        yieldConnection(&turn)
        openPostSlot(&turn)
        carryOutMoves(&turn)
        rotate(&turn)
        pool.retireIdle(posts: posts, &turn)
        pool.dial(posts: posts, &turn)
        reportWait(&turn)
        sendQueues(&turn)
    }

    /// The time at which the shell must send `.woke`; `nil` if only a fact can change anything.
    package var deadline: Instant? {
        guard phase == .idle || phase == .running else { return nil }
        return [
            nextWork, pool.deadline, registry.deadline, posts.deadline, staleness.deadline, baseLosses.deadline,
        ].compactMap { $0 }.min()
    }

    private mutating func start(at now: Instant) {
        guard phase == .idle else { return }
        phase = .running
        registry.startWaits(at: now)
    }

    // MARK: Queries

    /// The reason why an upstream subscription waits; `nil` if it is live or no longer exists.
    package func waitReason(of id: UpstreamID, _ limiter: RateLimiter) -> WaitReason? {
        guard let upstream = registry[id] else { return nil }
        switch upstream.state {
        case .live: return nil
        case .asked: return .acknowledgement
        case .leaving: return upstream.hold?.reason ?? .unsubscription
        case .waiting(let reason, _):
            if phase == .idle { return .start }
            if poison.isSuspect(id) { return .trial }
            // A subscription that has just been made waits for its placement.
            guard let slot = pool.slot(of: id).flatMap({ pool[$0] }) else {
                return reason == .start ? .connection : reason
            }
            guard slot.connection != nil else { return limiter.hasConnection ? .connection : .connectionLimit }
            return slot.openConnection != nil ? .messageLimit : .connection
        }
    }

    /// The loads of the slots, without the replacements that moves have placed on them.
    package var loadsWithoutReplacements: [PlacementLoad] {
        pool.loads.map { load in
            var load = load
            for replacement in mover.allReplacements { load.remove(replacement) }
            return load
        }
    }

    /// Whether the messages of an upstream subscription are delivered while it is asked for or live. Those of one of
    /// several suspects and of a replacement are not.
    package func isDelivered(_ id: UpstreamID) -> Bool {
        !mover.isReplacement(id) && (pool.kind(of: id) != .trial || poison.delivers(id))
    }

    // MARK: Steps that several facts share

    /// Adds an upstream subscription to a slot, and queues its subscribe there.
    mutating func place(_ id: UpstreamID, on slot: SlotID, _ turn: inout Turn) {
        registry.wait(id, for: .connection)
        guard let upstream = registry[id] else { return }
        let item = PlacementItem(upstream)
        pool.place(item, on: slot)
        sender.queueSubscribe(upstream, on: slot)
        turn.limiter.take(item)
    }

    /// Removes an upstream subscription from its slot, or from the queue for one. The venue must not hold it any more.
    mutating func leaveSlot(_ id: UpstreamID, _ turn: inout Turn) {
        guard let upstream = registry[id] else { return }
        // If the subscribe was never sent, the venue does not count its user.
        let lingers = upstream.generation > 0 && upstream.lingers
        let lingersUntil = lingers ? turn.now.advanced(by: configuration.limits.userLinger) : turn.now
        guard let slot = pool.remove(id, lingersUntil: lingersUntil, at: turn.now) else {
            placements.remove(id)
            trials.remove(id)
            return
        }
        sender.remove(id, from: slot)
        turn.limiter.giveBack(PlacementItem(upstream), lingersUntil: lingersUntil, at: turn.now)
    }

    /// Begins to end an upstream subscription.
    ///
    /// The unsubscribe waits until the venue has answered an earlier request of the identity. With at most one request
    /// per identity, no answer can be taken for the answer to another one.
    mutating func beginLeaving(_ id: UpstreamID, _ connection: ConnectionID, at now: Instant) {
        registry.isLeaving(id, connection, at: now)
        if pool.isAnswerDue(to: id, on: connection) != true { queueUnsubscribe(id) }
    }

    /// Ends the trial of a suspect that was acquitted.
    ///
    /// If its messages are delivered, the connection of the trial becomes one like others; if it is not live yet, only if
    /// feeds may use one more. Returns `false` if it leaves the connection, to be asked for elsewhere.
    mutating func endTrial(of upstream: UpstreamSubscription, isDelivered: Bool, _ turn: inout Turn) -> Bool {
        poison.acquit(upstream.id, upstream.request)
        let carriers = pool.slots.count { $0.kind != .trial }
        let mayStay = upstream.isLive || carriers < placements.placement.slotLimit
        if isDelivered, mayStay, let slot = pool.slot(of: upstream.id) {
            pool.endTrials(on: slot, as: placements.placement.kind(for: PlacementItem(upstream)))
            return true
        }
        guard let connection = upstream.connection else { return false }
        if isDelivered { turn.effects.append(.detach(upstream.id, connection)) }
        beginLeaving(upstream.id, connection, at: turn.now)
        return false
    }

    /// Queues an unsubscribe on the slot of an upstream subscription.
    mutating func queueUnsubscribe(_ id: UpstreamID) {
        if let slot = pool.slot(of: id) { sender.queueUnsubscribe(id, on: slot) }
    }

    /// Confirms the subscriptions that wait for an upstream subscription to be live.
    mutating func confirm(_ upstream: UpstreamID, _ turn: inout Turn) {
        for id in registry.takeUnconfirmed(upstream) { turn.effects.append(.confirm(id)) }
    }

    /// Ends every subscription of an upstream subscription with an error, and the upstream subscription with them.
    mutating func fail(_ id: UpstreamID, _ failure: Failure, _ turn: inout Turn) {
        for subscription in registry[id]?.subscriptions ?? [] {
            _ = registry.unsubscribe(subscription)
            turn.effects.append(.fail(subscription, failure))
        }
        if let replacement = mover.replacement(of: id) { giveUpReplacement(replacement, &turn) }
        leaveSlot(id, &turn)
        forget(id, &turn)
    }

    /// Forgets an upstream subscription that has no subscribers and that the venue does not hold.
    mutating func forget(_ id: UpstreamID, _ turn: inout Turn) {
        registry.remove(id)
        poison.forget(id)
        trials.remove(id)
        staleness.forget(id)
        baseLosses.forget(id)
        mover.forget(id)
        turn.effects.append(.forget(id))
    }

    /// Forgets a replacement that the venue does not hold.
    mutating func endReplacement(_ id: UpstreamID, isLost: Bool, _ turn: inout Turn) {
        leaveSlot(id, &turn)
        mover.end(id, isLost: isLost, &turn)
        registry.remove(id)
        poison.forget(id)
    }

    /// Ends a replacement that is no longer needed, and gives up the planned moves.
    mutating func giveUpReplacement(_ id: UpstreamID, _ turn: inout Turn) {
        mover.giveUp(at: turn.now)
        if let original = mover.original(of: id) { mover.cancelHandover(of: original, &turn) }
        switch registry[id]?.state {
        case .waiting: endReplacement(id, isLost: false, &turn)
        case .asked(let connection, _), .live(let connection, _): beginLeaving(id, connection, at: turn.now)
        case .leaving, nil: break
        }
    }

    /// Opens a slot that placement may fill.
    mutating func openSlot(_ kind: ConnectionSlot.Kind, _ endpoint: EndpointKind, at now: Instant) -> SlotID? {
        pool.openSlot(kind, endpoint, limit: placements.placement.slotLimit, at: now)
    }

    /// Opens a slot in addition to those that placement fills: for a trial, for a silent feed, or to replace another slot.
    /// `nil` if other clients have all connections, because the slot would wait for theirs.
    mutating func openSpareSlot(_ kind: ConnectionSlot.Kind, _ endpoint: EndpointKind, _ turn: Turn) -> SlotID? {
        guard !sharing.areAllTaken(on: pool, turn.limiter) else { return nil }
        let limit = min(configuration.limits.connections, turn.limiter.connectionCap.limit(at: turn.now))
        return pool.openSlot(kind, endpoint, limit: limit, at: turn.now)
    }
}
