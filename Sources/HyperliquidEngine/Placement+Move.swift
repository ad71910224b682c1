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

    /// The fewest moves that were found after which `item` fits, though no connection more is allowed.
    ///
    /// Each is possible on the lanes as they are after the moves before it: nothing has to be ended first.
    package func makeRoom(for item: PlacementItem, on loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        var search = RoomSearch(self, loads, at: now)
        let few = search.fewestMoves(for: item)
        if let few, few.count == 1 { return few }
        return RoomSearch(self, loads, at: now).emptiedLane(for: item, below: few?.count ?? .max) ?? few
    }
}
