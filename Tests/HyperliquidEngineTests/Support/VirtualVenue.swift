import HyperliquidEngine
import HyperliquidWire

/// An engine beside a venue in virtual time. The venue acknowledges every request but those of feeds that are made to
/// misbehave.
struct VirtualVenue {
    /// What the venue does with a subscribe.
    enum Habit: Hashable {
        /// Ends the connection in this way, 90 to 155 ms later (docs/protocol.md, "Poisonous subscriptions").
        case kills(CloseReason)
        /// Acknowledges, and ends the connection in this way a little later.
        case acknowledgesAndKills(CloseReason)
        /// Answers neither the subscribe nor the unsubscribe, and sends no data.
        case ignores
        /// Acknowledges, and sends a message beyond the size limit, which may show its channel in its first bytes.
        case sendsTooLarge(showsChannel: Bool)
        /// Answers with this text.
        case refuses(String)
    }

    var engine: Engine
    private(set) var turn: Turn
    var habits: [FeedRequest: Habit] = [:]
    /// Whether dials fail.
    var isAway = false
    /// Whether the venue ends each connection in this way, 120 ms after any subscribe.
    var killsAll: CloseReason?
    /// Whether the venue opens connections and says nothing on them.
    var isDeaf: (ConnectionID) -> Bool = { _ in false }
    private(set) var failures: [SubscriptionID: Engine.Failure] = [:]
    private(set) var gaps: [UpstreamID: [Gap.Reason]] = [:]
    private(set) var dialTimes: [Instant] = []
    private(set) var deathCount = 0
    private(set) var sentCount = 0
    private(set) var now = Instant.start
    private var random: SplitMix64
    private var lastID: UInt64 = 0
    /// The facts to be reported to the engine, in the order in which they were planned.
    private var plans: [(time: Instant, input: Engine.Input)] = []
    /// The connections that are being killed: the venue reads nothing more of them.
    private var dying: Set<ConnectionID> = []

    init(seed: UInt64, _ change: (inout EngineConfiguration) -> Void = { _ in }) {
        var configuration = EngineConfiguration()
        change(&configuration)
        engine = Engine(configuration: configuration)
        turn = Turn(limits: configuration.limits)
        random = SplitMix64(seed: seed)
    }

    var poison: Set<FeedRequest> {
        get { Set(habits.keys) }
        set { habits = Dictionary(uniqueKeysWithValues: newValue.map { ($0, .kills(.broken("reset"))) }) }
    }

    var dialCount: Int { dialTimes.count }

    /// The subscriptions that ended as poisonous, in order of their ids.
    var poisoned: [SubscriptionID] {
        failures.filter { if case .poisoned = $0.value { true } else { false } }.keys.sorted()
    }

    mutating func subscribe(_ feed: some Feed, timeout: Duration? = nil) -> SubscriptionID {
        lastID += 1
        let id = SubscriptionID(lastID)
        handle(.subscribed(id, feed.request, feed.traits, timeout: timeout, waitsForLimits: true))
        return id
    }

    func isLive(_ id: SubscriptionID) -> Bool {
        engine.registry.subscriptions[id].flatMap { engine.registry[$0.upstream]?.isLive } ?? false
    }

    func gapCount(_ id: SubscriptionID) -> Int {
        engine.registry.subscriptions[id].map { gaps[$0.upstream]?.count ?? 0 } ?? 0
    }

    mutating func handle(_ input: Engine.Input) {
        turn.now = now
        engine.handle(input, &turn)
        let effects = turn.effects
        turn.effects = []
        for effect in effects { perform(effect) }
    }

