internal import HyperliquidEngine
internal import NIOCore
internal import WebSocketTransport

/// The client's shell: owns the engine, the connections and the subscribers, and decides nothing. Bound to the client's
/// loop.
///
/// ``TurnScheduler`` decides the order of its work; ``perform(_:)`` is the only switch over the engine's effects.
@safe final class ClientRuntime: MessageReceiverOwner {
    let eventLoop: any EventLoop
    let network: HyperliquidNetwork
    let configuration: ClientConfiguration
    /// The buffers that are filled at the end of the read, and the objects that are released then.
    let flushQueue = _FlushQueue()
    /// The time on the engine's time line, read once per turn.
    private(set) var now = ClientRuntime.monotonicNow
    /// The time of day in milliseconds since 1970, read once per turn.
    private(set) var wallMilliseconds = SystemClock.wallMilliseconds
    /// What the messages have shown of the venue's clock.
    var venueClock = VenueClock(localMilliseconds: SystemClock.wallMilliseconds, at: ClientRuntime.monotonicNow)
    /// Called with each message before it is parsed.
    var rawMessageHandler: ((borrowing Span<UInt8>) -> Void)?
    private(set) var isFinished = false

    private let engineConfiguration: EngineConfiguration
    private var engine: Engine
    private let rateLimiter: NIOLoopBoundBox<SharedRateLimiter>
    /// The rate limiter of all clients of the network, joined in the first turn.
    private(set) lazy var shared: SharedRateLimiter = {
        let shared = rateLimiter.value
        shared.join(self)
        return shared
    }()
    /// Its exclusivity is not checked at run time, because no method of the scheduler calls other code.
    @exclusivity(unchecked) private var turns = TurnScheduler()
    /// Facts reported while the engine is at work.
    private var inputs: [Engine.Input] = []
    private var effects: [Engine.Effect] = []
    /// Their exclusivity is not checked at run time, because no access to the counters calls other code.
    @exclusivity(unchecked) private var counters = ClientCounters()
    var unroutedChannels = UnroutedChannels()
    /// The number of messages at the beginning of the turn, and the number of bytes at which it may end early.
    private var turnStartMessageCount = 0
    private var turnEndByteCount = 0
    /// A turn with more bytes than this may end before its read is over.
    private static let turnByteCount = 128 << 10
    private var subscribers = SubscriberRegistry()
    private(set) var connections = ConnectionTable()
    private var posts = PostRegistry()
    private var connectionErrors = ConnectionErrors()
    private var onFinish: [() -> Void] = []
    private var deadlineTimer: DeadlineTimer
    private let taskExecutor: LoopTaskExecutor
    private var log: ClientLog
    private var metrics: ClientMetrics

    /// - Parameter taskExecutor: Runs the readers that prefer the client's loop, at the end of each turn.
    init(
        network: HyperliquidNetwork, configuration: ClientConfiguration, engine: EngineConfiguration,
        rateLimiter: NIOLoopBoundBox<SharedRateLimiter>, eventLoop: any EventLoop, taskExecutor: LoopTaskExecutor
    ) {
        self.network = network
        self.configuration = configuration
        self.rateLimiter = rateLimiter
        self.eventLoop = eventLoop
        self.taskExecutor = taskExecutor
        engineConfiguration = engine
        self.engine = Engine(configuration: engine)
        deadlineTimer = DeadlineTimer(eventLoop: eventLoop)
        log = ClientLog(logger: configuration.logger)
        metrics = ClientMetrics(network: network)
    }

    private static var monotonicNow: Instant { Instant(nanoseconds: SystemClock.monotonicNanoseconds) }

    // MARK: Turns

    /// Begins a turn with the first message of a read; does nothing for the others.
    @inline(__always) func startTurn() {
        guard unsafe !turns.isReading else { return }
        beginTurn()
    }

    private func beginTurn() {
        unsafe turns.beginRead()
        turnEndByteCount = unsafe counters.byteCount &+ Self.turnByteCount
        turnStartMessageCount = unsafe counters.messageCount
        readClocks()
    }

