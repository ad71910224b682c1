internal import HyperliquidEngine
internal import NIOCore

/// The shell: owns the engine, the connections and the subscribers, and decides nothing. Bound to the client's loop.
///
/// One input at a time: what happens while effects are performed is queued.
@safe final class ClientCore {
    let eventLoop: any EventLoop
    let network: HyperliquidNetwork
    let configuration: ClientConfiguration
    let flushQueue = _FlushQueue()
    private(set) var engine: Engine
    /// What all clients of the network spend; joined with the first step.
    private lazy var shared = SharedRateLimiter.joined(by: self, limits: engine.configuration.limits)
    private(set) var now = MonotonicClock.now
    private(set) var wallMilliseconds = WallClock.milliseconds
    /// Unchecked: no access to them calls anything.
    @exclusivity(unchecked) var counters = Counters()
    /// Sees each message before it is read; for the command line's raw format.
    var rawMessageHandler: ((borrowing Span<UInt8>) -> Void)?
    var upstreams: [UpstreamID: UpstreamDispatcher] = [:]
    var records: [SubscriptionID: SubscriptionRecord] = [:]
    var ports: [ConnectionID: ConnectionHandler] = [:]
    var onFinish: [() -> Void] = []
    private(set) var isFinished = false
    var lastSubscription: UInt64 = 0
    var posts: [PostID: PendingPost] = [:]
    var lastPost: UInt64 = 0
    /// What went wrong on each slot lately, oldest first.
    var slotErrors: [SlotID: [String]] = [:]
    private var inputs: [Engine.Input] = []
    private var effects: [Engine.Effect] = []
    private var isStepping = false
    /// Whether the engine was told something since it last did what may be done, and whether that was news.
    private var isStepDue = false
    private var isAdvanceDue = false
    private var isStepScheduled = false
    private var isTurning = false
    /// How many messages had been counted when the turn began, and how many bytes may have been before it is looked
    /// at whether it should end.
    private var turnStart = 0
    private var turnLimit = 0
    private static let turnByteCount = 128 << 10
    private var deadlineTimer: DeadlineTimer
    let log: ClientLog
    var metrics: ClientMetrics

    /// What happened that no subscription can be told of.
    struct Counters {
        /// All messages, acknowledgements included, and their bytes.
        var messageCount = 0
        var byteCount = 0
        /// Messages that belong to no subscription: late ones, unknown channels, texts that are no JSON.
        var unroutedCount = 0
        /// Calls of subscribers' callbacks that held up the loop.
        var slowCallCount = 0
    }

    init(
        network: HyperliquidNetwork, configuration: ClientConfiguration, engine: EngineConfiguration,
        eventLoop: any EventLoop
    ) {
        self.network = network
        self.configuration = configuration
        self.eventLoop = eventLoop
        self.engine = Engine(configuration: engine)
        deadlineTimer = DeadlineTimer(eventLoop: eventLoop)
        log = ClientLog(logger: configuration.logger)
        metrics = ClientMetrics(network: network)
    }

    // MARK: Turns

    /// Takes the time once for all that a read brings.
    @inline(__always) func startTurn() {
        guard !isTurning else { return }
        beginTurn()
    }

    private func beginTurn() {
        isTurning = true
        turnLimit = unsafe counters.byteCount &+ Self.turnByteCount
        turnStart = unsafe counters.messageCount
        now = MonotonicClock.now
        wallMilliseconds = WallClock.milliseconds
    }

    /// Counts a message that has been delivered. Many of them end the turn before their read is over: what they
    /// became is handed on while it is still in the processor's cache.
    @inline(__always) func count(byteCount: Int) {
        unsafe counters.messageCount &+= 1
        unsafe counters.byteCount &+= byteCount
        if unsafe counters.byteCount >= turnLimit { renewTurn() }
    }

    private func renewTurn() {
        turnLimit = unsafe counters.byteCount &+ Self.turnByteCount
        // Many subscribers with a few messages each are better woken once for the whole read.
        guard unsafe flushQueue.count * 4 <= counters.messageCount &- turnStart else { return }
        endTurn()
        beginTurn()
    }

    /// Has the engine do what the facts of a read allow, and lets the read's batches go.
    func endTurn() {
        repeat {
            if isStepDue, !isStepping { step() }
            flushQueue.flush()
            // A buffer that overflowed has ended its subscription.
        } while isStepDue && !isStepping
        isTurning = false
        unsafe metrics.tell(counters, self, at: now)
        HyperliquidClient.loopTaskExecutor.drain()
    }

    // MARK: Steps

    /// Tells the engine a fact. What follows from it is done at once, or at the end of the turn for all facts of a read
    /// together: 500 acknowledgements are then looked at one by one, and what to send next is looked for once a read.
    ///
    /// - Parameter mayWait: Whether, outside of a read, what follows is done soon, for all that is told until then.
    func submit(_ input: Engine.Input, mayWait: Bool = false) {
        guard !isStepping else { return inputs.append(input) }
        if !isTurning {
            now = MonotonicClock.now
            wallMilliseconds = WallClock.milliseconds
        }
        isStepping = true
        shared.step(of: self) {
            take(input)
            takeInputs()
        }
        isStepping = false
        isStepDue = true
        if isTurning { return }
        if mayWait { return scheduleStep() }
        step()
        flushQueue.flush()
    }

    private func scheduleStep() {
        guard !isStepScheduled else { return }
        isStepScheduled = true
        eventLoop.assumeIsolated().execute { [self] in
            isStepScheduled = false
            startTurn()
            endTurn()
        }
    }

    /// Takes in what has been told, and does all that may be done then.
    private func step() {
        isStepping = true
        shared.step(of: self) {
            repeat {
                takeInputs()
                guard isAdvanceDue else { break }
                isAdvanceDue = false
                shared.turn.now = now
                engine.advance(&shared.turn)
                performEffects()
            } while !inputs.isEmpty
        }
        isStepping = false
        isStepDue = false
        deadlineTimer.arm(at: engine.deadline, now: now) { [unowned self] in
            self.deadlineTimer.fired()
            self.submit(.woke)
        }
    }

    private func take(_ input: Engine.Input) {
        shared.turn.now = now
        if engine.take(input, &shared.turn) { isAdvanceDue = true }
        performEffects()
    }

    /// Takes in what was told while effects were performed.
    private func takeInputs() {
        guard !inputs.isEmpty else { return }
        var position = 0
        while position < inputs.count {
            position += 1
            take(inputs[position - 1])
        }
        inputs.removeAll(keepingCapacity: true)
    }

    /// Performs what the engine has commanded; what that tells the engine waits its turn.
    private func performEffects() {
        guard !shared.turn.effects.isEmpty else { return }
        swap(&effects, &shared.turn.effects)
        for effect in effects { perform(effect) }
        effects.removeAll(keepingCapacity: true)
    }

    /// Another client of the network gave something back.
    func wake() {
        if !isFinished { submit(.woke) }
    }

    /// What the venue lets all clients of the network spend.
    var limiter: RateLimiter { shared.turn.limiter }

    func finish() {
        isFinished = true
        shared.leave(self)
        deadlineTimer.cancel()
        unsafe metrics.tellAll(counters, self, at: now)
        for action in onFinish { action() }
        onFinish = []
    }
}
