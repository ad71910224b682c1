import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// The run of one seed.
///
/// First, callers and faults act. Then the faults end and every subscription must become live. Then all callers
/// unsubscribe, and the clients are drained.
package struct SimulationRun {
    /// What a run showed.
    package struct Result: Sendable {
        /// The first violation, `nil` if everything held.
        package let violation: String?
        /// The number of steps of the world.
        package let stepCount: Int
        /// The most actions of a client.
        package let actionCount: Int
        /// The inputs and effects, if they were kept.
        package let lines: [String]
        /// The count and digest of all inputs and effects, if they were recorded.
        package let digest: JournalDigest?
    }

    private let venue: SharedVenue
    private let worlds: [World]

    private init(_ plan: WorldPlan, clientCount: Int) {
        let venue = SharedVenue(plan)
        self.venue = venue
        worlds = (0..<clientCount).map { _ in World(plan, in: venue) }
    }

    /// Runs the world by these settings.
    ///
    /// - Parameters:
    ///   - keepsLines: Whether the result has the inputs and effects as lines.
    ///   - isRecorded: Whether the result has the digest of the inputs and effects.
    package static func result(
        of settings: RunSettings, keepsLines: Bool = false, isRecorded: Bool = false
    ) -> Result {
        let run = SimulationRun(settings.plan, clientCount: settings.clients)
        run.venue.journal.keepsLines = keepsLines
        if isRecorded { run.venue.journal.digest = JournalDigest() }
        let violation = run.run()
        let journal = run.venue.journal
        return Result(
            violation: violation, stepCount: run.venue.stepCount,
            actionCount: run.worlds.map(\.actionCount).max() ?? 0, lines: journal.lines, digest: journal.digest)
    }

    /// Runs twice. Returns the first difference between the two journals, `nil` if they are equal.
    package static func divergence(of settings: RunSettings) -> String? {
        let runs = (0..<2).map { _ in result(of: settings, keepsLines: true) }
        let (first, second) = (runs[0].lines, runs[1].lines)
        if first == second { return nil }
        let index = zip(first, second).enumerated().first { $0.element.0 != $0.element.1 }?.offset ?? 0
        let before = first[max(0, index - 5)..<index].joined(separator: "\n")
        return "\(settings), line \(index):\n\(first[index])\n\(second[index])\nafter\n\(before)"
    }

    private func run() -> String? {
        if venue.run(for: .seconds(100_000), until: { !worlds.contains(where: \.isActing) }) { checkRecovery() }
        if venue.journal.violation == nil { unsubscribeAll() }
        for world in worlds where venue.journal.violation == nil { drain(world) }
        return venue.journal.violation
    }

    // MARK: After the actions

    /// Checks that every subscription that fits the limits becomes live in bounded time.
    private func checkRecovery() {
        worlds[0].stopFaults()
        for world in worlds {
            world.stopNetworkFaults()
            if !world.isStarted { world.start() }
            unsubscribeExcessFeeds(world)
        }
        let longestWait = longestWait
        let isRecovered = venue.run(for: longestWait) {
            worlds.allSatisfy { ($0.isEverythingLive || isDisplacedByOthers($0)) && $0.posts.isEmpty }
        }
        let states = worlds.map { world in
            let slots = world.engine.pool.slots.map {
                "\($0.id) \($0.kind) \($0.connection?.id as ConnectionID?): \($0.members)"
            }
            let connectionCount = world.engine.placements.placement.limits.connections
            return "not live: \(world.upstreamsNotLive), slots: \(slots), connections allowed: \(connectionCount)"
        }
        if !isRecovered {
            venue.journal.violate("not recovered after \(longestWait): \(states)", at: venue.now)
        }
    }

    /// Whether the other clients have more than their share of the connections and need every one of them.
    private func isDisplacedByOthers(_ world: World) -> Bool {
        let others = worlds.filter { $0 !== world }
        let count = others.reduce(0) { $0 + $1.engine.pool.connectionCount }
        return count * worlds.count > world.plan.engine.limits.connections * (worlds.count - 1)
            && !others.contains(where: \.hasSpareConnection)
    }

    /// The sum of the windows of dials and messages, the linger of users, the time to detect a dead connection, three
    /// unanswered attempts, the longest backoff, one dial for each suspect, and the time for which a client believes
    /// refused upgrades at most. If the venue's limits have changed, also that for other refusals.
    private var longestWait: Duration {
        let plan = worlds[0].plan
        return .seconds(plan.breaksHabits && !plan.leftOutFaults.contains(.setLimit) ? 1020 + 3600 : 1020)
    }

    /// Ends the subscriptions of all feeds that do not fit the limits.
    private func unsubscribeExcessFeeds(_ world: World) {
        var capacity = CapacityCheck(world.plan, clientCount: worlds.count)
        for (id, subscriber) in world.subscribers.sorted(by: { $0.key < $1.key })
        where !capacity.addIfFits(subscriber.feed) {
            world.unsubscribe(id)
        }
    }

    /// Ends all subscriptions and checks that no state of them is left.
    private func unsubscribeAll() {
        for world in worlds {
            for id in world.subscribers.keys.sorted() { world.unsubscribe(id) }
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
            worlds.contains { !$0.engine.trials.isEmpty },
        ]
        if remains.contains(true) {
            let pools = worlds.map { "\($0.engine.pool)" }
            venue.journal.violate("state is left after all unsubscribes: \(remains) \(pools)", at: venue.now)
        }
    }

    /// Drains a client that has subscriptions and posts, and checks that the drain ends.
    private func drain(_ world: World) {
        for feed in world.plan.feeds.prefix(6) { world.subscribe(feed, waitsForever: true) }
        for _ in 0..<3 { world.postRandomRequest() }
        _ = venue.run(for: .milliseconds(world.random.number(0...3000))) { false }
        guard venue.journal.violation == nil else { return }
        world.isDraining = true
        world.submit(.drained)
        if !venue.run(for: .seconds(10), until: { world.isFinished }) {
            venue.journal.violate("the drain has not ended after 10 seconds", at: venue.now)
        }
        if !world.posts.isEmpty { venue.journal.violate("\(world.posts) have no answer", at: venue.now) }
    }
}

