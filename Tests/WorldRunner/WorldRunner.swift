internal import ArgumentParser
internal import SimulatedWorld

/// Runs the simulated world for many seeds, on all cores.
@main
struct WorldRunner: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "WorldRunner",
        abstract: "Run the simulated world for many seeds, and check every invariant after every step.",
        discussion: """
            Prints the shortest form of each failing run that was found, with the options that repeat it.
            Exit status: 0 if every invariant held, otherwise 1.
            """)

    @Option(help: "The number of seeds of each world.")
    var seeds: UInt64 = 1000

    @Option(help: "The first seed.")
    var first: UInt64 = 1

    @Option(help: "Run this seed only. If it fails, the end of its journal is printed.")
    var seed: UInt64?

    @Option(
        help: "The worlds, joined by commas, or `all`: \(WorldKind.allCases.map(\.rawValue).joined(separator: ", ")).")
    var world = "all"

    @Option(help: "The clients of each run go on acting until the world has done this number of steps.")
    var steps = 0

    @Option(help: "The number of actions of each client, instead of that of the plan.")
    var actions: Int?

    @Option(help: "The number of clients of one address, instead of that of the world.")
    var clients: Int?

    @Option(help: "The kinds of faults to leave out, joined by commas: \(FaultKind.list).")
    var without: String?

    @Option(help: "The only kinds of faults, joined by commas, or `none`.")
    var faults: String?

    @Option(help: "The only feeds that callers subscribe to: their indices in the plan, joined by commas.")
    var feeds: String?

    @Option(help: "The number of runs at the same time; 0 for one per core.")
    var jobs = 0

    @Option(help: "With --seed: the number of lines of the journal.")
    var lines = 200

    @Flag(help: "Print the number of steps and the digest of the inputs and effects of each run.")
    var digest = false

    func run() async throws {
        let runs = try Runs(
            template: settings(), worlds: worlds(), seeds: seedRange, recordsDigests: digest,
            lineCount: seed == nil ? 20 : lines)
        let count = jobs > 0 ? jobs : onlineCoreCount()
        await withTaskGroup(of: Void.self) { group in
            for _ in 0..<count { group.addTask { runs.work() } }
        }
        if runs.finish() > 0 { throw ExitCode.failure }
    }

    func validate() throws {
        _ = try settings()
        _ = try worlds()
    }

    private var seedRange: Range<UInt64> { seed.map { $0..<$0 + 1 } ?? first..<first + seeds }

    private func worlds() throws -> [WorldKind] {
        if world == "all" { return WorldKind.allCases }
        return try names(world).map { name in
            guard let kind = WorldKind(rawValue: name) else { throw ValidationError("There is no world \(name).") }
            return kind
        }
    }

    /// The settings of every run, with a world and a seed that are replaced.
    private func settings() throws -> RunSettings {
        var settings = RunSettings(.ordinary, seed: 0)
        settings.actionCount = actions
        settings.stepCount = steps
        settings.clientCount = clients
        if let without { settings.leftOutFaults = try Set(names(without).map(fault)) }
        if let faults {
            let kept = try faults == "none" ? [] : Set(names(faults).map(fault))
            settings.leftOutFaults.formUnion(FaultKind.allCases.filter { !kept.contains($0) })
        }
        settings.feedIndices = try feeds.map { try names($0).map(index) }
        return settings
    }

    private func names(_ text: String) -> [String] { text.split(separator: ",").map(String.init) }

    private func fault(_ name: String) throws -> FaultKind {
        guard let kind = FaultKind(rawValue: name) else { throw ValidationError("There is no kind of fault \(name).") }
        return kind
    }

    private func index(_ text: String) throws -> Int {
        guard let index = Int(text) else { throw ValidationError("\(text) is no index of a feed.") }
        return index
    }
}

extension FaultKind {
    static var list: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
