internal import SimulatedWorld
internal import Synchronization

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Musl)
internal import Musl
#else
internal import Darwin
#endif

/// The number of cores that the process may use.
func onlineCoreCount() -> Int { max(1, Int(sysconf(Int32(_SC_NPROCESSORS_ONLN)))) }

/// The runs of all seeds, shared by the tasks that work on them.
final class Runs: Sendable {
    private struct Progress {
        /// The index of the next run: all worlds of a seed follow each other.
        var next: UInt64 = 0
        var doneCount: UInt64 = 0
        var stepCount = 0
        var longest = 0
        var shortest = Int.max
        var failureCount = 0
        var nextLine: ContinuousClock.Instant
    }

    private let template: RunSettings
    private let worlds: [WorldKind]
    private let seeds: Range<UInt64>
    private let recordsDigests: Bool
    /// The number of lines of a failing run's journal.
    private let lineCount: Int
    private let start = ContinuousClock.now
    private let progress: Mutex<Progress>
    /// The number of failures whose shortest form is looked for.
    private static let mostShortened = 20

    init(template: RunSettings, worlds: [WorldKind], seeds: Range<UInt64>, recordsDigests: Bool, lineCount: Int) {
        self.template = template
        self.worlds = worlds
        self.seeds = seeds
        self.recordsDigests = recordsDigests
        self.lineCount = lineCount
        progress = Mutex(Progress(nextLine: start.advanced(by: .seconds(2))))
    }

    private var count: UInt64 { UInt64(seeds.count) * UInt64(worlds.count) }

    /// Does runs until none is left.
    func work() {
        while let settings = takeNext() {
            let result = SimulationRun.result(of: settings, isRecorded: recordsDigests)
            if recordsDigests, let digest = result.digest {
                say("\(settings.world.rawValue) \(settings.seed) steps \(result.stepCount) \(digest)")
            }
            note(result)
            if result.violation != nil { report(settings, result) }
        }
    }

    private func takeNext() -> RunSettings? {
        let index: UInt64? = progress.withLock { progress in
            guard progress.next < count else { return nil }
            progress.next += 1
            return progress.next - 1
        }
        return index.map { index in
            var settings = template
            settings.world = worlds[Int(index % UInt64(worlds.count))]
            settings.seed = seeds.lowerBound + index / UInt64(worlds.count)
            return settings
        }
    }

    private func note(_ result: SimulationRun.Result) {
        let line: String? = progress.withLock { progress in
            progress.doneCount += 1
            progress.stepCount += result.stepCount
            progress.longest = max(progress.longest, result.stepCount)
            progress.shortest = min(progress.shortest, result.stepCount)
            if result.violation != nil { progress.failureCount += 1 }
            guard ContinuousClock.now >= progress.nextLine else { return nil }
            progress.nextLine = .now.advanced(by: .seconds(10))
            return self.line(progress)
        }
        if let line { say(line) }
    }

    private func line(_ progress: Progress) -> String {
        let seconds = max(0.001, (ContinuousClock.now - start) / .seconds(1))
        let rate = Int(Double(progress.doneCount) / seconds)
        let stepRate = Int(Double(progress.stepCount) / seconds)
        return "\(progress.doneCount) of \(count) runs, \(rate) runs a second, \(stepRate) steps a second, "
            + "\(progress.failureCount) violations"
    }

    private func report(_ settings: RunSettings, _ result: SimulationRun.Result) {
        say("\nFAILED \(settings)\n\(result.violation ?? "")\n")
        guard progress.withLock({ $0.failureCount <= Self.mostShortened }) else { return }
        guard let failure = SimulationRun.failure(of: settings) else { return say("NOT REPEATED \(settings)\n") }
        say("\nSHORTEST FORM of \(settings)\n\(failure.text(lineCount: lineCount))\n")
    }

    private func say(_ text: String) {
        print(text)
        fflush(nil)
    }

    /// Prints the summary. Returns the number of failures.
    func finish() -> Int {
        progress.withLock { progress in
            let mean = progress.stepCount / Int(max(1, progress.doneCount))
            let seconds = Int((ContinuousClock.now - start) / .seconds(1))
            say(
                "\(line(progress)); \(progress.shortest) to \(progress.longest) steps a run, \(mean) on average; "
                    + "\(seconds) s")
            return progress.failureCount
        }
    }
}
