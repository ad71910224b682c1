import HyperliquidEngine
import HyperliquidWire
import Testing

/// Slots on which feeds are placed and removed one at a time; moves are carried out at once, one after the other.
struct SlotLayout {
    let placement: Placement
    private(set) var slots: [PlacementLoad] = []
    private(set) var moveCount = 0
    private var requests: [UpstreamID: any Feed] = [:]
    private var last: UInt64 = 0
    private var lastSlot: UInt64 = 0

    init(_ policy: PlacementPolicy, _ change: (inout VenueLimits) -> Void = { _ in }) {
        var limits = VenueLimits()
        limits.users = 1000
        limits.subscriptions = 10_000
        change(&limits)
        placement = Placement(policy: policy, limits: limits)
    }

    /// Places a feed; `nil` if it does not fit.
    mutating func add(_ feed: any Feed) -> UpstreamID? {
        last += 1
        requests[UpstreamID(last)] = feed
        if place(UpstreamID(last)) { return UpstreamID(last) }
        requests[UpstreamID(last)] = nil
        return nil
    }

    mutating func remove(_ id: UpstreamID) {
        requests[id] = nil
        guard let index = slots.firstIndex(where: { $0.members.contains(id) }) else { return }
        slots[index].remove(id)
        slots[index].forgetLingering()
        slots.removeAll(where: \.isEmpty)
    }

    func feed(_ id: UpstreamID) -> (any Feed)? { requests[id] }

    var ids: [UpstreamID] { requests.keys.sorted() }

    /// The feeds on each slot, in the order of the slots.
    var arrangement: [[FeedRequest]] {
        slots.map { $0.members.compactMap { requests[$0]?.request } }
    }

    private mutating func place(_ id: UpstreamID, hasMoved: Bool = false) -> Bool {
        guard let item = item(id) else { return false }
        switch placement.decide(item, on: slots, at: .start) {
        case .slot(let slot): put(item, on: slot)
        case .newSlot(let kind):
            slots.removeAll(where: \.isEmpty)
            lastSlot += 1
            let slot = SlotID(lastSlot)
            slots.append(PlacementLoad(slot: slot, kind: kind, endpoint: item.ambiguityKey.endpoint))
            put(item, on: slot)
        case .afterMoves(let moves):
            #expect(!hasMoved, "the moves leave a slot for the feed that they were made for")
            guard !hasMoved else { return false }
            for move in moves { carryOut(move) }
            return place(id, hasMoved: true)
        case .later, .nowhere: return false
        }
        return true
    }

    private mutating func carryOut(_ move: Placement.Move) {
        moveCount += 1
        guard let item = item(move.upstream), let from = slots.firstIndex(where: { $0.slot == move.from }),
            let to = slots.first(where: { $0.slot == move.to })
        else {
            Issue.record("a move names a feed or slot that is not there")
            return
        }
        #expect(slots[from].members.contains(move.upstream), "a move starts where its upstream subscription is")
        #expect(placement.obstacle(to: item, on: to) == nil, "a move ends on a slot that takes the feed already")
        slots[from].remove(move.upstream)
        slots[from].forgetLingering()
        put(item, on: move.to)
    }

    private func item(_ id: UpstreamID) -> PlacementItem? {
        requests[id].map { PlacementItem(id: id, request: $0.request, traits: $0.traits) }
    }

    private mutating func put(_ item: PlacementItem, on slot: SlotID) {
        guard let index = slots.firstIndex(where: { $0.slot == slot }) else { return }
        slots[index].add(item)
    }
}
