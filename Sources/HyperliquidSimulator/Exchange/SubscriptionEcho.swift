internal import HyperliquidWire

/// Writes a subscription as the venue echoes it: in the venue's order of keys, with all options and no unknown keys.
enum SubscriptionEcho {
    /// The value that the echo shows for a field that the request leaves out.
    private enum Default {
        /// The field is left out.
        case none
        case null
        case no
        case empty
    }

    /// The fields of each type in the order of the echo (docs/protocol.md, "Acknowledgements").
    private static func fields(of type: String) -> [(String, Default)] {
        switch type {
        case "l2Book": [("coin", .none), ("nSigFigs", .null), ("mantissa", .null), ("fast", .no)]
        case "candle": [("interval", .none), ("coin", .none)]
        case "trades", "bbo", "activeAssetCtx": [("coin", .none)]
        case "allMids": [("dex", .none)]
        case "assetCtxs": [("dex", .empty)]
        case "userFills": [("user", .none), ("aggregateByTime", .no)]
        case "spotState": [("user", .none), ("ignorePortfolioMargin", .no)]
        case "twapStates", "openOrders", "clearinghouseState": [("user", .none), ("dex", .empty)]
        case "activeAssetData": [("user", .none), ("coin", .none)]
        case "notification", "orderUpdates", "userEvents", "userFundings", "userNonFundingLedgerUpdates",
            "userHistoricalOrders", "userTwapSliceFills", "userTwapHistory", "allDexsClearinghouseState", "webData3",
            "webData2":
            [("user", .none)]
        default: []
        }
    }

    /// The request without the fields that the venue does not know.
    static func normalised(_ request: FeedRequest) -> FeedRequest {
        let known = fields(of: request.type).map(\.0)
        return FeedRequest(
            type: request.type,
            fields: request.fields.filter { known.contains($0.name) }.map { ($0.name, $0.value) })
    }

    /// - Parameter changesCase: Whether the coin and the user are shown in another case.
    static func write(_ request: FeedRequest, to writer: inout JSONWriter, changesCase: Bool = false) {
        writer.beginObject()
        writer.field("type", request.type)
        for (name, fallback) in fields(of: request.type) {
            switch (request[name], fallback) {
            case (.string(let text), _):
                let changes = changesCase && (name == "coin" || name == "user")
                writer.field(name, changes ? inAnotherCase(text) : text)
            case (.integer(let number), _): writer.field(name, number)
            case (.boolean(let flag), _): writer.field(name, flag)
            case (.null, _), (nil, .none): break
            case (nil, .null): writer.field(orNull: name, nil as String?)
            case (nil, .no): writer.field(name, false)
            case (nil, .empty): writer.field(name, "")
            }
        }
        writer.endObject()
    }

    /// The text in lower case, or in upper case if it is in lower case already. The `0x` of an address stays.
    private static func inAnotherCase(_ text: String) -> String {
        let prefix = text.hasPrefix("0x") ? "0x" : ""
        let rest = text.dropFirst(prefix.count)
        let lower = rest.lowercased()
        return prefix + (lower == rest ? rest.uppercased() : lower)
    }

    static func text(_ request: FeedRequest) -> String {
        var writer = JSONWriter()
        write(request, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
