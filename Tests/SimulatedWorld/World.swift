package import Hyperliquid
package import HyperliquidEngine
import HyperliquidSimulator
package import HyperliquidWire
import WebSocketTransport

/// One client on a virtual time line: its engine, its simulated callers, and its network to the simulated exchange.
///
/// The world acts as the client's shell: it performs the engine's effects, and gives the venue's messages to the
/// client's own receivers and dispatchers. After every step, the invariants are checked.
package final class World: MessageReceiverOwner {
    enum ScheduledEvent {
        /// A caller acts or a fault is injected.
        case act
        case dialArrives(ConnectionID)
        case dialExpires(ConnectionID)
        case dialRefused(ConnectionID, status: Int)
        case dialSucceeds(ConnectionID)
        case messageArrives(ConnectionID, Engine.Message)
        case postArrives(ConnectionID, PostID, PostKind)
        case textArrives(ConnectionID, [VenueMessage], [UInt8])
        /// Part of a message arrives.
        case bytesArrive(ConnectionID)
        /// A dial fails before it reaches the venue.
        case dialFails(ConnectionID, cause: String)
        /// The engine acts on the facts of the messages since the start of the read.
        case readEnds
        /// The client's end of the connection closes.
        case clientEndCloses(ConnectionID, CloseReason)
        /// The venue's end of the connection closes.
        case venueEndCloses(ConnectionID)
        /// Another client has released capacity of the shared limits.
        case capacityReturned
        /// The venue's answers have their normal delay again.
        case delayEnds
        /// A broken habit of the venue is ended by this fault.
        case habitReturns(FaultAction)
        /// The client's end of the connection closes because of a message beyond the size limit, which began so.
        case sizeLimitCloses(ConnectionID, head: [UInt8])
    }

    let plan: WorldPlan
    let venue: SharedVenue
    /// The index of this client among the clients of the address.
    private(set) var index = 0
    package internal(set) var engine: Engine
    var random: SeededRandom
    var timeline = Timeline<ScheduledEvent>()
    var paths: [ConnectionID: NetworkPath] = [:]
    /// The client's own receivers. They route the exchange's messages to the dispatchers in `deliveries`.
    var receivers: [ConnectionID: MessageReceiver<World>] = [:]
    var deliveries: [UpstreamID: SimulatedDelivery] = [:]
    /// Counts what the callbacks of all deliveries were given.
    let eventCounter = EventCounter()
    /// The values of the counter at the last check of the accounts, and at the last reading of the buffers.
    var checkedEventCount = 0
    var readEventCount = 0
    /// The number of messages of the counter whose delivery was checked.
    var checkedMessageCount = 0
    let flushQueue = _FlushQueue()
    package var venueClock = VenueClock()
    var subscribers: [SubscriptionID: SimulatedSubscriber] = [:]
    var posts: [PostID: SimulatedPost] = [:]
    let reader = VenueMessageReader(TestFeeds.all.map(\.traits))
    var lastSubscription: UInt64 = 0
    var lastPost: UInt64 = 0
    var isFinished = false
    /// The number of actions so far.
    private(set) var actionCount = 0
    /// Whether the engine has had a turn since the last check.
    var isChanged = false
    /// The engine's deadline since its last turn, `nil` if it was not asked for since then.
    private var knownDeadline: Instant??
    /// Whether further actions follow.
    private(set) var isActing = true
    var inputs: [Engine.Input] = []
    /// Decides when the engine acts, as in the client.
    var turns = TurnScheduler()
    /// Whether a message of a read is being received.
    var isInRead = false
    /// Whether the end of the read is scheduled.
    var isReadEndPlanned = false
    var isStarted = false
    /// Checks the cost of poisonous feeds, `nil` if other faults cost connections too.
    var poisonCostChecker: PoisonCostChecker?
    /// The delays of connections that are dialled from now on.
    var latencyMilliseconds: Int
    var jitterMilliseconds: Int
    /// The time of day of the client's machine minus the venue's.
    var clockErrorMilliseconds: Int64
    /// Why dials fail before they reach the venue, and until when.
    var dialFailure: (cause: String, until: Instant)?
    /// The number of refusals for a limit.
    package internal(set) var refusalCount = 0
    var isDraining = false
    /// When the upstream subscription of each identity began, of the last one.
    var startsOfUpstreams: [FeedRequest: Instant] = [:]

    /// Creates a client.
    ///
    /// - Parameter venue: The venue of the other clients of its address, `nil` if there are none.
    package convenience init(_ plan: WorldPlan) { self.init(plan, in: nil) }

    init(_ plan: WorldPlan, in venue: SharedVenue?) {
        self.plan = plan
        self.venue = venue ?? SharedVenue(plan)
        engine = Engine(configuration: plan.engine)
        random = SeededRandom(seed: plan.seed)
        poisonCostChecker = plan.checksCost ? PoisonCostChecker(poisonousCount: plan.poisonousCount) : nil
        latencyMilliseconds = plan.latencyMilliseconds
        jitterMilliseconds = plan.jitterMilliseconds
        clockErrorMilliseconds = plan.clockErrorMilliseconds
        index = self.venue.join(self)
        if index > 0 { random = SeededRandom(seed: plan.seed &+ UInt64(index) << 32) }
        if plan.hasWrongClock { venueClock = VenueClock(localMilliseconds: wallMilliseconds, at: now) }
        timeline.schedule(.act, at: now)
        for guilty in plan.feeds.compactMap({ plan.guiltyFeeds[$0.request] })
        where !plan.leftOutFaults.contains(guilty.kind) {
            timeline.schedule(.habitReturns(guilty.fault), at: now)
        }
    }

    /// When the engine must be woken.
    var deadline: Instant? {
        if let knownDeadline { return knownDeadline }
        let deadline = engine.deadline
        knownDeadline = .some(deadline)
        return deadline
    }

    func willTakeTurn() {
        isChanged = true
        knownDeadline = nil
    }

    /// Counts an action. It is the last one if the plan has no more and the world has done enough steps.
    func countAction() {
        actionCount += 1
        isActing = actionCount < plan.actionCount || venue.stepCount < plan.stepCount
    }

    /// Ends the actions.
    package func stopActing() { isActing = false }

    package func run(for limit: Duration, until condition: () -> Bool) -> Bool {
        venue.run(for: limit, until: condition)
    }

    /// The id of a connection at the venue, among the connections of all clients.
    func venueConnection(_ connection: ConnectionID) -> ConnectionID {
        ConnectionID(connection.rawValue + UInt64(index) * SharedVenue.idsPerClient)
    }

    func perform(_ event: ScheduledEvent) {
        switch event {
        case .act: act()
        case .dialArrives(let connection): dialArrives(connection)
        case .dialExpires(let connection):
            if paths[connection]?.clientEnd == .dialling {
                endConnection(connection, .dialFailed("timed out", httpStatus: nil))
            }
        case .dialRefused(let connection, let status):
            if paths[connection] != nil { endConnection(connection, .dialFailed("refused", httpStatus: status)) }
        case .dialSucceeds(let connection):
            guard paths[connection]?.clientEnd == .dialling else { return }
            paths[connection]?.clientEnd = .open
            submit(.connectionOpened(connection))
        case .messageArrives(let connection, let message): messageArrives(connection, message)
        case .postArrives(let connection, let id, let kind): postArrives(connection, id, kind)
        case .textArrives(let connection, let messages, let text): textArrives(messages, text, on: connection)
        case .bytesArrive(let connection): bytesArrive(on: connection)
        case .dialFails(let connection, let cause):
            if paths[connection] != nil { endConnection(connection, .dialFailed(cause, httpStatus: nil)) }
        case .readEnds:
            isReadEndPlanned = false
            endRead()
        case .clientEndCloses(let connection, let reason): endConnection(connection, reason)
        case .venueEndCloses(let connection): closeVenueEnd(connection)
        case .capacityReturned: if !isFinished { submit(.woke) }
        case .delayEnds: venue.cause(.delayAnswers(plan.exchange.answerDelay))
        case .habitReturns(let fault): if venue.allowsFaults { causeHabitFault(fault) }
        case .sizeLimitCloses(let connection, let head): sizeLimitCloses(connection, head)
        }
    }
}

