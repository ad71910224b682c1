package import HyperliquidWire

/// An error text of the venue, read by its prefix (PROTOCOL section 4: errors are bare strings).
package enum VenueError: Hashable, Sendable {
    case alreadySubscribed(FeedRequest)
    case alreadyUnsubscribed(FeedRequest)
    case invalidSubscription(FeedRequest?, text: String)
    case unreadableRequest(RequestKind?, FeedRequest?, text: String)
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
        case .invalidSubscription(_, let text), .unreadableRequest(_, _, let text), .tooManyUsers(let text),
            .tooManySubscriptions(let text), .tooManyMessages(let text), .tooManyPosts(_, let text), .other(let text):
            text
        }
    }
}

/// The JSON that an error text quotes, from its first brace to its last.
private struct Quoted {
    private(set) var method: RequestKind?
    private(set) var request: FeedRequest?

    init(_ text: String) {
        guard let first = text.utf8.firstIndex(of: UInt8(ascii: "{")),
            let last = text.utf8.lastIndex(of: UInt8(ascii: "}")), first <= last
        else { return }
        let bytes = ContiguousArray(text.utf8[first...last])
        (method, request) = Self.read(bytes.span)
    }

    /// A whole request, or the subscription alone, as "Already subscribed" and "Invalid subscription" quote it.
    /// What cannot be read attributes the error to nothing.
    private static func read(_ json: borrowing Span<UInt8>) -> (RequestKind?, FeedRequest?) {
        var method: RequestKind?
        var request: FeedRequest?
        var reader = MessageReader(json, names: NameTable())
        do throws(DecodingFault) {
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) {
                switch key {
                case "method": method = RequestKind(rawValue: try reader.readString())
                case "subscription": request = try FeedRequest(from: &reader)
                default: try reader.skipValue()
                }
            }
        } catch {
            return (nil, nil)
        }
        if request == nil {
            var again = MessageReader(json, names: NameTable())
            request = try? FeedRequest(from: &again)
        }
        return (method, request)
    }
}