    private mutating func perform(_ effect: Engine.Effect) {
        switch effect {
        case .dial(let connection, _):
            dialTimes.append(now)
            let failed = Engine.Input.connectionClosed(
                connection, .dialFailed("refused", httpStatus: nil), draw: random.next())
            plan(isAway ? failed : .connectionOpened(connection), within: 1...40)
        case .close(let connection):
            plan(.connectionClosed(connection, .closedByUs, draw: random.next()), within: 1...40)
        case .send(let connection, let message):
            sentCount += 1
            if !isDeaf(connection) { read(message, on: connection) }
        case .fail(let id, let failure): failures[id] = failure
        case .announceGap(let id, let reason): gaps[id, default: []].append(reason)
        case .bind, .attach, .detach, .expectReplay, .beginHandover, .endHandover, .cancelHandover, .confirm,
            .sendPost, .failPost, .forget, .note, .finish:
            break
        }
    }

    private mutating func read(_ message: Engine.Message, on connection: ConnectionID) {
        guard !dying.contains(connection) else { return }
        // Some answers are under way for so long that the connection is killed before they arrive.
        let slow = 20...300 as ClosedRange<UInt64>
        switch message {
        case .subscribe(let request):
            if let killsAll { kill(connection, killsAll, within: 120...120) }
            switch habits[request] {
            case .kills(let reason): kill(connection, reason, within: 90...155)
            case .acknowledgesAndKills(let reason):
                plan(.acknowledged(connection, .subscribe, echo: request), within: 20...80)
                kill(connection, reason, within: 90...155)
            case .ignores: break
            case .sendsTooLarge(let showsChannel):
                plan(.acknowledged(connection, .subscribe, echo: request), within: 20...80)
                let senders = showsChannel ? [engine.registry.upstream(of: request)].compactMap { $0 } : nil
                kill(connection, .messageTooLarge(limit: 1 << 24, from: senders), within: 90...155)
            case .refuses(let text): plan(.errorArrived(connection, VenueError(text: text)), within: slow)
            case nil: plan(.acknowledged(connection, .subscribe, echo: request), within: slow)
            }
        case .unsubscribe(let request):
            if habits[request] != .ignores {
                plan(.acknowledged(connection, .unsubscribe, echo: request), within: slow)
            }
        case .ping: plan(.pongArrived(connection), within: slow)
        }
    }

    /// Ends all connections in this way.
    mutating func killAll(_ reason: CloseReason) {
        for connection in engine.pool.connections where connection.isOpen {
            kill(connection.id, reason, within: 0...10)
        }
    }

    private mutating func kill(_ connection: ConnectionID, _ reason: CloseReason, within span: ClosedRange<UInt64>) {
        dying.insert(connection)
        plan(.connectionClosed(connection, reason, draw: random.next()), within: span)
    }

    private mutating func plan(_ input: Engine.Input, within milliseconds: ClosedRange<UInt64>) {
        let span = milliseconds.upperBound - milliseconds.lowerBound + 1
        let delay = Duration.milliseconds(Int64(milliseconds.lowerBound + random.next() % span))
        plans.append((now.advanced(by: delay), input))
    }

    mutating func run(for duration: Duration) { run(for: duration) { _ in false } }

    /// Runs until the condition holds, at most for this long.
    mutating func run(for duration: Duration, until isDone: (VirtualVenue) -> Bool) {
        let end = now.advanced(by: duration)
        while !isDone(self) {
            let planned = plans.indices.min { plans[$0].time < plans[$1].time }
            let times = [planned.map { plans[$0].time }, engine.deadline].compactMap { $0 }
            guard let next = times.min(), next <= end else { return now = end }
            now = max(now, next)
            if let planned, plans[planned].time <= now {
                let input = plans.remove(at: planned).input
                if case .connectionClosed(let connection, let reason, _) = input { forget(connection, reason) }
                handle(input)
            } else {
                handle(.woke)
            }
        }
    }

    /// Drops the planned facts of a connection that has ended.
    private mutating func forget(_ connection: ConnectionID, _ reason: CloseReason) {
        if reason != .closedByUs { deathCount += 1 }
        plans.removeAll { plan in
            switch plan.input {
            case .connectionOpened(connection), .connectionClosed(connection, _, _), .acknowledged(connection, _, _),
                .pongArrived(connection), .errorArrived(connection, _):
                true
            default: false
            }
        }
    }
}
