import SimulatedWorld
import TestPacing
import Testing

/// Runs of the simulated world for some seeds. `WorldRunner` runs many more.
///
/// `HYPERLIQUID_SEED=n` replays one seed and, if it fails, prints the last 200 lines of its journal.
/// `HYPERLIQUID_SEEDS=n` sets the number of seeds.
@Suite("World", .computing) struct SimulationTests {
    @Test func `two runs of one seed have the same inputs and effects`() {
        for seed in UInt64(1)...6 {
            if let divergence = SimulationRun.divergence(of: RunSettings(.ordinary, seed: seed)) {
                Issue.record("\(divergence)")
            }
        }
    }

    private func check(_ world: WorldKind, _ seeds: Range<UInt64>) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: RunSettings(world, seed: seed)) {
                Issue.record("\(failure.text(lineCount: Seeds.replayed == nil ? 20 : 200))")
            }
        }
    }

    @Test(arguments: Seeds.chunks) func `every invariant holds after every step`(_ seeds: Range<UInt64>) {
        check(.ordinary, seeds)
    }

    @Test(arguments: Seeds.everyFourthChunk)
    func `every invariant holds if the engine acts on all facts of a read together`(_ seeds: Range<UInt64>) {
        check(.reads, seeds)
    }

    @Test(arguments: Seeds.fewChunks) func `each of two clients gets its share of the limits`(
        _ seeds: Range<UInt64>
    ) {
        check(.pair, seeds)
    }

    /// The world checks that all feeds of a client become live if they fit half of the connections.
    @Test(arguments: Seeds.fewChunks) func `a client with a spare connection yields it to a waiting client`(
        _ seeds: Range<UInt64>
    ) {
        check(.yielding, seeds)
    }

    /// The venue breaks its habits in every way that the simulated exchange knows.
    @Test(arguments: Seeds.fewChunks) func `an error tells what the venue did to the feed itself`(
        _ seeds: Range<UInt64>
    ) {
        check(.habits, seeds)
    }

    @Test(arguments: Seeds.fewChunks) func `a guilty feed costs a neighbour at most one connection`(
        _ seeds: Range<UInt64>
    ) {
        check(.guilt, seeds)
    }

    @Test(arguments: Seeds.fewChunks)
    func `a feed never receives a late message of an ambiguous feed`(_ seeds: Range<UInt64>) {
        check(.ambiguity, seeds)
    }

    /// A gap of a move is a violation only if the plan has no faults.
    @Test(arguments: Seeds.fewChunks)
    func `a feed without replay moves without a loss or a duplicate, and without a gap unless something fails`(
        _ seeds: Range<UInt64>
    ) {
        check(.handover, seeds)
    }
}
