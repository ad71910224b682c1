/// How lively the market is: milliseconds of the exchange's own time.
package struct MarketRates: Hashable, Sendable {
    /// From block to block.
    package var block: Int64 = 100
    /// From book to book: 5 s since July 2026 (docs/protocol.md, "l2Book").
    package var book: Int64 = 5000
    /// From book to book of the fast variant.
    package var fastBook: Int64 = 500
    /// From mids to mids.
    package var mids: Int64 = 5000
    /// From context to context of one coin, at least.
    package var activeContext: Int64 = 1000
    /// From contexts to contexts of a dex or of the spot pairs.
    package var contexts: Int64 = 3000
    /// From contexts to contexts of all dexes.
    package var allDexsContexts: Int64 = 1000
    /// From change to change of the compressed contexts.
    package var fastContexts: Int64 = 1000
    /// From news to news of outcomes: made frequent enough to be seen.
    package var outcomeUpdates: Int64 = 10_000
    /// From state to state of a user, at most.
    package var userStates: Int64 = 5000
    /// From deed to deed of an account, in the mean: a round of ten shows life on every feed.
    package var accountLife: Int64 = 1000
    /// From message to message of the explorer.
    package var explorer: Int64 = 500

    /// The venue's pace, as far as it is known.
    package static let venue = MarketRates()

    package init() {}

    /// The same, so many times as lively; nothing happens more than once a millisecond.
    package func scaled(by factor: Double) -> MarketRates {
        var scaled = self
        for path in Self.paths {
            scaled[keyPath: path] = max(1, Int64(Double(self[keyPath: path]) / factor))
        }
        return scaled
    }

    private static var paths: [WritableKeyPath<MarketRates, Int64>] {
        [
            \.block, \.book, \.fastBook, \.mids, \.activeContext, \.contexts, \.allDexsContexts, \.fastContexts,
            \.outcomeUpdates, \.userStates, \.accountLife, \.explorer,
        ]
    }
}

/// How much is listed.
package enum MarketSize: Hashable, Sendable {
    /// Hundreds of coins, as at the venue.
    case full
    /// A few dozen, for simulations that run thousands of steps a second.
    case small
}
