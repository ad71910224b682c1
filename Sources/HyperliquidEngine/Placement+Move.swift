package import HyperliquidWire

extension Placement {
    /// A wire subscription is to change its lane, though it has a place, because something forces it.
    package struct Move: Hashable, Sendable {
        package let wire: WireID
        package let from: LaneID
        package let to: LaneID
        package let reason: Reason

        package enum Reason: Hashable, Sendable {
            /// This identity finds room where the moved one was.
            case makesRoom(for: FeedRequest)
            /// The lane is emptied: its connection is needed for this identity.
            case freesConnection(for: FeedRequest)
        }
    }

    package func makeRoom(for item: PlacementItem, on loads: [PlacementLoad]) -> [Move]? { nil }
}
