import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One seed from start to end: the storm, the calm in which everything must come back, the leaving, the drain.
struct SimulationRun {
    private let venue: SharedVenue
    private let worlds: [World]

    private init(_ plan: WorldPlan, clientCount: Int, isKept: Bool) {
        let venue = SharedVenue(plan, clientCount: clientCount)
        self.venue = venue
        worlds = (0..<clientCount).map { _ in World(plan, in: venue) }
        venue.journal.isKept = isKept
    }

    /// What went wrong, with the shortest run found that shows it and the end of its story; nothing if nothing did.
    static func failure(of plan: WorldPlan, clientCount: Int = 1) -> String? {
        let run = SimulationRun(plan, clientCount: clientCount, isKept: false)
        guard run.run() != nil else { return nil }
        var shortest = plan
        var step = shortest.actionCount / 2
        while step > 0 {
            var shorter = shortest
            shorter.actionCount -= step
            if shorter.actionCount > 0, SimulationRun(shorter, clientCount: clientCount, isKept: false).run() != nil {
                shortest = shorter
            } else {
                step /= 2
            }
        }
        let told = SimulationRun(shortest, clientCount: clientCount, isKept: true)
        let violation = told.run() ?? "it holds when told"
        return "\(shortest)\n\(violation)\n\(told.venue.journal.tail(Seeds.replayed == nil ? 20 : 200))"
    }

    /// Where two runs of one plan part; nothing when they are the same to the end.
    static func divergence(of plan: WorldPlan) -> String? {
        let runs = (0..<2).map { _ in SimulationRun(plan, clientCount: 1, isKept: true) }
        for run in runs { _ = run.run() }
        let (first, second) = (runs[0].venue.journal.lines, runs[1].venue.journal.lines)
        if first == second { return nil }
        let index = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        return
            "seed \(plan.seed), line \(index):\n\(first[index])\n\(second[index])\nafter\n\(first[max(0, index - 5)..<index].joined(separator: "\n"))"
    }

    /// The digest of a run's inputs and effects, and its story when it is to be kept.
    static func record(_ plan: WorldPlan, clientCount: Int, isKept: Bool) -> (digest: JournalDigest, lines: [String]) {
        let run = SimulationRun(plan, clientCount: clientCount, isKept: isKept)
        run.venue.journal.digest = JournalDigest()
        let violation = run.run()
        return (run.venue.journal.digest ?? JournalDigest(), run.venue.journal.lines + [violation ?? "all holds"])
    }

    private func run() -> String? {
        if venue.run(for: .seconds(100_000), until: { worlds.allSatisfy { $0.actionsLeft == 0 } }) { comeBack() }
        if venue.journal.violation == nil { leaveAll() }
        for world in worlds where venue.journal.violation == nil { drain(world) }
        return venue.journal.violation
    }

    // MARK: After the storm

    /// Every subscription that fits becomes live within the wait that its limits impose, whoever's it is.
    private func comeBack() {
        worlds[0].endStorm()
        for world in worlds {
            if !world.isStarted { world.start() }
            releaseWhatCannotFit(world)
        }
        let isBack = venue.run(for: Self.longestWait) {
            worlds.allSatisfy { ($0.isEverythingLive || isCrowdedOut($0)) && $0.posters.isEmpty }
        }
        let missing = worlds.map { world in
            let slots = world.engine.pool.slots.map {
                "\($0.id) \($0.kind) \($0.memberCount) \($0.connection?.id as ConnectionID?)"
            }
            return
                "\(world.missing) beside \(slots), slots to \(world.engine.placements.placement.limits.connectionCount)"
        }
        if !isBack { venue.journal.violate("not back after \(Self.longestWait): \(missing)", at: venue.now) }
    }

