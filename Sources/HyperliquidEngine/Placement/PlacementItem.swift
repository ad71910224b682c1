package import HyperliquidWire

/// The view that placement has of an upstream subscription.
package struct PlacementItem: Hashable, Sendable {
    package let id: UpstreamID
    private let feed: FeedDescription

    package init(_ upstream: UpstreamSubscription) {
        id = upstream.id
        feed = upstream.feed
    }

    package init(id: UpstreamID, request: FeedRequest, traits: FeedTraits) {
        self.id = id
        feed = FeedDescription(request, traits)
    }

    package var request: FeedRequest { feed.request }

    package var ambiguityKey: AmbiguityKey { feed.ambiguityKey }

    package var connectionType: ConnectionType { feed.traits.connectionType }

    /// The user whose feed it is; `nil` for market data.
    package var user: String? { feed.user }
}
