import SimulatedWorld
import TestPacing
import Testing

#if canImport(Glibc)
import Glibc
#elseif canImport(Musl)
import Musl
#else
import Darwin
#endif

/// Records the inputs and effects of many seeds. `scripts/guard.sh` compares them before and after a restructuring.
@Suite("Journal recording", .enabled(if: Recording.folder != nil))
struct JournalRecordingTests {
    @Test(arguments: Recording.runs) func `the journals of a chunk of seeds are recorded`(_ run: Recording) {
        var lines: [String] = []
        for seed in run.seeds {
            let keepsLines = Seeds.replayed == seed
            let result = SimulationRun.result(
                of: RunSettings(run.kind.world, seed: seed), keepsLines: keepsLines, isRecorded: true)
            lines.append("\(run.kind) \(seed) \(result.digest.map { "\($0)" } ?? "")")
            if keepsLines {
                Recording.write(
                    result.lines + [result.violation ?? "all holds"], to: "story-\(run.kind)-\(seed).txt")
            }
        }
        Recording.write(lines, to: "journals-\(run.kind)-\(run.seeds.lowerBound).txt")
    }
}

/// A chunk of the seeds of one kind of run.
struct Recording: Sendable {
    enum Kind: String, CaseIterable, Sendable {
        /// One client. The engine acts on each fact immediately.
        case single
        /// One client. The engine takes in all facts of a read before it acts.
        case reads
        /// Two clients with one address.
        case pair
        /// Feeds without snapshot or replay, on connections that are replaced every few seconds.
        case handover

        var world: WorldKind {
            switch self {
            case .single: .ordinary
            case .reads: .reads
            case .pair: .pair
            case .handover: .handover
            }
        }

        var seedCount: UInt64 {
            switch self {
            case .single: 2000
            case .reads: 400
            case .pair, .handover: 60
            }
        }
    }

    let kind: Kind
    let seeds: Range<UInt64>

    /// The folder for the records, from the environment. If it is `nil`, the tests are disabled.
    static let folder = unsafe getenv("HYPERLIQUID_RECORD").map { unsafe String(cString: $0) }

    static let runs: [Recording] = Kind.allCases.flatMap { kind in
        if let seed = Seeds.replayed { return [Recording(kind: kind, seeds: seed..<seed + 1)] }
        let count = min(kind.seedCount, Seeds.number("HYPERLIQUID_SEEDS") ?? .max)
        return stride(from: 1, through: count, by: 20).map {
            Recording(kind: kind, seeds: $0..<min($0 + 20, count + 1))
        }
    }

    static func write(_ lines: [String], to name: String) {
        guard let folder, let file = unsafe fopen("\(folder)/\(name)", "w") else { return }
        for line in lines { unsafe fputs(line + "\n", file) }
        unsafe fclose(file)
    }
}
