/// The pace of the market, in milliseconds of the exchange's own time.
package struct MarketRates: Hashable, Sendable {
    /// The time between two blocks.
    package var block: Int64 = 100
    /// The time between two books: 5 s since July 2026 (docs/protocol.md, "l2Book").
    package var book: Int64 = 5000
    /// The time between two books of the fast variant.
    package var fastBook: Int64 = 500
    /// The time between two messages of mid prices.
    package var mids: Int64 = 5000
    /// The shortest time between two contexts of one coin.
    package var activeContext: Int64 = 1000
    /// The time between two messages of contexts of a dex or of the spot pairs.
    package var contexts: Int64 = 3000
    /// The time between two messages of contexts of all dexes.
    package var allDexsContexts: Int64 = 1000
    /// The time between two changes of the compressed contexts.
    package var fastContexts: Int64 = 1000
    /// The time between two outcome updates. It is shorter than at the venue, so that clients see some.
    package var outcomeUpdates: Int64 = 10_000
    /// The longest time between two states of a user.
    package var userStates: Int64 = 5000
    /// The mean time between two actions of an account. A round of ten actions brings news on every feed of a user.
    package var accountAction: Int64 = 1000
    /// The time between two messages of the explorer.
    package var explorer: Int64 = 500

    /// The venue's pace, as far as known.
    package static let venue = MarketRates()

    package init() {}

    /// The rates of a market that is `factor` times as active. No time becomes shorter than a millisecond.
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
            \.outcomeUpdates, \.userStates, \.accountAction, \.explorer,
        ]
    }
}

/// The number of listed coins.
package enum MarketSize: Hashable, Sendable {
    /// Hundreds, as at the venue.
    case full
    /// A few dozen, for simulations of thousands of steps per second.
    case small
}
