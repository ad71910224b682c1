internal import HyperliquidEngine
internal import HyperliquidWire

/// 1000 identities on 10 connections, each with room for 100 of them or a few more.
private struct Board {
    let placement: Placement
    var loads: [PlacementLoad] = []

    init(_ policy: PlacementPolicy, capacity: Int) {
        var limits = VenueLimits()
        limits.subscriptionCount = 10_000
        limits.subscriptionsPerConnection = capacity
        placement = Placement(policy: policy, limits: limits)
        for number in 1...1000 { put(Self.item(number)) }
    }

    static func item(_ number: Int) -> PlacementItem {
        let coin = Coin("COIN\(number / 3)")
        let feed: any Feed = [
            BestBidOfferFeed(coin: coin), TradesFeed(coin: coin), ActiveAssetContextFeed(coin: coin),
        ][number % 3]
        return PlacementItem(id: UpstreamID(UInt64(number)), request: feed.request, traits: feed.traits)
    }

    func decide(_ item: PlacementItem) -> Placement.Decision { placement.decide(item, on: loads, at: .start) }

    /// Gives the slot that it was put on.
    @discardableResult mutating func put(_ item: PlacementItem) -> Int {
        switch decide(item) {
        case .slot(let slot):
            guard let index = loads.firstIndex(where: { $0.slot == slot }) else { fatalError("no slot") }
            loads[index].add(item)
            return index
        case .newSlot(let kind):
            let slot = SlotID(UInt64(loads.count + 1))
            loads.append(PlacementLoad(slot: slot, kind: kind, endpoint: item.ambiguityKey.endpoint))
            loads[loads.count - 1].add(item)
            return loads.count - 1
        case .later, .afterMoves, .nowhere: fatalError("\(item) has no room")
        }
    }
}

/// Decides where one more goes, puts it there and takes it off again.
func placing(_ policy: PlacementPolicy) -> Operation {
    var board = Board(policy, capacity: 101)
    let item = Board.item(2000)
    return { count in
        (0..<count).reduce(0) { sum, _ in
            let index = board.put(item)
            board.loads[index].remove(item.id)
            return sum &+ UInt64(index)
        }
    }
}

/// Decides about one for which there is no room, nor can any be made.
func placingWithoutCapacity() -> Operation {
    let board = Board(.packed, capacity: 100)
    let item = Board.item(2000)
    return { count in
        (0..<count).reduce(0) { sum, _ in
            guard board.decide(item) == .nowhere else { fatalError("there is room") }
            return sum &+ 1
        }
    }
}
