import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// What the clients of one address share: the time, the venue, its judge, and what the venue allows.
final class SharedVenue {
    private struct Member {
        unowned let world: World
    }

    var now = Instant.start
    var exchange: Exchange
    var limitChecker: LimitChecker
    var origins = MessageOrigins()
    var journal = Journal()
    /// Whether faults may happen: no more once liveness is demanded.
    var isStormy = true
    /// The surroundings of every client's turns, with the rate limiter that all share.
    var turn: Turn
    private var members: [Member] = []
    private var lastAwake: Int?
    private var idleWakeCount = 0

    /// Connections are numbered for each client from here.
    static let span: UInt64 = 1_000_000

    init(_ plan: WorldPlan, clientCount: Int = 1) {
        exchange = Exchange(configuration: plan.exchange)
        limitChecker = LimitChecker(limits: plan.engine.limits)
        turn = Turn(limits: plan.engine.limits)
    }

    var worlds: [World] { members.map(\.world) }

    func join(_ world: World) -> Int {
        members.append(Member(world: world))
        return members.count - 1
    }

    // MARK: Time

    /// What happens next, at its time; false when nothing ever will, or something went wrong.
    func step() -> Bool {
        let worlds = worlds
        let times = worlds.flatMap { [$0.timeline.nextTime, $0.engine.deadline] } + [exchange.deadline]
        guard let next = times.compactMap({ $0 }).min(), journal.violation == nil else { return false }
        let isLater = next > now
        now = max(now, next)
        let isDue: (Instant?) -> Bool = { [now] in $0.map { $0 <= now } == true }
        if let world = worlds.first(where: { isDue($0.timeline.nextTime) }) {
            if let event = world.timeline.takeFirst() { world.perform(event) }
        } else if isDue(exchange.deadline) {
            tellExchange(.woke)
        } else if let world = worlds.first(where: { isDue($0.engine.deadline) }) {
            idleWakeCount = isLater ? 0 : idleWakeCount + 1
            if idleWakeCount > 20 { journal.violate("the engine wakes again and again and does nothing", at: now) }
            world.submit(.woke)
        }
        for world in worlds { world.checkInvariants() }
        checkRateLimiter(worlds)
        return journal.violation == nil
    }

    func noteWork() { idleWakeCount = 0 }

    /// Runs until `condition` holds or `limit` has passed; whether it holds.
    func run(for limit: Duration, until condition: () -> Bool) -> Bool {
        let end = now.advanced(by: limit)
        while !condition() {
            guard now <= end, step() else { return false }
        }
        return true
    }

    // MARK: The venue

    func tellExchange(_ input: Exchange.Input) {
        var effects: [Exchange.Effect] = []
        exchange.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let id, _, of: _), .close(let id, code: _, reason: _), .drop(let id):
                members[Int(id.rawValue / Self.span)].world.perform(effect)
            }
        }
    }

    // MARK: The rate limiter

    /// Runs a turn of one client's engine, wakes the others if it gave something back, and returns its effects.
    func takeTurn(of world: World, _ body: (inout Turn) -> Void) -> [Engine.Effect] {
        let before = turn.limiter.changeCount
        turn.now = now
        body(&turn)
        let effects = turn.effects
        turn.effects = []
        if turn.limiter.changeCount > before {
            for other in worlds where other !== world { other.timeline.plan(.capacityReturned, at: now) }
        }
        return effects
    }

    private func checkRateLimiter(_ worlds: [World]) {
        let limiter = turn.limiter
        let placed = worlds.reduce(0) { $0 + $1.engine.pool.placedCount }
        if limiter.subscriptionCount != placed {
            journal.violate("\(limiter.subscriptionCount) subscriptions count, \(placed) have a slot", at: now)
        }
        let connections = worlds.reduce(0) { $0 + $1.engine.pool.connectionCount }
        if limiter.connectionCount != connections {
            journal.violate("\(limiter.connectionCount) connections count, \(connections) are there", at: now)
        }
    }
}