    private func readClocks() {
        now = Self.monotonicNow
        wallMilliseconds = SystemClock.wallMilliseconds
    }

    /// Counts a message that has been dispatched. Many bytes end the turn before the read is over, so that their events
    /// reach the readers while they are still in the processor's cache.
    @inline(__always) func count(byteCount: Int) {
        unsafe counters.messageCount &+= 1
        unsafe counters.byteCount &+= byteCount
        if unsafe counters.byteCount >= turnEndByteCount { renewTurn() }
    }

    private func renewTurn() {
        turnEndByteCount = unsafe counters.byteCount &+ Self.turnByteCount
        // If there are many subscribers with a few messages each, waking each of them once for the whole read costs
        // less.
        guard unsafe flushQueue.count * 4 <= counters.messageCount &- turnStartMessageCount else { return }
        endTurn()
        beginTurn()
    }

    /// Ends a turn: the engine acts on the read's facts, and the read's batches are flushed.
    func endTurn() {
        repeat {
            if unsafe turns.isStepDue { step() }
            flushQueue.flush()
            // A buffer that overflowed during the flush has ended its subscription, which is a new fact.
        } while unsafe turns.endRead() == .step
        unsafe metrics.emitIfDue(counters, of: self, at: now)
        taskExecutor.drain()
    }

    /// Reports a fact to the engine, which acts on it at once, or at the end of the read for all facts of the read.
    func submit(_ input: Engine.Input) { submit(input, mayWait: false) }

    /// Reports a fact to the engine.
    /// - Parameter mayWait: Whether the engine, outside of a read, may act a little later, once for all facts until
    ///   then.
    func submit(_ input: Engine.Input, mayWait: Bool) {
        guard unsafe turns.submitFact() == .takeIn else { return inputs.append(input) }
        if unsafe !turns.isReading { readClocks() }
        shared.work(of: self) {
            takeIn(input)
            takeInQueued()
        }
        switch unsafe turns.endTakingIn(mayWait: mayWait) {
        case .none: break
        case .scheduleStep: scheduleStep()
        case .step:
            step()
            flushQueue.flush()
        }
    }

    private func scheduleStep() {
        eventLoop.assumeIsolated().execute { [self] in
            guard unsafe turns.scheduledStepFired() == .step else { return }
            startTurn()
            endTurn()
        }
    }

    private func step() {
        unsafe turns.beginStep()
        shared.work(of: self) {
            while unsafe turns.beginAdvance() {
                shared.turn.now = now
                engine.advance(&shared.turn)
                performEffects()
                takeInQueued()
            }
        }
        unsafe turns.endStep()
        deadlineTimer.arm(at: engine.deadline, now: now) { [unowned self] in
            deadlineTimer.fired()
            submit(.woke)
        }
    }

    /// Takes in a fact and performs what follows from it at once.
    private func takeIn(_ input: Engine.Input) {
        shared.turn.now = now
        let isNews = engine.take(input, &shared.turn)
        unsafe turns.tookIn(isNews: isNews)
        performEffects()
    }

    /// Takes in the facts that were reported while effects were performed.
    private func takeInQueued() {
        guard !inputs.isEmpty else { return }
        var position = 0
        while position < inputs.count {
            position += 1
            takeIn(inputs[position - 1])
        }
        inputs.removeAll(keepingCapacity: true)
    }

    /// Makes the engine act again, because another client of the network has changed the shared rate limiter.
    func wake() {
        if !isFinished { submit(.woke) }
    }

    // MARK: Effects

    private func performEffects() {
        guard !shared.turn.effects.isEmpty else { return }
        swap(&effects, &shared.turn.effects)
        for effect in effects { perform(effect) }
        effects.removeAll(keepingCapacity: true)
    }

