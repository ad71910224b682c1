import HyperliquidEngine
import HyperliquidWire
import Testing

/// Lanes on which feeds are placed and removed one at a time; moves are carried out at once, one after the other.
struct PlacementBoard {
    let placement: Placement
    private(set) var lanes: [PlacementLoad] = []
    private(set) var moveCount = 0
    private var requests: [WireID: any Feed] = [:]
    private var last: UInt64 = 0
    private var lastLane: UInt64 = 0

    init(_ policy: PlacementPolicy, _ change: (inout VenueLimits) -> Void = { _ in }) {
        var limits = VenueLimits()
        limits.userCount = 1000
        limits.subscriptionCount = 10_000
        change(&limits)
        placement = Placement(policy: policy, limits: limits)
    }

    /// Adds; nothing when it does not fit.
    mutating func add(_ feed: any Feed) -> WireID? {
        last += 1
        requests[WireID(last)] = feed
        if place(WireID(last)) { return WireID(last) }
        requests[WireID(last)] = nil
        return nil
    }

    mutating func remove(_ id: WireID) {
        requests[id] = nil
        guard let index = lanes.firstIndex(where: { $0.members.contains(id) }) else { return }
        lanes[index].remove(id)
        lanes[index].forgetLingering()
        lanes.removeAll(where: \.isEmpty)
    }

    func feed(_ id: WireID) -> (any Feed)? { requests[id] }

    var ids: [WireID] { requests.keys.sorted() }

    /// What each lane carries.
    var arrangement: [[FeedRequest]] {
        lanes.map { $0.members.compactMap { requests[$0]?.request } }
    }

    private mutating func place(_ id: WireID, hasMoved: Bool = false) -> Bool {
        guard let item = item(id) else { return false }
        switch placement.decide(item, on: lanes, at: .start) {
        case .lane(let lane): put(item, on: lane)
        case .newLane(let kind):
            lanes.removeAll(where: \.isEmpty)
            lastLane += 1
            let lane = LaneID(lastLane)
            lanes.append(PlacementLoad(lane: lane, kind: kind, endpoint: item.conflict.endpoint))
            put(item, on: lane)
        case .afterMoves(let moves):
            #expect(!hasMoved, "moves make room for what they were made for")
            guard !hasMoved else { return false }
            for move in moves { carryOut(move) }
            return place(id, hasMoved: true)
        case .later, .nowhere: return false
        }
        return true
    }

    private mutating func carryOut(_ move: Placement.Move) {
        moveCount += 1
        guard let item = item(move.wire), let from = lanes.firstIndex(where: { $0.lane == move.from }),
            let to = lanes.first(where: { $0.lane == move.to })
        else {
            Issue.record("a move of something that is not there")
            return
        }
        #expect(lanes[from].members.contains(move.wire), "a move starts where its wire is")
        #expect(placement.obstacle(to: item, on: to) == nil, "a move ends where there is room already")
        lanes[from].remove(move.wire)
        lanes[from].forgetLingering()
        put(item, on: move.to)
    }

    private func item(_ id: WireID) -> PlacementItem? {
        requests[id].map { PlacementItem(id: id, request: $0.request, traits: $0.traits) }
    }

    private mutating func put(_ item: PlacementItem, on lane: LaneID) {
        guard let index = lanes.firstIndex(where: { $0.lane == lane }) else { return }
        lanes[index].add(item)
    }
}