// MARK: Reports of the client's receivers

extension World {
    package var wallMilliseconds: Int64 { now.nanoseconds / 1_000_000 + clockErrorMilliseconds }

    package func countUnrouted() {}

    package func adoptedSpelling(of request: FeedRequest, on connection: ConnectionID) {
        // The exchange spells every coin as it was asked for.
        journal.violate("\(request) is given messages of another feed", at: now)
    }

    package func postAnswered(_ response: PostResponse, on connection: ConnectionID) {
        if response.limitRefusal == nil {
            postAnswered(response.id, addedWeight: response.addedWeight, on: connection)
        } else {
            postRejected(response.id, on: connection)
        }
        submit(response.input(on: connection))
    }

    package func decodingFailed(_ dispatcher: UpstreamDispatcher) {
        journal.violate("a message of \(dispatcher.request) cannot be decoded", at: now)
    }
}

// MARK: Shared with the other clients of the address

extension World {
    package var now: Instant { venue.now }

    var exchange: Exchange { venue.exchange }

    package var violation: String? { venue.journal.violation }

    var journal: Journal {
        get { venue.journal }
        _modify { yield &venue.journal }
    }

    var rateLimiter: RateLimiter { venue.turn.limiter }

    func tellExchange(_ input: Exchange.Input) { venue.tellExchange(input) }
}
