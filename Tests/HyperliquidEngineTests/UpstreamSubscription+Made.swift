import HyperliquidEngine
import HyperliquidWire

extension UpstreamSubscription {
    /// A upstream subscription of that number, as the registry makes it.
    static func made(
        _ number: UInt64, _ feed: some Feed, change: (inout SubscriptionRegistry, UpstreamID) -> Void = { _, _ in }
    ) -> UpstreamSubscription {
        var registry = SubscriptionRegistry()
        for id in 1..<number {
            let other = TradesFeed(coin: Coin("C\(id)"))
            _ = registry.subscribe(
                SubscriptionID(id), other.request, other.traits, timeout: nil, waitsForLimits: true, deadline: nil,
                at: .start)
        }
        let upstream = registry.subscribe(
            SubscriptionID(number), feed.request, feed.traits, timeout: nil, waitsForLimits: true, deadline: nil,
            at: .start
        ).upstream
        change(&registry, upstream)
        guard let made = registry[upstream] else {
            preconditionFailure("a subscription makes its upstream subscription")
        }
        return made
    }
}
