internal import HyperliquidWire

/// A client's message over the socket.
enum ClientRequest {
    case subscribe(FeedRequest)
    case unsubscribe(FeedRequest)
    case ping
    case post(id: Int64, PostRequest)
    /// The message is not JSON, has an unknown method or lacks a field.
    case unreadable

    /// The request inside a post.
    enum PostRequest {
        case info(InfoRequest)
        /// A signed action, as JSON.
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
        guard type == "info", let request = InfoRequest(payload) else { return nil }
        return .info(request)
    }
}
