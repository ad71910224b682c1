package import HyperliquidWire

extension Placement {
    /// A upstream subscription is to change its slot, though it has a place, because something forces it.
    package struct Move: Hashable, Sendable {
        package let upstream: UpstreamID
        package let from: SlotID
        package let to: SlotID
        package let reason: Reason

        package enum Reason: Hashable, Sendable {
            /// This identity finds room where the moved one was.
            case relocates(for: FeedRequest)
            /// The slot is emptied: its connection is needed for this identity.
            case freesConnection(for: FeedRequest)
            /// The slot is emptied: another client of the address waits for its connection.
            case yieldsConnection
        }
    }

    /// The fewest moves that were found after which `item` fits, though no connection more is allowed.
    ///
    /// Each is possible on the slots as they are after the moves before it: nothing has to be ended first.
    package func relocate(for item: PlacementItem, on loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        let own = loads.filter { $0.endpoint == item.ambiguityKey.endpoint && $0.kind == kind(for: item) }
        if isHopeless(item, on: own) {
            return RelocationSearch(self, loads, at: now).emptiedSlot(reason: .freesConnection(for: item.request)) {
                !own.map(\.slot).contains($0.slot)
            }
        }
        var search = RelocationSearch(self, loads, at: now)
        let few = search.fewestMoves(for: item)
        if let few, few.count == 1 { return few }
        let bound = few?.count ?? .max
        let emptied = RelocationSearch(self, loads, at: now).emptiedSlot(reason: .freesConnection(for: item.request)) {
            $0.count < bound
        }
        return emptied ?? few
    }

    /// The moves after which a slot carries nothing, though everything has a place.
    package func emptySlot(among loads: [PlacementLoad], at now: Instant = .start) -> [Move]? {
        RelocationSearch(self, loads, at: now).emptiedSlot(reason: .yieldsConnection) { _ in true }
    }

    /// Whether no arrangement of what is on `slots` leaves a place for `item` on them: told without a search.
    private func isHopeless(_ item: PlacementItem, on slots: [PlacementLoad]) -> Bool {
        if slots.allSatisfy({ $0.isAmbiguous(with: item.ambiguityKey) && !$0.isMixed(item.ambiguityKey) }) {
            return true
        }
        guard policy == .packed else { return false }
        return fewestConnections(for: slots.flatMap(\.itemsInOrder) + [item]) > slots.count
    }
}