    private func perform(_ effect: Engine.Effect) {
        switch effect {
        case .bind(let id, let upstream): bind(id, to: upstream)
        case .dial(let connection, let endpoint): dial(connection, endpoint)
        case .close(let connection): connections[connection]?.close()
        case .send(let connection, let message):
            connections[connection]?.send(message)
            reportSent(message, on: connection)
        case .attach(let upstream, let connection):
            guard let dispatcher = subscribers[upstream] else { return }
            dispatcher.attach(connection)
            connections[connection]?.add(dispatcher)
        case .detach(let upstream, let connection):
            guard let dispatcher = subscribers[upstream] else { return }
            dispatcher.detach(connection)
            connections[connection]?.remove(dispatcher)
        case .beginHandover(let upstream, let connection): subscribers[upstream]?.beginHandover(from: connection)
        case .endHandover(let upstream, let isLost): endHandover(of: upstream, isLost: isLost)
        case .cancelHandover(let upstream): subscribers[upstream]?.cancelHandover()
        case .expectReplay(let upstream):
            subscribers[upstream]?.subscribed(atMilliseconds: wallMilliseconds, at: now)
        case .sendPost(let connection, let id):
            if let message = posts.message(id) { connections[connection]?.send(text: message) }
        case .failPost(let id, let failure): posts.fail(id, failure, lastFailure: connections.failure(of: .api))
        case .confirm(let id):
            guard let subscriber = subscribers[id] else { return }
            report(.subscriptionConfirmed(id, subscriber.request))
            subscriber.confirm(atMilliseconds: wallMilliseconds)
        case .fail(let id, let failure): fail(id, failure)
        case .announceGap(let upstream, let reason): announceGap(upstream, reason)
        case .forget(let upstream):
            if let dispatcher = subscribers.removeDispatcher(of: upstream) { flushQueue.deferRelease(dispatcher) }
        case .note(let note): report(note)
        case .finish: finish()
        }
    }

    private func dial(_ connection: ConnectionID, _ endpoint: EndpointKind) {
        report(.dialling(connection, address: network.address(of: endpoint)))
        let handler = ConnectionHandler(id: connection, owner: self)
        connections.add(handler)
        do throws(TransportError) {
            try handler.dial(
                endpoint, at: network.address(of: endpoint), DialSettings(configuration, engineConfiguration),
                on: eventLoop)
        } catch {
            connectionEnded(handler, .failed(error))
        }
    }

    /// Notes that a dial has succeeded.
    func dialSucceeded(_ handler: ConnectionHandler) { connections.opened(handler) }

    /// Handles the end of a connection or of a dial.
    func connectionEnded(_ handler: ConnectionHandler, _ close: TransportClose) {
        connections.ended(
            handler, close, address: network.address(of: handler.endpoint), atMilliseconds: wallMilliseconds)
        if handler.hasOpened { report(.connectionClosed(handler.id)) }
        var senders: [UpstreamID]?
        if case .messageTooLarge(_, let head) = close { senders = handler.senders(of: ContiguousArray(head).span) }
        let reason = CloseReason(close, senders: senders)
        submit(.connectionClosed(handler.id, reason, draw: UInt64.random(in: .min ... .max)))
    }

    private func endHandover(of upstream: UpstreamID, isLost: Bool) {
        let timeout = engineConfiguration.answerTimeout
        guard let dispatcher = subscribers[upstream], let connection = dispatcher.connections.last,
            let remainder = dispatcher.endHandover(isLost: isLost, at: now, timeout: timeout)
        else { return }
        if remainder.hasGap { announceGap(upstream, .moved) }
        connections[connection]?.receive(remainder.messages, for: dispatcher)
    }

    private func announceGap(_ upstream: UpstreamID, _ reason: Gap.Reason) {
        guard let dispatcher = subscribers[upstream] else { return }
        dispatcher.announce(
            Gap(reason: reason, fromMilliseconds: dispatcher.gapStartMilliseconds, toMilliseconds: wallMilliseconds))
        report(.gapAnnounced(dispatcher.request, reason))
    }

    private func finish() {
        isFinished = true
        shared.leave(self)
        deadlineTimer.cancel()
        unsafe metrics.emit(counters, of: self, at: now)
        for action in onFinish { action() }
        onFinish = []
    }

    /// Calls `action` when everything is closed; at once if that is already so.
    func whenFinished(_ action: @escaping () -> Void) {
        if isFinished { action() } else { onFinish.append(action) }
    }

    // MARK: Events

