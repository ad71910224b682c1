package import HyperliquidWire

/// An error text of the venue, recognised by its prefix (docs/protocol.md, "Error messages": errors are bare strings).
package enum VenueError: Hashable, Sendable {
    /// A subscribe for an identity that the connection holds already.
    case alreadySubscribed(FeedRequest)
    /// An unsubscribe for an identity that the connection does not hold.
    case alreadyUnsubscribed(FeedRequest)
    /// A subscribe that the venue refused; the request is `nil` if the text quotes none that can be read.
    case invalidSubscription(FeedRequest?, text: String)
    /// A subscribe or unsubscribe that the venue could not read.
    case unreadableRequest(RequestKind?, FeedRequest?, text: String)
    /// A post that the venue could not read.
    case unreadablePost(id: Int64, text: String)
    /// A subscribe beyond the limit on users; the text names no request.
    case tooManyUsers(text: String)
    /// A subscribe beyond the limit on subscriptions; the text names no request.
    case tooManySubscriptions(text: String)
    /// Messages beyond the limit on messages; the text names no request.
    case tooManyMessages(text: String)
    /// A post beyond the limit on posts in flight.
    case tooManyPosts(id: Int64, text: String)
    /// A text with none of the known prefixes that quotes a request; the kind is `nil` if it quotes only the
    /// subscription.
    case unknownRefusal(RequestKind?, FeedRequest, text: String)
    /// A text with none of the known prefixes that quotes no request.
    case other(String)

    /// Recognises a text; one that quotes no request although it should becomes `.other`. The texts of the error are
    /// those of ``VenueText``.
    package init(text words: String) {
        let quoted = Quoted(words)
        let text = VenueText.shown(words)
        if words.hasPrefix("Already subscribed"), let request = quoted.request {
            self = .alreadySubscribed(request)
        } else if words.hasPrefix("Already unsubscribed"), let request = quoted.request {
            self = .alreadyUnsubscribed(request)
        } else if words.hasPrefix("Invalid subscription") {
            self = .invalidSubscription(quoted.request, text: text)
        } else if words.hasPrefix("Error parsing JSON into valid websocket request"), let id = quoted.post {
            self = .unreadablePost(id: id, text: text)
        } else if words.hasPrefix("Error parsing JSON into valid websocket request") {
            self = .unreadableRequest(quoted.method, quoted.request, text: text)
        } else if words.hasPrefix("Cannot track more than") {
            self = .tooManyUsers(text: text)
        } else if words.hasPrefix("Cannot subscribe to more than") {
            self = .tooManySubscriptions(text: text)
        } else if words.hasPrefix("Cannot send more than") {
            self = .tooManyMessages(text: text)
        } else if words.hasPrefix("too many pending post requests id="), let id = Int64(words.dropFirst(34)) {
            self = .tooManyPosts(id: id, text: text)
        } else if let id = quoted.post {
            self = .unreadablePost(id: id, text: text)
        } else if let request = quoted.request {
            self = .unknownRefusal(quoted.method, request, text: text)
        } else {
            self = .other(text)
        }
    }

    /// The venue's text, as it is shown; for `alreadySubscribed` and `alreadyUnsubscribed`, a text made from the request.
    package var text: String {
        switch self {
        case .alreadySubscribed(let request): VenueText.shown("Already subscribed: \(request)")
        case .alreadyUnsubscribed(let request): VenueText.shown("Already unsubscribed: \(request)")
        case .unreadablePost(_, let text), .invalidSubscription(_, let text), .unreadableRequest(_, _, let text),
            .tooManyUsers(let text), .tooManySubscriptions(let text), .tooManyMessages(let text),
            .tooManyPosts(_, let text), .unknownRefusal(_, _, let text), .other(let text):
            text
        }
    }
}

/// What is shown and logged of the venue's words: nothing of a post, and no signature.
///
/// An error may quote the request that it is about (docs/protocol.md, "Error messages"). A subscription is no secret,
/// and is shown. Any other quoted object may be a signed action: it is replaced by `{…}`, with all that follows.
/// Hexadecimal numbers longer than an address may be parts of a signature, and are left out wherever they stand.
package enum VenueText {
    /// The largest number of characters that are shown.
    package static let limit = 300

    /// The words as they are shown: on one line, without secrets, and cut to ``limit``.
    package static func shown(_ words: String) -> String {
        var text = words
        if let quote = Quoted.range(in: words), !isHarmless(words[quote]) {
            // If the quotation was cut, an inner object ends it, and more of it follows: so everything after it goes, too.
            text = words[..<quote.lowerBound] + "{…}"
        }
        text = String(
            String.UnicodeScalarView(text.unicodeScalars.map { $0.value < 0x20 || $0.value == 0x7f ? " " : $0 }))
        text = withoutLongNumbers(text)
        return text.count <= limit ? text : text.prefix(limit) + "…"
    }

    /// Whether a quoted object is the request of a feed, and nothing else.
    private static func isHarmless(_ quote: Substring) -> Bool {
        Quoted(String(quote)).request != nil
            && !["\"signature\"", "\"payload\"", "\"action\"", "\"request\""].contains { quote.contains($0) }
    }

    /// Replaces the digits of hexadecimal numbers that are longer than an address.
    private static func withoutLongNumbers(_ text: String) -> String {
        var result = ""
        var digits = ""
        func isDigit(_ character: Character) -> Bool { character.isASCII && character.isHexDigit }
        for character in text {
            if isDigit(character) {
                digits.append(character)
                continue
            }
            result += digits.count > addressLength ? "…" : digits
            digits = ""
            result.append(character)
        }
        return result + (digits.count > addressLength ? "…" : digits)
    }

    /// The number of digits of an address.
    private static let addressLength = 40
}

/// The request in the JSON that an error text quotes, from the first brace to the last.
private struct Quoted {
    private(set) var method: RequestKind?
    private(set) var request: FeedRequest?
    /// The id of a request over the socket.
    private(set) var post: Int64?

    init(_ text: String) {
        guard let range = Self.range(in: text) else { return }
        let json = text.utf8[range]
        // If the JSON cannot be read, the error is attributed to no request.
        guard let whole = try? MessageReader.read(json, { (reader) throws(DecodingFault) in try Self.read(&reader) })
        else { return }
        method = whole.0
        post = whole.2
        request =
            whole.1
            ?? (try? MessageReader.read(json) { (reader) throws(DecodingFault) in try FeedRequest(from: &reader) })
    }

    /// The quoted object: from the first brace to the last one, or to the end if it is cut.
    static func range(in text: String) -> Range<String.Index>? {
        guard let first = text.utf8.firstIndex(of: UInt8(ascii: "{")) else { return nil }
        guard let last = text.utf8.lastIndex(of: UInt8(ascii: "}")), first <= last else { return first..<text.endIndex }
        return first..<text.utf8.index(after: last)
    }

    /// Reads a request with its method. The errors "Already subscribed" and "Already unsubscribed" quote only the
    /// subscription, and for these the returned request is `nil`.
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