extension World {
    /// Whether all feeds of one connection fit on one other connection.
    ///
    /// Compares message keys only. Returns `false` for all policies but `.packed`, because they have other reasons to
    /// keep feeds apart.
    var hasSpareConnection: Bool {
        guard plan.engine.policy == .packed, plan.engine.limits.usersPerConnection == nil,
            rateLimiter.subscriptionCount < plan.engine.limits.subscriptions
        else { return false }
        let slots = engine.pool.slots.filter { $0.connection != nil && $0.kind != .trial }.map { slot in
            slot.members.compactMap { engine.registry[$0].flatMap { TestFeeds.byRequest[$0.request] } }
        }
        let most = plan.engine.limits.subscriptionsPerConnection ?? .max
        return slots.indices.contains { one in
            slots.indices.contains { other in
                guard one != other, let endpoint = slots[other].first?.traits.endpoint else { return false }
                let keys = slots[one].map(\.messageKey) + slots[other].map(\.messageKey)
                return Set(keys).count == keys.count && keys.count <= most
                    && keys.allSatisfy { $0.endpoint == endpoint }
            }
        }
    }

    /// The upstream subscriptions that are not live, each with its state.
    package var upstreamsNotLive: [String] {
        engine.registry.upstreams.values.filter { !$0.isLive }.map { "\($0.id) \($0.request) \($0.state)" }.sorted()
    }

    var isEverythingLive: Bool {
        engine.registry.upstreams.values.allSatisfy(\.isLive) && subscribers.values.allSatisfy(\.isConfirmed)
    }
}
