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
            /// The lane is emptied: another client of the address waits for its connection.
            case yieldsConnection
        }
    }

    /// The fewest moves that were found after which `item` fits, though no connection more is allowed.
    ///
    /// Each is possible on the lanes as they are after the moves before it: nothing has to be ended first.
    package func makeRoom(for item: PlacementItem, on loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        let own = loads.filter { $0.endpoint == item.conflict.endpoint && $0.kind == kind(for: item) }
        if isHopeless(item, on: own) {
            return RoomSearch(self, loads, at: now).emptiedLane(reason: .freesConnection(for: item.request)) {
                !own.map(\.lane).contains($0.lane)
            }
        }
        var search = RoomSearch(self, loads, at: now)
        let few = search.fewestMoves(for: item)
        if let few, few.count == 1 { return few }
        let bound = few?.count ?? .max
        let emptied = RoomSearch(self, loads, at: now).emptiedLane(reason: .freesConnection(for: item.request)) {
            $0.count < bound
        }
        return emptied ?? few
    }

    /// The moves after which a lane carries nothing, though everything has a place.
    package func emptyLane(among loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        RoomSearch(self, loads, at: now).emptiedLane(reason: .yieldsConnection) { _ in true }
    }

    /// Whether no arrangement of what is on `lanes` leaves a place for `item` on them: told without a search.
    private func isHopeless(_ item: PlacementItem, on lanes: [PlacementLoad]) -> Bool {
        if lanes.allSatisfy({ $0.isConfusable(with: item.conflict) && !$0.isMixed(item.conflict) }) { return true }
        guard policy == .packed else { return false }
        return fewestLanes(for: lanes.flatMap(\.itemsInOrder) + [item]) > lanes.count
    }
}
