import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// One seed from start to end: the storm, the calm in which everything must come back, the leaving, the drain.
struct Voyage {
    private let setting: Setting
    private let worlds: [World]

    private init(_ plan: WorldPlan, clientCount: Int, isKept: Bool) {
        let setting = Setting(plan, clientCount: clientCount)
        self.setting = setting
        worlds = (0..<clientCount).map { _ in World(plan, in: setting) }
        setting.journal.isKept = isKept
    }

    /// What went wrong, with the shortest run found that shows it and the end of its story; nothing if nothing did.
    static func failure(of plan: WorldPlan, clientCount: Int = 1) -> String? {
        let voyage = Voyage(plan, clientCount: clientCount, isKept: false)
        guard voyage.run() != nil else { return nil }
        var shortest = plan
        var step = shortest.actionCount / 2
        while step > 0 {
            var shorter = shortest
            shorter.actionCount -= step
            if shorter.actionCount > 0, Voyage(shorter, clientCount: clientCount, isKept: false).run() != nil {
                shortest = shorter
            } else {
                step /= 2
            }
        }
        let told = Voyage(shortest, clientCount: clientCount, isKept: true)
        let violation = told.run() ?? "it holds when told"
        return "\(shortest)\n\(violation)\n\(told.setting.journal.tail(Seeds.replayed == nil ? 20 : 200))"
    }

    /// Where two runs of one plan part; nothing when they are the same to the end.
    static func divergence(of plan: WorldPlan) -> String? {
        let voyages = (0..<2).map { _ in Voyage(plan, clientCount: 1, isKept: true) }
        for voyage in voyages { _ = voyage.run() }
        let (first, second) = (voyages[0].setting.journal.lines, voyages[1].setting.journal.lines)
        if first == second { return nil }
        let index = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        return
            "seed \(plan.seed), line \(index):\n\(first[index])\n\(second[index])\nafter\n\(first[max(0, index - 5)..<index].joined(separator: "\n"))"
    }

    /// The digest of a run's inputs and effects, and its story when it is to be kept.
    static func record(_ plan: WorldPlan, clientCount: Int, isKept: Bool) -> (digest: JournalDigest, lines: [String]) {
        let voyage = Voyage(plan, clientCount: clientCount, isKept: isKept)
        voyage.setting.journal.digest = JournalDigest()
        _ = voyage.run()
        return (voyage.setting.journal.digest ?? JournalDigest(), voyage.setting.journal.lines)
    }

    private func run() -> String? {
        if setting.run(for: .seconds(100_000), until: { worlds.allSatisfy { $0.actionsLeft == 0 } }) { comeBack() }
        if setting.journal.violation == nil { leaveAll() }
        for world in worlds where setting.journal.violation == nil { drain(world) }
        return setting.journal.violation
    }

    // MARK: After the storm

    /// Every subscription that fits becomes live within the wait that its limits impose, whoever's it is.
    private func comeBack() {
        worlds[0].endStorm()
        for world in worlds {
            if !world.isStarted { world.start() }
            releaseWhatCannotFit(world)
        }
        let isBack = setting.run(for: Self.longestWait) {
            worlds.allSatisfy { ($0.isEverythingLive || isCrowdedOut($0)) && $0.posters.isEmpty }
        }
        let missing = worlds.map { world in
            let lanes = world.engine.lanes.map { "\($0.id) \($0.kind) \($0.memberCount) \($0.link as LinkID?)" }
            return "\(world.missing) beside \(lanes), lanes to \(world.engine.placement.limits.connectionCount)"
        }
        if !isBack { setting.journal.violate("not back after \(Self.longestWait): \(missing)", at: setting.now) }
    }

    /// Whether others keep more than their share of the connections, and have use for each.
    private func isCrowdedOut(_ world: World) -> Bool {
        let others = worlds.filter { $0 !== world }
        let count = others.reduce(0) { $0 + $1.engine.links.count }
        return count * worlds.count > world.plan.engine.limits.connectionCount * (worlds.count - 1)
            && !others.contains(where: \.hasPlainlySpareConnection)
    }

    /// Windows of dials and of messages, the linger of users, a dead peer's silence, three unanswered tries, the
    /// longest backoff, and a dial for each suspect.
    private static let longestWait: Duration = .seconds(420)

    private func releaseWhatCannotFit(_ world: World) {
        var fitting = Fitting(world.plan, share: worlds.count)
        for (id, claimant) in world.claimants.sorted(by: { $0.key < $1.key }) where !fitting.takes(claimant.offer) {
            world.release(id)
        }
    }

    /// When nobody wants anything any more, nothing is left anywhere.
    private func leaveAll() {
        for world in worlds {
            for id in world.claimants.keys.sorted() { world.release(id) }
        }
        let isEmpty = setting.run(for: .seconds(120)) {
            worlds.allSatisfy { world in
                world.engine.ledger.wires.isEmpty && world.engine.lanes.isEmpty && world.engine.links.isEmpty
                    && world.engine.posts.inFlightCount == 0
            }
        }
        let allowance = worlds[0].allowance
        let remains = [
            !isEmpty, !setting.books.isEmpty, allowance.subscriptionCount > 0, allowance.connectionCount > 0,
            allowance.postCount > 0, worlds.contains { !$0.engine.unplaced.isEmpty },
            worlds.contains { !$0.engine.suspects.isEmpty },
        ]
        if remains.contains(true) {
            let left = worlds.map { "\($0.engine.lanes) \($0.engine.links)" }
            setting.journal.violate("something remains: \(remains) \(left)", at: setting.now)
        }
    }

    private func drain(_ world: World) {
        for offer in world.plan.offers.prefix(6) { world.claim(offer, patient: true) }
        for _ in 0..<3 { world.postSomething() }
        _ = setting.run(for: .milliseconds(world.chance.number(0...3000))) { false }
        guard setting.journal.violation == nil else { return }
        world.isDraining = true
        world.submit(.drained)
        if !setting.run(for: .seconds(10), until: { world.isFinished }) {
            setting.journal.violate("the drain does not end", at: setting.now)
        }
        if !world.posters.isEmpty { setting.journal.violate("\(world.posters) have no answer", at: setting.now) }
    }
}

extension World {
    /// Whether all that one connection carries could go to one other: judged by what messages show, for the policy that
    /// has no other reason to keep feeds apart.
    var hasPlainlySpareConnection: Bool {
        guard plan.engine.policy == .packed, plan.engine.limits.usersPerConnection == nil,
            allowance.subscriptionCount < plan.engine.limits.subscriptionCount
        else { return false }
        let lanes = engine.lanes.filter { $0.link != nil && $0.kind != .probe }.map { lane in
            lane.members.compactMap { engine.ledger[$0].flatMap { Assortment.byRequest[$0.request] } }
        }
        let most = plan.engine.limits.subscriptionsPerConnection ?? .max
        return lanes.indices.contains { one in
            lanes.indices.contains { other in
                guard one != other, let endpoint = lanes[other].first?.traits.endpoint else { return false }
                let visible = lanes[one].map(\.visible) + lanes[other].map(\.visible)
                return Set(visible).count == visible.count && visible.count <= most
                    && visible.allSatisfy { $0.endpoint == endpoint }
            }
        }
    }

    var missing: [String] {
        engine.ledger.wires.values.filter { !$0.isLive }.map { "\($0.request) \($0.state)" }.sorted()
    }

    var isEverythingLive: Bool {
        engine.ledger.wires.values.allSatisfy(\.isLive) && claimants.values.allSatisfy(\.isConfirmed)
    }
}
