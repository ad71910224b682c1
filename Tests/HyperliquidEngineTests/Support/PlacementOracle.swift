import HyperliquidWire

/// The rules of ambiguity, written down a second time from docs/protocol.md, "Identity and ambiguity", and an
/// exhaustive search for the fewest slots. Tests compare the engine with both.
enum PlacementOracle {
    /// The fields that the messages of each type show; a type without an entry is not in the documented table.
    private static let visibleFields: [String: [String]] = [
        "allMids": ["dex"], "l2Book": ["coin"], "bbo": ["coin"], "trades": ["coin"], "activeAssetCtx": ["coin"],
        "candle": ["coin", "interval"], "assetCtxs": ["dex"], "spotAssetCtxs": [], "allDexsAssetCtxs": [],
        "fastAssetCtxs": [], "outcomeMetaUpdates": [], "notification": [], "orderUpdates": [], "userEvents": [],
        "userFills": ["user"], "userFundings": ["user"], "userNonFundingLedgerUpdates": ["user"],
        "userHistoricalOrders": ["user"], "userTwapSliceFills": ["user"], "userTwapHistory": ["user"],
        "twapStates": ["user", "dex"], "openOrders": ["user", "dex"], "clearinghouseState": ["user", "dex"],
        "allDexsClearinghouseState": ["user"], "spotState": ["user"], "activeAssetData": ["user", "coin"],
        "webData3": ["user"], "explorerBlock": [], "explorerTxs": [],
    ]

    static func isExplorer(_ request: FeedRequest) -> Bool { request.type.hasPrefix("explorer") }

    /// The name of the channel in the message; contexts of spot pairs and outcomes have another one.
    private static func channel(_ request: FeedRequest) -> String {
        switch request.type {
        case "userEvents": return "user"
        case "activeAssetCtx":
            let coin = request.text("coin")
            let isSpot = coin.hasPrefix("@") || coin.hasPrefix("#") || coin.contains("/")
            return isSpot ? "activeSpotAssetCtx" : "activeAssetCtx"
        default: return request.type
        }
    }

    /// Whether a message on a connection with both subscriptions may belong to either.
    static func areAmbiguous(_ one: FeedRequest, _ other: FeedRequest) -> Bool {
        guard one != other, isExplorer(one) == isExplorer(other), channel(one) == channel(other) else { return false }
        // A type that is not in the table shows no field that can be relied on.
        guard let fields = visibleFields[one.type], visibleFields[other.type] == fields else { return true }
        return fields.allSatisfy { one.text($0) == other.text($0) }
    }

    /// The fewest slots, found by trying every way to put the requests together; `nil` if more than `limit` are needed.
    static func fewestConnections(
        _ requests: [FeedRequest], users: Int, subscriptions: Int, limit: Int
    ) -> Int? {
        var best: Int?
        var slots: [[FeedRequest]] = []
        func takes(_ slot: [FeedRequest], _ request: FeedRequest) -> Bool {
            guard slot.count < subscriptions, isExplorer(slot[0]) == isExplorer(request) else { return false }
            guard Set((slot + [request]).compactMap(\.user)).count <= users else { return false }
            return !slot.contains { areAmbiguous($0, request) }
        }
        func place(_ position: Int) {
            guard slots.count < best ?? limit + 1 else { return }
            guard position < requests.count else { return best = slots.count }
            for index in slots.indices where takes(slots[index], requests[position]) {
                slots[index].append(requests[position])
                place(position + 1)
                slots[index].removeLast()
            }
            slots.append([requests[position]])
            place(position + 1)
            slots.removeLast()
        }
        place(0)
        return best
    }
}
