package import HyperliquidWire

/// What placement sees of a wire subscription.
package struct PlacementItem: Hashable, Sendable {
    package let id: WireID
    package let request: FeedRequest
    package let conflict: ConflictKey
    package let connectionType: ConnectionType
    /// Whose feed it is, if it is somebody's.
    package let user: String?

    package init(_ wire: WireSubscription) {
        self.init(id: wire.id, request: wire.request, traits: wire.traits, conflict: wire.conflict)
    }

    package init(id: WireID, request: FeedRequest, traits: FeedTraits) {
        self.init(id: id, request: request, traits: traits, conflict: ConflictKey(traits))
    }

    private init(id: WireID, request: FeedRequest, traits: FeedTraits, conflict: ConflictKey) {
        self.id = id
        self.request = request
        self.conflict = conflict
        connectionType = traits.connectionType
        user = request.user
    }
}
