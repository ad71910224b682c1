import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// The parts of the world that the clients of one address share: time, exchange, checks and rate limiter.
final class SharedVenue {
    private struct Member {
        unowned let world: World
    }

    var now = Instant.start
    var exchange: Exchange
    var limitChecker: LimitChecker
    var origins = MessageOrigins()
    /// What the venue has done to each identity, by which the errors of subscriptions are judged.
    var treatment: TreatmentHistory
    var journal = Journal()
    /// Whether faults are injected. Turned off before the run checks that every subscription becomes live.
    var allowsFaults = true
    /// The turn that every engine is given, with the rate limiter that all clients share.
    var turn: Turn
    private var members: [Member] = []
    /// The number of steps so far.
    private(set) var stepCount = 0
    /// The number of wakes without an effect since the first one at their time.
    private var idleWakeCount = 0
    private var idleWakeTime = Instant.start

    /// The number of ids at the venue that are reserved for the connections of each client.
    static let idsPerClient: UInt64 = 1_000_000

    init(_ plan: WorldPlan) {
        exchange = Exchange(configuration: plan.exchange)
        treatment = TreatmentHistory(plan)
        limitChecker = LimitChecker(limits: plan.engine.limits)
        turn = Turn(limits: plan.engine.limits)
    }

    var worlds: [World] { members.map(\.world) }

    func join(_ world: World) -> Int {
        members.append(Member(world: world))
        return members.count - 1
    }

    // MARK: Time

    /// Performs the next event at its time. Returns `false` if there is none or an invariant is violated.
    func step() -> Bool {
        let exchangeDeadline = exchange.deadline
        guard let next = nextTime(exchangeDeadline), journal.violation == nil else { return false }
        stepCount += 1
        now = max(now, next)
        if let member = members.first(where: { isDue($0.world.timeline.nextTime) }) {
            if let event = member.world.timeline.takeFirst() { member.world.perform(event) }
        } else if isDue(exchangeDeadline) {
            tellExchange(.woke)
        } else if let world = members.first(where: { isDue($0.world.deadline) })?.world {
            idleWakeCount = idleWakeTime == now ? idleWakeCount + 1 : 0
            idleWakeTime = now
            if idleWakeCount > 20 { journal.violate("the engine wakes repeatedly without an effect", at: now) }
            world.submit(.woke)
        }
        checkInvariants()
        return journal.violation == nil
    }

    private func isDue(_ time: Instant?) -> Bool { time.map { $0 <= now } == true }

    /// The time of the next event, `nil` if there is none.
    private func nextTime(_ exchangeDeadline: Instant?) -> Instant? {
        var next = exchangeDeadline
        for member in members {
            next = Self.earlier(next, member.world.timeline.nextTime)
            next = Self.earlier(next, member.world.deadline)
        }
        return next
    }

    private static func earlier(_ one: Instant?, _ other: Instant?) -> Instant? {
        guard let one, let other else { return one ?? other }
        return min(one, other)
    }

    /// Checks the invariants of what this step may have changed, and of everything once in 64 steps.
    private func checkInvariants() {
        let isFull = stepCount.isMultiple(of: 64)
        var isLimiterDue = isFull
        for member in members {
            if member.world.isChanged { isLimiterDue = true }
            member.world.checkInvariants(isFull: isFull)
        }
        if isLimiterDue { checkRateLimiter(worlds) }
    }

    func noteWork() { idleWakeCount = 0 }

    /// Runs until `condition` holds or `limit` has passed. Returns whether it holds.
    func run(for limit: Duration, until condition: () -> Bool) -> Bool {
        let end = now.advanced(by: limit)
        while !condition() {
            guard now <= end, step() else { return false }
        }
        return true
    }

    // MARK: Venue

    /// Makes a fault of the exchange happen.
    func cause(_ fault: FaultAction) {
        treatment.note(fault, exchange, at: now)
        tellExchange(.fault(fault))
    }

    func tellExchange(_ input: Exchange.Input) {
        var effects: [Exchange.Effect] = []
        exchange.handle(input, at: now, into: &effects)
        for effect in effects {
            switch effect {
            case .send(let id, _, of: _), .close(let id, code: _, reason: _), .drop(let id):
                members[Int(id.rawValue / Self.idsPerClient)].world.perform(effect)
            }
        }
    }

    // MARK: Rate limiter

    /// Runs a turn of one client's engine and returns its effects. If it released a part of the limits, the other
    /// clients are woken.
    func takeTurn(of world: World, _ body: (inout Turn) -> Void) -> [Engine.Effect] {
        world.willTakeTurn()
        let before = turn.limiter.changeCount
        turn.now = now
        body(&turn)
        let effects = turn.effects
        turn.effects = []
        if turn.limiter.changeCount > before {
            for other in worlds where other !== world { other.timeline.schedule(.capacityReturned, at: now) }
        }
        return effects
    }

    private func checkRateLimiter(_ worlds: [World]) {
        let limiter = turn.limiter
        let placed = worlds.reduce(0) { $0 + $1.engine.pool.placedCount }
        if limiter.subscriptionCount != placed {
            let count = limiter.subscriptionCount
            journal.violate("the rate limiter counts \(count) subscriptions, but \(placed) have a slot", at: now)
        }
        let connections = worlds.reduce(0) { $0 + $1.engine.pool.connectionCount }
        if limiter.connectionCount != connections {
            let count = limiter.connectionCount
            journal.violate("the rate limiter counts \(count) connections, but \(connections) exist", at: now)
        }
    }
}
