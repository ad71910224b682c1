internal import HyperliquidWire

extension Market {
    /// News of an outcome: one is settled, or a new one is listed, as the clock has it.
    func outcomeUpdates() -> [UInt8] {
        let step = floor.now / floor.rates.outcomeUpdates
        let id = 20_000 + step % 100_000
        let update: OutcomeMetaUpdates.Update =
            switch step % 4 {
            case 0: .outcomeSettled(id - 40)
            case 1: .questionUpdated(question(id))
            case 2: .questionSettled(id / 10)
            default: .outcomeCreated(creation(id))
            }
        return Frame.message(
            "outcomeMetaUpdates", OutcomeMetaUpdates([update], isWrapped: habits.wrapsOutcomeUpdates))
    }

    private func creation(_ id: Int64) -> OutcomeCreation {
        OutcomeCreation(
            outcome: id, name: "template:binaryPrice",
            description: "perp:HYPE|priceDescription:HYPE-USDC perp mark|seconds:60|threshold:38.42",
            sideSpecs: [.init(name: "template:Yes", token: nil), .init(name: "template:No", token: nil)],
            quoteToken: "USDC", venue: "out", deployerFeeScale: .venue(10, scale: 1))
    }

    private func question(_ id: Int64) -> QuestionUpdate {
        QuestionUpdate(
            question: id / 10, name: "template:sportsContestResult", description: "contestType:Match",
            fallbackOutcome: id, namedOutcomes: [id + 1, id + 2, id + 3], settledNamedOutcomes: [id + 1])
    }
}
