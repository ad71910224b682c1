import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// A parsed message of the venue on its way to the client.
enum VenueMessage {
    /// A data message: channel, route key, text, and its origin if known.
    case data(_ChannelKey, _RouteKey, [UInt8], Origin?)
    case acknowledgement(RequestKind, FeedRequest)
    case error(VenueError)
    /// The answer to a post.
    case post(PostID)
    case pong
    case other

    /// The subscription at the venue that a message belongs to. A client cannot see it.
    struct Origin: Hashable, CustomStringConvertible {
        let connection: ConnectionID
        let request: FeedRequest
        /// The number of subscribes to this identity on this connection so far.
        let epoch: Int
        /// The number of the message in its epoch, from 0.
        var ordinal: Int
        /// The number of the message in its identity. All connections bring the same messages of an identity. `nil` if
        /// the feed has a snapshot or a replay.
        var event: Int?
        /// Whether the venue sent the message after the end of the subscription.
        var isLate = false

        var description: String {
            "\(request) \(connection) epoch \(epoch) message \(ordinal)" + (event.map { ", event \($0)" } ?? "")
                + (isLate ? ", late" : "")
        }

        func isSameSubscription(as other: Origin) -> Bool {
            connection == other.connection && request == other.request && epoch == other.epoch
        }
    }
}

/// Parses the venue's messages with the same readers as the client.
struct VenueMessageReader {
    private let schemes: [_ChannelKey: RouteScheme]

    init(_ traits: [FeedTraits]) {
        var schemes: [_ChannelKey: RouteScheme] = [:]
        for traits in traits { schemes[_ChannelKey(traits.channel)] = traits.route }
        self.schemes = schemes
    }

    /// Reads the messages of a text. Only behind an acknowledgement, others may follow.
    func read(_ bytes: [UInt8]) -> [VenueMessage] {
        let first = readFirst(bytes)
        guard case .acknowledgement = first else { return [first] }
        var messages: [VenueMessage] = []
        var start = 0
        while start < bytes.count {
            let end = Self.endOfValue(at: start, in: bytes)
            messages.append(readFirst(Array(bytes[start..<end])))
            start = end
        }
        return messages
    }

    /// The index behind the object or array that begins at an index.
    private static func endOfValue(at start: Int, in bytes: [UInt8]) -> Int {
        var (depth, isInText) = (0, false)
        var index = start
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "\\") where isInText: index += 1
            case UInt8(ascii: "\""): isInText.toggle()
            case UInt8(ascii: "{") where !isInText, UInt8(ascii: "[") where !isInText: depth += 1
            case UInt8(ascii: "}") where !isInText, UInt8(ascii: "]") where !isInText:
                depth -= 1
                if depth == 0 { return index + 1 }
            default: break
            }
            index += 1
        }
        return bytes.count
    }

    private func readFirst(_ bytes: [UInt8]) -> VenueMessage {
        // Only the text of an error can make this throw; such a message is `.other`.
        let message = try? MessageReader.read(bytes) { (reader) throws(DecodingFault) in try read(&reader) }
        return message ?? .other
    }

    private func read(_ reader: inout MessageReader) throws(DecodingFault) -> VenueMessage {
        let envelope = reader._readEnvelope()
        switch envelope.kind {
        case .data:
            guard let scheme = schemes[envelope.channel], let key = reader._routeKey(by: scheme) else { return .other }
            return .data(envelope.channel, key, reader.message, nil)
        case .pong: return .pong
        case .subscriptionResponse:
            return Acknowledgement.read(&reader).map { .acknowledgement($0.0, $0.1) } ?? .other
        case .error: return .error(VenueError(text: try reader.readString()))
        case .post: return PostResponse.read(&reader).map { .post($0.id) } ?? .other
        case .notJSON, .unknown: return .other
        }
    }
}
