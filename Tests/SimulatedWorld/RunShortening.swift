extension SimulationRun {
    /// The shortest failing run that was found, and what it showed.
    package struct Failure: Sendable, CustomStringConvertible {
        package let settings: RunSettings
        package let violation: String
        let plan: String
        let lines: [String]
        let feeds: [String]

        /// The plan, the violation and the last lines of the journal.
        package func text(lineCount: Int) -> String {
            let feeds = feeds.isEmpty ? [] : ["feeds: " + feeds.joined(separator: ", ")]
            let repeating = "repeat it with: swift run -c release WorldRunner \(settings)"
            return ([plan] + feeds + [violation, repeating] + lines.suffix(lineCount)).joined(separator: "\n")
        }

        package var description: String { text(lineCount: 20) }
    }

    /// Runs the world by these settings. Returns `nil` if there is no violation, otherwise the shortest failing run
    /// that was found.
    package static func failure(of settings: RunSettings) -> Failure? {
        let result = Self.result(of: settings)
        guard result.violation != nil else { return nil }
        var shortening = RunShortening(settings, result)
        shortening.shorten()
        return failure(shortening.settings)
    }

    /// Repeats a failing run and keeps its journal.
    private static func failure(_ settings: RunSettings) -> Failure {
        let result = Self.result(of: settings, keepsLines: true)
        let plan = settings.plan
        return Failure(
            settings: settings, violation: result.violation ?? "no violation in the repeated run",
            plan: "\(plan), clients: \(settings.clients)", lines: result.lines,
            feeds: settings.feedIndices.map { $0.map { "\(plan.feeds[$0].request)" } } ?? [])
    }
}

/// Looks for a shorter run that fails too: with fewer actions, clients, kinds of faults and feeds.
///
/// Each is left out as long as the run still fails, whatever its violation. A bound on the steps of all tried runs
/// bounds the time.
struct RunShortening {
    private(set) var settings: RunSettings
    private var stepsLeft: Int

    /// - Parameter result: What the run by the settings showed.
    init(_ settings: RunSettings, _ result: SimulationRun.Result) {
        self.settings = settings
        stepsLeft = max(300_000, 20 * result.stepCount)
        var counted = settings
        counted.actionCount = result.actionCount
        counted.stepCount = 0
        tryOut(counted)
    }

    mutating func shorten() {
        shortenActions()
        leaveOutClients()
        leaveOutFaults()
        leaveOutFeeds()
        shortenActions()
    }

    /// Takes the settings over if their run fails. Returns whether it does.
    @discardableResult
    private mutating func tryOut(_ shorter: RunSettings) -> Bool {
        guard stepsLeft > 0 else { return false }
        let result = SimulationRun.result(of: shorter)
        stepsLeft -= result.stepCount
        guard result.violation != nil else { return false }
        settings = shorter
        return true
    }

    private mutating func shortenActions() {
        var step = (settings.actionCount ?? settings.plan.actionCount) / 2
        while step > 0 {
            var shorter = settings
            let count = settings.actionCount ?? settings.plan.actionCount
            shorter.actionCount = count - step
            if count <= step || !tryOut(shorter) { step /= 2 }
        }
    }

    private mutating func leaveOutClients() {
        while settings.clients > 1 {
            var shorter = settings
            shorter.clientCount = settings.clients - 1
            guard tryOut(shorter) else { return }
        }
    }

    private mutating func leaveOutFaults() {
        var quiet = settings
        quiet.leftOutFaults = Set(FaultKind.allCases)
        if tryOut(quiet) { return }
        for kind in FaultKind.allCases {
            var shorter = settings
            shorter.leftOutFaults.insert(kind)
            tryOut(shorter)
        }
    }

    /// Leaves out groups of feeds, and smaller and smaller ones.
    private mutating func leaveOutFeeds() {
        var kept = settings.feedIndices ?? Array(settings.plan.feeds.indices)
        var size = kept.count / 2
        while size > 0 {
            var start = 0
            while start < kept.count, kept.count > 1 {
                var shorter = settings
                let rest = Array(kept[..<start] + kept[min(start + size, kept.count)...])
                shorter.feedIndices = rest
                if !rest.isEmpty, tryOut(shorter) { kept = rest } else { start += size }
            }
            size /= 2
        }
    }
}