    /// Whether others keep more than their share of the connections, and have use for each.
    private func isCrowdedOut(_ world: World) -> Bool {
        let others = worlds.filter { $0 !== world }
        let count = others.reduce(0) { $0 + $1.engine.pool.connectionCount }
        return count * worlds.count > world.plan.engine.limits.connectionCount * (worlds.count - 1)
            && !others.contains(where: \.hasPlainlySpareConnection)
    }

    /// Windows of dials and of messages, the linger of users, a dead peer's silence, three unanswered tries, the
    /// longest backoff, and a dial for each suspect.
    private static let longestWait: Duration = .seconds(420)

    private func releaseWhatCannotFit(_ world: World) {
        var capacity = CapacityCheck(world.plan, share: worlds.count)
        for (id, subscriber) in world.subscribers.sorted(by: { $0.key < $1.key })
        where !capacity.takes(subscriber.offer) {
            world.release(id)
        }
    }

    /// When nobody wants anything any more, nothing is left anywhere.
    private func leaveAll() {
        for world in worlds {
            for id in world.subscribers.keys.sorted() { world.release(id) }
        }
        let isEmpty = venue.run(for: .seconds(120)) {
            worlds.allSatisfy { world in
                world.engine.registry.upstreams.isEmpty && world.engine.pool.slots.isEmpty
                    && world.engine.pool.connectionCount == 0
                    && world.engine.posts.inFlightCount == 0
            }
        }
        let rateLimiter = venue.turn.limiter
        let remains = [
            !isEmpty, !venue.limitChecker.isEmpty, rateLimiter.subscriptionCount > 0, rateLimiter.connectionCount > 0,
            rateLimiter.postCount > 0, worlds.contains { !$0.engine.placements.waiting.isEmpty },
            worlds.contains { !$0.engine.poison.hasNoTrial },
        ]
        if remains.contains(true) {
            let left = worlds.map { "\($0.engine.pool)" }
            venue.journal.violate("something remains: \(remains) \(left)", at: venue.now)
        }
    }

    private func drain(_ world: World) {
        for offer in world.plan.offers.prefix(6) { world.subscribe(offer, patient: true) }
        for _ in 0..<3 { world.postSomething() }
        _ = venue.run(for: .milliseconds(world.random.number(0...3000))) { false }
        guard venue.journal.violation == nil else { return }
        world.isDraining = true
        world.submit(.drained)
        if !venue.run(for: .seconds(10), until: { world.isFinished }) {
            venue.journal.violate("the drain does not end", at: venue.now)
        }
        if !world.posters.isEmpty { venue.journal.violate("\(world.posters) have no answer", at: venue.now) }
    }
}

extension World {
    /// Whether all that one connection carries could go to one other: judged by what messages show, for the policy that
    /// has no other reason to keep feeds apart.
    var hasPlainlySpareConnection: Bool {
        guard plan.engine.policy == .packed, plan.engine.limits.usersPerConnection == nil,
            rateLimiter.subscriptionCount < plan.engine.limits.subscriptionCount
        else { return false }
        let slots = engine.pool.slots.filter { $0.connection != nil && $0.kind != .probe }.map { slot in
            slot.members.compactMap { engine.registry[$0].flatMap { OfferedFeeds.byRequest[$0.request] } }
        }
        let most = plan.engine.limits.subscriptionsPerConnection ?? .max
        return slots.indices.contains { one in
            slots.indices.contains { other in
                guard one != other, let endpoint = slots[other].first?.traits.endpoint else { return false }
                let visible = slots[one].map(\.visible) + slots[other].map(\.visible)
                return Set(visible).count == visible.count && visible.count <= most
                    && visible.allSatisfy { $0.endpoint == endpoint }
            }
        }
    }

    var missing: [String] {
        engine.registry.upstreams.values.filter { !$0.isLive }.map { "\($0.request) \($0.state)" }.sorted()
    }

    var isEverythingLive: Bool {
        engine.registry.upstreams.values.allSatisfy(\.isLive) && subscribers.values.allSatisfy(\.isConfirmed)
    }
}
