package import HyperliquidWire

/// What placement sees of a upstream subscription.
package struct PlacementItem: Hashable, Sendable {
    package let id: UpstreamID
    private let terms: FeedDescription

    package init(_ upstream: UpstreamSubscription) {
        id = upstream.id
        terms = upstream.terms
    }

    package init(id: UpstreamID, request: FeedRequest, traits: FeedTraits) {
        self.id = id
        terms = FeedDescription(request, traits)
    }

    package var request: FeedRequest { terms.request }

    package var ambiguityKey: AmbiguityKey { terms.ambiguityKey }

    package var connectionType: ConnectionType { terms.traits.connectionType }

    /// Whose feed it is, if it is somebody's.
    package var user: String? { terms.user }
}
