import HyperliquidEngine
import HyperliquidWire

/// An engine beside a venue in virtual time, which kills a connection that asks for a poisonous feed and acknowledges
/// all other requests.
struct VirtualVenue {
    var engine: Engine
    private(set) var turn: Turn
    var poison: Set<FeedRequest> = []
    /// Whether dials fail.
    var isAway = false
    private(set) var poisoned: [SubscriptionID] = []
    private(set) var dialCount = 0
    private(set) var deathCount = 0
    private(set) var sentCount = 0
    private(set) var now = Instant.start
    private var random: SplitMix64
    private var lastID: UInt64 = 0
    /// The facts to be reported to the engine, in the order in which they were planned.
    private var plans: [(time: Instant, input: Engine.Input)] = []
    /// The connections that have asked for a poisonous feed: the venue reads nothing more of them.
    private var dying: Set<ConnectionID> = []

    init(seed: UInt64, _ change: (inout EngineConfiguration) -> Void = { _ in }) {
        var configuration = EngineConfiguration()
        change(&configuration)
        engine = Engine(configuration: configuration)
        turn = Turn(limits: configuration.limits)
        random = SplitMix64(seed: seed)
    }

    mutating func subscribe(_ feed: some Feed) -> SubscriptionID {
        lastID += 1
        let id = SubscriptionID(lastID)
        handle(.subscribed(id, feed.request, feed.traits, timeout: nil, waitsForLimits: true))
        return id
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
            dialCount += 1
            let failed = Engine.Input.connectionClosed(
                connection, .dialFailed("refused", httpStatus: nil), draw: random.next())
            plan(isAway ? failed : .connectionOpened(connection), within: 1...40)
        case .close(let connection):
            plan(.connectionClosed(connection, .closedByUs, draw: random.next()), within: 1...40)
        case .send(let connection, let message):
            sentCount += 1
            read(message, on: connection)
        case .fail(let id, .poisoned): poisoned.append(id)
        case .bind, .attach, .detach, .expectReplay, .beginHandover, .endHandover, .cancelHandover, .confirm, .fail,
            .announceGap, .sendPost, .failPost, .forget, .note,
            .finish:
            break
        }
    }

    private mutating func read(_ message: Engine.Message, on connection: ConnectionID) {
        guard !dying.contains(connection) else { return }
        switch message {
        case .subscribe(let request) where poison.contains(request):
            dying.insert(connection)
            // docs/protocol.md, "Poisonous subscriptions": killed 90 to 155 ms later.
            plan(.connectionClosed(connection, .broken("reset"), draw: random.next()), within: 90...155)
        // Some answers are under way for so long that the connection is killed before they arrive.
        case .subscribe(let request): plan(.acknowledged(connection, .subscribe, echo: request), within: 20...300)
        case .unsubscribe(let request): plan(.acknowledged(connection, .unsubscribe, echo: request), within: 20...300)
        case .ping: plan(.frameArrived(connection), within: 20...300)
        }
    }

    private mutating func plan(_ input: Engine.Input, within milliseconds: ClosedRange<UInt64>) {
        let span = milliseconds.upperBound - milliseconds.lowerBound + 1
        let delay = Duration.milliseconds(Int64(milliseconds.lowerBound + random.next() % span))
        plans.append((now.advanced(by: delay), input))
    }

    mutating func run(for duration: Duration) {
        let end = now.advanced(by: duration)
        while true {
            let planned = plans.indices.min { plans[$0].time < plans[$1].time }
            let times = [planned.map { plans[$0].time }, engine.deadline].compactMap { $0 }
            guard let next = times.min(), next <= end else { break }
            now = max(now, next)
            if let planned, plans[planned].time <= now {
                let input = plans.remove(at: planned).input
                if case .connectionClosed(let connection, let reason, _) = input { forget(connection, reason) }
                handle(input)
            } else {
                handle(.woke)
            }
        }
        now = end
    }

    /// Drops the planned facts of a connection that has ended.
    private mutating func forget(_ connection: ConnectionID, _ reason: CloseReason) {
        if reason.isAbnormal { deathCount += 1 }
        plans.removeAll { plan in
            switch plan.input {
            case .connectionOpened(connection), .connectionClosed(connection, _, _), .acknowledged(connection, _, _),
                .frameArrived(connection):
                true
            default: false
            }
        }
    }
}
