import HyperliquidEngine
import HyperliquidWire

/// Returns the instant that lies so many seconds after the start.
func at(_ seconds: Int64) -> Instant { .start.advanced(by: .seconds(seconds)) }

extension Address {
    /// A different address for each number.
    static func numbered(_ number: Int) -> Address {
        let digits = String(number, radix: 16)
        // Forty hexadecimal digits make an address.
        guard let address = try? Address("0x" + String(repeating: "a", count: 40 - digits.count) + digits) else {
            preconditionFailure("forty hexadecimal digits are an address")
        }
        return address
    }
}

extension EngineConfiguration {
    /// The defaults after a change.
    static func with(_ change: (inout EngineConfiguration) -> Void) -> EngineConfiguration {
        var configuration = EngineConfiguration()
        change(&configuration)
        return configuration
    }
}

extension PlacementItem {
    /// An upstream subscription of that number, as placement sees it.
    static func made(_ number: UInt64, _ feed: some Feed) -> PlacementItem {
        PlacementItem(id: UpstreamID(number), request: feed.request, traits: feed.traits)
    }
}

extension UpstreamSubscription {
    /// An upstream subscription of that number, as the registry makes it, after a change.
    static func made(
        _ number: UInt64, _ feed: some Feed, change: (inout SubscriptionRegistry, UpstreamID) -> Void = { _, _ in }
    ) -> UpstreamSubscription {
        var registry = SubscriptionRegistry.holding(
            (1..<number).map { TradesFeed(coin: Coin("C\($0)")) as any Feed } + [feed])
        change(&registry, UpstreamID(number))
        guard let upstream = registry[UpstreamID(number)] else {
            preconditionFailure("a subscription makes its upstream subscription")
        }
        return upstream
    }
}

extension SubscriptionRegistry {
    /// A registry with one subscription for each feed; their ids and those of the upstream subscriptions count from 1.
    static func holding(_ feeds: [any Feed]) -> SubscriptionRegistry {
        var registry = SubscriptionRegistry()
        for (index, feed) in feeds.enumerated() {
            _ = registry.subscribe(
                SubscriptionID(UInt64(index) + 1), feed.request, feed.traits, waitsForLimits: true, deadline: nil,
                at: .start)
        }
        return registry
    }

    /// Has upstream subscriptions asked for on a connection and accepted there.
    mutating func makeLive(
        _ numbers: UInt64..., on connection: ConnectionID = ConnectionID(1), at now: Instant = .start
    ) {
        for id in numbers.map({ UpstreamID($0) }) {
            wasAsked(id, on: connection, at: now)
            wasAccepted(id)
            becameLive(id, on: connection, at: now)
        }
    }
}

extension ConnectionPool {
    /// Opens a slot that carries these feeds; slot ids count from 1.
    mutating func addSlot(
        _ kind: ConnectionSlot.Kind = .packed, _ endpoint: EndpointKind = .api, carrying items: [PlacementItem] = [],
        at now: Instant = .start
    ) -> SlotID {
        guard let slot = openSlot(kind, endpoint, limit: .max, at: now) else {
            preconditionFailure("a pool without a limit opens a slot")
        }
        for item in items { place(item, on: slot) }
        return slot
    }

    /// Dials for all slots that carry something and has the connections opened at once; their ids count from 1.
    mutating func connectAll(_ turn: inout Turn) {
        dial(posts: .empty, &turn)
        for connection in connections where !connection.isOpen { _ = opened(connection.id, at: turn.now) }
        turn.effects = []
    }
}

extension PostTracker {
    /// A tracker without a post.
    static var empty: PostTracker { PostTracker(limit: 10, memory: .seconds(60)) }
}

extension Turn {
    /// Takes the effects so far.
    mutating func takeEffects() -> [Engine.Effect] {
        defer { effects = [] }
        return effects
    }
}
