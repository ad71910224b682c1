internal import HyperliquidWire

/// Remembers for which upstream subscriptions room was sought in vain since the slots last changed.
struct PlacementMemo: Hashable, Sendable {
    private var arrangement: UInt64 = 0
    private var untilWhen: [UpstreamID: Instant] = [:]
    /// Until when no slot can be emptied.
    var keepsAllUntil = Instant.start

    /// Forgets what it knows once the slots are arranged otherwise, or may carry more or less.
    mutating func look(at slots: [ConnectionSlot], _ placement: Placement) {
        var digest = FNV1a()
        digest.mix(UInt64(placement.slotLimit))
        digest.mix(UInt64(placement.userCapacity))
        digest.mix(UInt64(placement.subscriptionCapacity))
        for index in slots.indices {
            digest.mix(slots[index].id.rawValue)
            digest.mix(slots[index].load.changeCount)
            digest.mix(slots[index].connection == nil ? 0 : 1)
        }
        guard digest.value != arrangement else { return }
        arrangement = digest.value
        untilWhen.removeAll()
        keepsAllUntil = .start
    }

    /// Until when there is no room for it, as far as is known; the end of time while nothing changes.
    func refusal(of id: UpstreamID, at now: Instant) -> Instant? {
        untilWhen[id].flatMap { $0 > now ? $0 : nil }
    }

    mutating func refuse(_ id: UpstreamID, until instant: Instant) { untilWhen[id] = instant }
}
