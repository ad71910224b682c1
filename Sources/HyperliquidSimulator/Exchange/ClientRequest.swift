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

    /// Reads a request. Keys that its method does not need are ignored, whatever their type: the order of keys is free,
    /// so values are kept as they came until the method is known (docs/protocol.md, "R11").
    private static func read(_ reader: inout MessageReader) throws(DecodingFault) -> ClientRequest {
        var method: [UInt8]?
        var subscription: [UInt8]?
        var id: [UInt8]?
        var post: [UInt8]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "method": method = try reader.readRaw()
            case "subscription": subscription = try reader.readRaw()
            case "id": id = try reader.readRaw()
            case "request": post = try reader.readRaw()
            default: try reader.skipUnknown()
            }
        }
        switch try value(method, { (reader) throws(DecodingFault) in try reader.readString() }) {
        case "ping": return .ping
        case "subscribe": return .subscribe(try value(subscription, FeedRequest.init(from:)))
        case "unsubscribe": return .unsubscribe(try value(subscription, FeedRequest.init(from:)))
        case "post":
            let id = try value(id) { (reader) throws(DecodingFault) in try reader.readInteger() }
            guard id >= 0, let request = try value(post, readPost) else { return .unreadable }
            return .post(id: id, request)
        default: return .unreadable
        }
    }

    /// Reads the value of a key that the method needs.
    private static func value<Value>(
        _ json: [UInt8]?, _ read: (inout MessageReader) throws(DecodingFault) -> Value
    ) throws(DecodingFault) -> Value {
        guard let json else { throw DecodingFault(.missingField, at: 0) }
        return try MessageReader.read(json, read)
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