    /// Logs and counts an event.
    func report(_ event: ClientEvent) {
        log.write(event, at: now)
        metrics.count(event)
        guard case .callbackBlocked(let id, _, _) = event else { return }
        unsafe counters.slowCallCount += 1
        subscribers[id]?.countSlowCall()
    }

    /// Logs and counts an event of the engine, and keeps it if it is an error of a connection.
    private func report(_ note: Engine.Note) {
        let event = ClientEvent(note)
        report(event)
        connectionErrors.add(event, in: engine.pool)
    }

    func countUnrouted() { unsafe counters.unroutedCount += 1 }

    // MARK: Subscriptions

    func makeSubscriptionID() -> SubscriptionID { subscribers.makeID() }

    /// Adds a subscriber. Without a timeout, its placement may wait for further subscribers. With one, it is placed
    /// immediately, because the timeout is running.
    func subscribe(_ subscriber: Subscriber, timeout: Duration?, waitsForLimits: Bool) {
        subscribers.add(subscriber)
        submit(
            .subscribed(
                subscriber.id, subscriber.request, subscriber.traits, timeout: timeout, waitsForLimits: waitsForLimits),
            mayWait: timeout == nil)
    }

    /// Joins a new subscriber to its upstream subscription.
    private func bind(_ id: SubscriptionID, to upstream: UpstreamID) {
        guard let subscriber = subscribers[id] else { return }
        subscriber.join(
            subscribers.dispatcher(
                of: upstream, for: subscriber, queue: flushQueue, atMilliseconds: wallMilliseconds))
    }

    /// Ends a subscription because its subscriber asks for it, or with an error that the client has found.
    /// - Returns: `false` if there is none with this id.
    @discardableResult func unsubscribe(_ id: SubscriptionID, error: HyperliquidError? = nil) -> Bool {
        guard let subscriber = subscribers.remove(id) else { return false }
        subscriber.leave(error)
        submit(.unsubscribed(id))
        return true
    }

    /// Tells a subscriber that the engine has ended its subscription.
    private func fail(_ id: SubscriptionID, _ failure: Engine.Failure) {
        guard let subscriber = subscribers.remove(id) else { return }
        // The end of the client is a failure only for a caller who waits for the acknowledgement.
        guard failure != .clientEnded || subscriber.onAnswer != nil else { return subscriber.leave(nil) }
        let error = HyperliquidError(
            failure, request: subscriber.request, lastFailure: connections.failure(of: subscriber.traits.endpoint))
        report(.subscriptionFailed(id, error))
        subscriber.leave(error)
    }

    // MARK: Requests over the socket

    func makePostID() -> PostID { posts.makeID() }

    func post(_ id: PostID, _ post: PostRegistry.PendingPost, weight: Int, timeout: Duration) {
        posts.add(id, post)
        submit(.posted(id, post.kind, weight: weight, timeout: timeout))
    }

    func postAnswered(_ response: PostResponse, on connection: ConnectionID) {
        if response.limitRefusal == nil, !posts.answer(response) { countUnrouted() }
        submit(response.input(on: connection))
    }

    // MARK: Reports

    /// The traces of the listings in other messages.
    var listingEvidence: ListingState.Evidence { subscribers.listingEvidence }
    var subscriptionCount: Int { subscribers.count }
    var openConnectionCount: Int { connections.openCount }
    var silentFeedCount: Int { engine.staleness.silentCount }

    func subscriber(_ id: SubscriptionID) -> Subscriber? { subscribers[id] }

    /// All subscribers, oldest first.
    var allSubscribers: [Subscriber] { subscribers.all }

    /// The present state of the engine, from which reports are made.
    var info: InfoReport {
        InfoReport(
            engine, shared.turn.limiter, connections, venueClock, network: network, at: Self.monotonicNow,
            wallMilliseconds: SystemClock.wallMilliseconds)
    }

    func info(of subscribers: [Subscriber]) -> [SubscriptionInfo] {
        let info = info
        return subscribers.compactMap { info.subscription($0) }
    }

    var connectionInfo: ConnectionInfo { unsafe info.connections(connectionErrors, counters, unroutedChannels) }
}
