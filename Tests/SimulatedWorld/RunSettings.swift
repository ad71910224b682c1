/// What determines a run: the world and the seed, and what is changed of the plan that the world draws from the seed.
package struct RunSettings: Hashable, Sendable {
    package var world: WorldKind
    package var seed: UInt64
    /// The number of actions of each client, `nil` for that of the plan.
    package var actionCount: Int?
    /// The clients go on acting until the world has done this number of steps.
    package var stepCount = 0
    /// The number of clients, `nil` for that of the world.
    package var clientCount: Int?
    /// The kinds of faults that are left out.
    package var leftOutFaults: Set<FaultKind> = []
    /// The feeds that callers may subscribe to, by their index in the plan; `nil` for all.
    package var feedIndices: [Int]?

    package init(_ world: WorldKind, seed: UInt64) {
        self.world = world
        self.seed = seed
    }

    /// The plan of the run.
    var plan: WorldPlan {
        var plan = world.plan(seed)
        if let actionCount { plan.actionCount = actionCount }
        plan.stepCount = stepCount
        plan.leftOutFaults.formUnion(leftOutFaults)
        if let feedIndices {
            plan.keptFeeds = Set(feedIndices.filter(plan.feeds.indices.contains).map { plan.feeds[$0] })
        }
        return plan
    }

    /// The number of clients of the run.
    var clients: Int { clientCount ?? world.clientCount(seed) }
}

extension RunSettings: CustomStringConvertible {
    /// The options of `WorldRunner` that repeat the run.
    package var description: String {
        var options = ["--world \(world.rawValue)", "--seed \(seed)"]
        if let actionCount { options.append("--actions \(actionCount)") }
        if stepCount > 0 { options.append("--steps \(stepCount)") }
        if let clientCount { options.append("--clients \(clientCount)") }
        let kept = FaultKind.allCases.filter { !leftOutFaults.contains($0) }
        if kept.isEmpty {
            options.append("--faults none")
        } else if kept.count < leftOutFaults.count {
            options.append("--faults " + kept.map(\.rawValue).joined(separator: ","))
        } else if !leftOutFaults.isEmpty {
            options.append("--without " + leftOutFaults.map(\.rawValue).sorted().joined(separator: ","))
        }
        if let feedIndices { options.append("--feeds " + feedIndices.map(String.init).joined(separator: ",")) }
        return options.joined(separator: " ")
    }
}
