internal import HyperliquidEngine
internal import HyperliquidWire

/// 1000 identities on 10 connections, each of which has capacity for 100 of them or a few more.
private struct FullConnections {
    let placement: Placement
    var loads: [PlacementLoad] = []

    init(_ policy: PlacementPolicy, capacity: Int) {
        var limits = VenueLimits()
        limits.subscriptions = 10_000
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

    /// Places an item, and returns the index of its connection.
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
        case .later, .afterMoves, .nowhere: fatalError("\(item) cannot be placed")
        }
    }
}

/// Decides on the connection of one more item, adds it there and removes it again.
func placing(_ policy: PlacementPolicy) -> Operation {
    var connections = FullConnections(policy, capacity: 101)
    let item = FullConnections.item(2000)
    return { count in
        (0..<count).reduce(0) { sum, _ in
            let index = connections.put(item)
            connections.loads[index].remove(item.id)
            return sum &+ UInt64(index)
        }
    }
}

/// Decides on an item that fits on no connection, even after moves.
func placingWithoutCapacity() -> Operation {
    let connections = FullConnections(.packed, capacity: 100)
    let item = FullConnections.item(2000)
    return { count in
        (0..<count).reduce(0) { sum, _ in
            guard connections.decide(item) == .nowhere else { fatalError("the item fits") }
            return sum &+ 1
        }
    }
}
