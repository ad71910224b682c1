internal import HyperliquidWire

/// What a client sent, read.
enum ClientRequest {
    case subscribe(FeedRequest)
    case unsubscribe(FeedRequest)
    case ping
    case post(id: Int64, PostRequest)
    case unreadable

    enum PostRequest {
        case info(FeedRequest)
        case action([UInt8])
    }

    init(_ text: [UInt8]) {
        do throws(DecodingFault) {
            self = try MessageReader.read(text) { (reader) throws(DecodingFault) in try Self.read(&reader) }
        } catch {
            self = .unreadable
        }
    }

    private static func read(_ reader: inout MessageReader) throws(DecodingFault) -> ClientRequest {
        var method = ""
        var subscription: FeedRequest?
        var id: Int64?
        var post: PostRequest?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "method": method = try reader.readString()
            case "subscription": subscription = try FeedRequest(from: &reader)
            case "id": id = try reader.readInteger()
            case "request": post = try readPost(&reader)
            default: try reader.skipUnknown()
            }
        }
        switch (method, subscription, id, post) {
        case ("ping", _, _, _): return .ping
        case ("subscribe", let subscription?, _, _): return .subscribe(subscription)
        case ("unsubscribe", let subscription?, _, _): return .unsubscribe(subscription)
        case ("post", _, let id?, let post?) where id >= 0: return .post(id: id, post)
        default: return .unreadable
        }
    }

    private static func readPost(_ reader: inout MessageReader) throws(DecodingFault) -> PostRequest? {
        var type = ""
        var payload: [UInt8]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "type": type = try reader.readString()
            case "payload": payload = try reader.readRaw()
            default: try reader.skipUnknown()
            }
        }
        guard let payload else { return nil }
        if type == "action" { return .action(payload) }
        guard type == "info" else { return nil }
        return .info(
            try MessageReader.read(payload) { (reader) throws(DecodingFault) in try FeedRequest(from: &reader) })
    }
}

/// A subscription as the venue echoes it: its own order of keys, options filled in, unknown keys dropped.
struct SubscriptionEcho {
    private enum Default {
        case none
        case null
        case no
        case empty
    }

    /// The fields of each type in the order of the echo (PROTOCOL 2.1 and the acknowledgements on record).
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

    /// The request without what the venue does not know.
    static func normalised(_ request: FeedRequest) -> FeedRequest {
        let known = fields(of: request.type).map(\.0)
        return FeedRequest(
            type: request.type,
            fields: request.fields.filter { known.contains($0.name) }.map { ($0.name, $0.value) })
    }

    static func write(_ request: FeedRequest, to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", request.type)
        for (name, fallback) in fields(of: request.type) {
            switch (request[name], fallback) {
            case (.string(let text), _): writer.field(name, text)
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

    static func text(_ request: FeedRequest) -> String {
        var writer = JSONWriter()
        write(request, to: &writer)
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
