package import HyperliquidWire

/// An error text of the venue, read by its prefix (docs/protocol.md, "Error messages": errors are bare strings).
package enum VenueError: Hashable, Sendable {
    case alreadySubscribed(FeedRequest)
    case alreadyUnsubscribed(FeedRequest)
    case invalidSubscription(FeedRequest?, text: String)
    case unreadableRequest(RequestKind?, FeedRequest?, text: String)
    case unreadablePost(id: Int64, text: String)
    case tooManyUsers(text: String)
    case tooManySubscriptions(text: String)
    case tooManyMessages(text: String)
    case tooManyPosts(id: Int64, text: String)
    case other(String)

    /// Reads a text.
    package init(text: String) {
        let quoted = Quoted(text)
        if text.hasPrefix("Already subscribed"), let request = quoted.request {
            self = .alreadySubscribed(request)
        } else if text.hasPrefix("Already unsubscribed"), let request = quoted.request {
            self = .alreadyUnsubscribed(request)
        } else if text.hasPrefix("Invalid subscription") {
            self = .invalidSubscription(quoted.request, text: text)
        } else if text.hasPrefix("Error parsing JSON into valid websocket request"), let id = quoted.post {
            self = .unreadablePost(id: id, text: text)
        } else if text.hasPrefix("Error parsing JSON into valid websocket request") {
            self = .unreadableRequest(quoted.method, quoted.request, text: text)
        } else if text.hasPrefix("Cannot track more than") {
            self = .tooManyUsers(text: text)
        } else if text.hasPrefix("Cannot subscribe to more than") {
            self = .tooManySubscriptions(text: text)
        } else if text.hasPrefix("Cannot send more than") {
            self = .tooManyMessages(text: text)
        } else if text.hasPrefix("too many pending post requests id="), let id = Int64(text.dropFirst(34)) {
            self = .tooManyPosts(id: id, text: text)
        } else {
            self = .other(text)
        }
    }

    /// The venue's words.
    package var text: String {
        switch self {
        case .alreadySubscribed(let request): "Already subscribed: \(request)"
        case .alreadyUnsubscribed(let request): "Already unsubscribed: \(request)"
        case .unreadablePost(_, let text), .invalidSubscription(_, let text), .unreadableRequest(_, _, let text),
            .tooManyUsers(let text),
            .tooManySubscriptions(let text), .tooManyMessages(let text), .tooManyPosts(_, let text), .other(let text):
            text
        }
    }
}

/// The JSON that an error text quotes, from its first brace to its last.
private struct Quoted {
    private(set) var method: RequestKind?
    private(set) var request: FeedRequest?
    /// The id of a request over the socket.
    private(set) var post: Int64?

    init(_ text: String) {
        guard let first = text.utf8.firstIndex(of: UInt8(ascii: "{")),
            let last = text.utf8.lastIndex(of: UInt8(ascii: "}")), first <= last
        else { return }
        let json = text.utf8[first...last]
        // What cannot be read attributes the error to nothing.
        guard let whole = try? MessageReader.read(json, { (reader) throws(DecodingFault) in try Self.read(&reader) })
        else { return }
        method = whole.0
        post = whole.2
        request =
            whole.1
            ?? (try? MessageReader.read(json) { (reader) throws(DecodingFault) in try FeedRequest(from: &reader) })
    }

    /// A whole request; the subscription alone, as "Already subscribed" quotes it, gives nothing here.
    private static func read(
        _ reader: inout MessageReader
    ) throws(DecodingFault) -> (RequestKind?, FeedRequest?, post: Int64?) {
        var method = ""
        var request: FeedRequest?
        var id: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "method": method = try reader.readString()
            case "id" where reader.peekType() == .number: id = try reader.readInteger()
            case "subscription": request = try FeedRequest(from: &reader)
            default: try reader.skipValue()
            }
        }
        return (RequestKind(rawValue: method), request, method == "post" ? id : nil)
    }
}
