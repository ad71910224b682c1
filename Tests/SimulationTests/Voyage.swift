import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One seed from start to end: the storm, the calm in which everything must come back, the leaving, the drain.
struct Voyage {
    private let world: World

    private init(_ plan: WorldPlan, isKept: Bool) {
        world = World(plan)
        world.journal.isKept = isKept
    }

    /// What went wrong, with the shortest run found that shows it and the end of its story; nothing if nothing did.
    static func failure(of plan: WorldPlan) -> String? {
        let voyage = Voyage(plan, isKept: false)
        guard voyage.run() != nil else { return nil }
        var shortest = plan
        var step = shortest.actionCount / 2
        while step > 0 {
            var shorter = shortest
            shorter.actionCount -= step
            if shorter.actionCount > 0, Voyage(shorter, isKept: false).run() != nil {
                shortest = shorter
            } else {
                step /= 2
            }
        }
        let told = Voyage(shortest, isKept: true)
        let violation = told.run() ?? "it holds when told"
        return "\(shortest)\n\(violation)\n\(told.world.journal.tail(Seeds.replayed == nil ? 20 : 200))"
    }

    /// Where two runs of one plan part; nothing when they are the same to the end.
    static func divergence(of plan: WorldPlan) -> String? {
        let voyages = [Voyage(plan, isKept: true), Voyage(plan, isKept: true)]
        for voyage in voyages { _ = voyage.run() }
        let (first, second) = (voyages[0].world.journal.lines, voyages[1].world.journal.lines)
        if first == second { return nil }
        let index = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        return
            "seed \(plan.seed), line \(index):\n\(first[index])\n\(second[index])\nafter\n\(first[max(0, index - 5)..<index].joined(separator: "\n"))"
    }

    private func run() -> String? {
        if world.run(for: .seconds(100_000), until: { world.actionsLeft == 0 }) { comeBack() }
        if world.journal.violation == nil { leaveAll() }
        if world.journal.violation == nil { drain() }
        return world.journal.violation
    }

    // MARK: After the storm

    /// Every subscription that fits becomes live within the wait that its limits impose.
    private func comeBack() {
        world.endStorm()
        if !world.isStarted { world.start() }
        releaseWhatCannotFit()
        let isBack = world.run(for: Self.longestWait) { world.isEverythingLive && world.posters.isEmpty }
        if !isBack { world.journal.violate("not back after \(Self.longestWait): \(world.missing)", at: world.now) }
    }

    /// Windows of dials and of messages, the linger of users, a dead peer's silence, three unanswered tries, the
    /// longest backoff, and a dial for each suspect.
    private static let longestWait: Duration = .seconds(420)

    private func releaseWhatCannotFit() {
        var fitting = Fitting(world.plan)
        for (id, claimant) in world.claimants.sorted(by: { $0.key < $1.key }) where !fitting.takes(claimant.offer) {
            world.release(id)
        }
    }

    /// When nobody wants anything any more, nothing is left anywhere.
    private func leaveAll() {
        for id in world.claimants.keys.sorted() { world.release(id) }
        let isEmpty = world.run(for: .seconds(120)) {
            world.engine.ledger.wires.isEmpty && world.engine.lanes.isEmpty && world.engine.links.isEmpty
                && world.engine.posts.inFlightCount == 0
        }
        let remains = [
            !isEmpty, !world.books.isEmpty, world.engine.allowance.subscriptionCount > 0,
            world.engine.allowance.connectionCount > 0, world.engine.allowance.postCount > 0, !world.engine.unplaced.isEmpty, !world.engine.suspects.isEmpty,
        ]
        if remains.contains(true) {
            world.journal.violate(
                "something remains: \(remains) \(world.engine.lanes) \(world.engine.links)", at: world.now)
        }
    }

    private func drain() {
        for offer in world.plan.offers.prefix(6) { world.claim(offer, patient: true) }
        for _ in 0..<3 { world.postSomething() }
        _ = world.run(for: .milliseconds(world.chance.number(0...3000))) { false }
        guard world.journal.violation == nil else { return }
        world.isDraining = true
        world.submit(.drained)
        if !world.run(for: .seconds(10), until: { world.isFinished }) {
            world.journal.violate("the drain does not end", at: world.now)
        }
        if !world.posters.isEmpty { world.journal.violate("\(world.posters) have no answer", at: world.now) }
    }
}

extension World {
    var missing: [String] {
        engine.ledger.wires.values.filter { !$0.isLive }.map { "\($0.request) \($0.state)" }.sorted()
    }

    var isEverythingLive: Bool {
        engine.ledger.wires.values.allSatisfy(\.isLive) && claimants.values.allSatisfy(\.isConfirmed)
    }
}
