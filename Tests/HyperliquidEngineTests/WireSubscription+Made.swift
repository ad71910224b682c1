import HyperliquidEngine
import HyperliquidWire

extension WireSubscription {
    /// A wire subscription of that number, as the ledger makes it.
    static func made(_ number: UInt64, _ feed: some Feed) -> WireSubscription {
        var ledger = Ledger()
        for id in 1..<number {
            let other = TradesFeed(coin: Coin("C\(id)"))
            _ = ledger.claim(
                SubscriptionID(id), other.request, other.traits, patience: nil, waitsForLimits: true, deadline: nil,
                at: .start)
        }
        let wire = ledger.claim(
            SubscriptionID(number), feed.request, feed.traits, patience: nil, waitsForLimits: true, deadline: nil,
            at: .start
        ).wire
        guard let made = ledger[wire] else { preconditionFailure("a claim makes its wire subscription") }
        return made
    }
}
