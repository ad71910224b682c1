import HyperliquidEngine
import Testing

/// Seeds that found something, with what it was. They hold for the world as it is: one that decides more by chance
/// makes other runs of them, and then seeds must be found anew by breaking each rule once.
@Suite("Found seeds") struct FoundSeeds {
    struct Found: CustomTestStringConvertible {
        let seed: UInt64
        var clientCount = 1
        let what: String
        var testDescription: String { "\(seed): \(what)" }
    }

    static let all = [
        Found(seed: 13, what: "a request whose pause was over woke the engine for ever"),
        Found(seed: 86, what: "and so did one that waited for its window"),
        Found(seed: 40, clientCount: 2, what: "a subscription cap learnt in a client's own numbers starved it"),
        Found(seed: 71, clientCount: 2, what: "and so did a cap that the other client's refusal had taught"),
        Found(seed: 12, clientCount: 2, what: "a cap on connections learnt in a client's own numbers starved it"),
        Found(seed: 61, clientCount: 2, what: "and left space for too few when the other client had several"),
        Found(seed: 11, clientCount: 2, what: "a slot waited for a connection that the other client had taken"),
    ]

    @Test(arguments: all) func `what was found once stays mended`(_ found: Found) {
        if let failure = SimulationRun.failure(of: WorldPlan(seed: found.seed), clientCount: found.clientCount) {
            Issue.record("\(failure)")
        }
    }
}
