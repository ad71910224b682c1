/// Remembers for which wire subscriptions room was sought in vain since the lanes last changed.
struct PlacementMemo: Hashable, Sendable {
    private var arrangement: UInt64 = 0
    private var refused: Set<WireID> = []

    /// Forgets what it knows once the lanes are arranged otherwise.
    mutating func look(at lanes: [Lane]) {
        var digest: UInt64 = 0xcbf2_9ce4_8422_2325
        for lane in lanes {
            for word in [lane.id.rawValue, lane.load.changeCount, lane.link == nil ? 0 : 1] {
                digest = (digest ^ word) &* 0x0000_0100_0000_01b3
            }
        }
        guard digest != arrangement else { return }
        arrangement = digest
        refused.removeAll()
    }

    func contains(_ id: WireID) -> Bool { refused.contains(id) }

    mutating func insert(_ id: WireID) { refused.insert(id) }
}
