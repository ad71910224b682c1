import HyperliquidEngine
import HyperliquidWire
import Testing

/// Runs of the simulated world for many seeds.
///
/// `HYPERLIQUID_SEED=n` replays one seed and, if it fails, prints the last 200 lines of its journal.
/// `HYPERLIQUID_SEEDS=n` sets the number of seeds.
@Suite("World") struct SimulationTests {
    @Test func `two runs of one seed have the same inputs and effects`() {
        for seed in UInt64(1)...6 {
            if let divergence = SimulationRun.divergence(of: WorldPlan(seed: seed)) { Issue.record("\(divergence)") }
        }
    }

    @Test(arguments: Seeds.fewChunks) func `each of two clients gets its share of the limits`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: WorldPlan(seed: seed), clientCount: 2) {
                Issue.record("\(failure)")
            }
        }
    }

    @Test(arguments: Seeds.chunks) func `every invariant holds after every step`(_ seeds: Range<UInt64>) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: WorldPlan(seed: seed)) { Issue.record("\(failure)") }
        }
    }

    @Test(arguments: Seeds.everyFourthChunk)
    func `every invariant holds if the engine acts on all facts of a read together`(_ seeds: Range<UInt64>) {
        for seed in seeds {
            var plan = WorldPlan(seed: seed)
            plan.readMilliseconds = seed.isMultiple(of: 2) ? 5 : 50
            if let failure = SimulationRun.failure(of: plan) { Issue.record("\(failure)") }
        }
    }
}
