package import HyperliquidWire

/// What placement sees of a wire subscription.
package struct PlacementItem: Hashable, Sendable {
    package let id: WireID
    private let terms: WireTerms

    package init(_ wire: WireSubscription) {
        id = wire.id
        terms = wire.terms
    }

    package init(id: WireID, request: FeedRequest, traits: FeedTraits) {
        self.id = id
        terms = WireTerms(request, traits)
    }

    package var request: FeedRequest { terms.request }

    package var conflict: ConflictKey { terms.conflict }

    package var connectionType: ConnectionType { terms.traits.connectionType }

    /// Whose feed it is, if it is somebody's.
    package var user: String? { terms.user }
}
