import HyperliquidEngine
import HyperliquidWire
import Testing

/// Seeds: `HYPERLIQUID_SEED=n` replays one with its story, `HYPERLIQUID_SEEDS=n` runs so many.
@Suite("World") struct SimulationTests {
    @Test func `the same seed gives the same run to the last effect`() {
        for seed in UInt64(1)...6 {
            if let divergence = SimulationRun.divergence(of: WorldPlan(seed: seed)) { Issue.record("\(divergence)") }
        }
    }

    @Test(arguments: Seeds.few) func `two clients share what the venue allows, and neither starves`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: WorldPlan(seed: seed), clientCount: 2) {
                Issue.record("\(failure)")
            }
        }
    }

    @Test(arguments: Seeds.chunks) func `whatever happens, what must hold holds after every step`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            if let failure = SimulationRun.failure(of: WorldPlan(seed: seed)) { Issue.record("\(failure)") }
        }
    }

    @Test(arguments: Seeds.some) func `and where the facts of a read are taken in before any is acted upon`(
        _ seeds: Range<UInt64>
    ) {
        for seed in seeds {
            var plan = WorldPlan(seed: seed)
            plan.readMilliseconds = seed.isMultiple(of: 2) ? 5 : 50
            if let failure = SimulationRun.failure(of: plan) { Issue.record("\(failure)") }
        }
    }
}
