internal import HyperliquidWire

/// Remembers for which wire subscriptions room was sought in vain since the lanes last changed.
struct PlacementMemo: Hashable, Sendable {
    private var arrangement: UInt64 = 0
    private var untilWhen: [WireID: Instant] = [:]
    /// Until when no lane can be emptied.
    var keepsAllUntil = Instant.start

    /// Forgets what it knows once the lanes are arranged otherwise, or may carry more or less.
    mutating func look(at lanes: [Lane], _ placement: Placement) {
        var digest = Digest()
        digest.mix(UInt64(placement.laneLimit))
        digest.mix(UInt64(placement.userCapacity))
        digest.mix(UInt64(placement.subscriptionCapacity))
        for index in lanes.indices {
            digest.mix(lanes[index].id.rawValue)
            digest.mix(lanes[index].load.changeCount)
            digest.mix(lanes[index].link == nil ? 0 : 1)
        }
        guard digest.value != arrangement else { return }
        arrangement = digest.value
        untilWhen.removeAll()
        keepsAllUntil = .start
    }

    /// Until when there is no room for it, as far as is known; the end of time while nothing changes.
    func refusal(of id: WireID, at now: Instant) -> Instant? {
        untilWhen[id].flatMap { $0 > now ? $0 : nil }
    }

    mutating func refuse(_ id: WireID, until instant: Instant) { untilWhen[id] = instant }
}
