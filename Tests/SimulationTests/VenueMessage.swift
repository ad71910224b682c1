import HyperliquidEngine
import HyperliquidSimulator
import HyperliquidWire

/// A message of the venue under way to the client, read once.
enum Frame {
    /// Data, with the key that a client can see, its text, and what the world knows of its origin.
    case data(ChannelKey, RouteKey, [UInt8], Stamp?)
    case acknowledgement(RequestKind, FeedRequest)
    case error(VenueError)
    /// The answer to a request over the socket.
    case post(PostID)
    case pong
    case other

    /// Which subscription at the venue a message really belongs to: no client can see this.
    struct Stamp: Hashable, CustomStringConvertible {
        let connection: ConnectionID
        let request: FeedRequest
        /// Counts the subscriptions of this identity on this connection.
        let epoch: Int
        /// Counts the messages of this epoch, from 0.
        var ordinal: Int
        /// Counts the identity's messages over all connections, which all bring the same; only where the venue repeats
        /// nothing.
        var event: Int?
        /// Whether the subscription had ended when it left the venue.
        var isLate = false

        var description: String {
            "\(request) \(connection) epoch \(epoch) message \(ordinal)" + (event.map { ", event \($0)" } ?? "")
                + (isLate ? ", late" : "")
        }

        func isSameStream(as other: Stamp) -> Bool {
            connection == other.connection && request == other.request && epoch == other.epoch
        }
    }
}

/// Reads messages as the client's connection ports do.
struct FrameReader {
    private let schemes: [ChannelKey: RouteScheme]

    init(_ traits: [FeedTraits]) {
        var schemes: [ChannelKey: RouteScheme] = [:]
        for traits in traits { schemes[ChannelKey(traits.channel)] = traits.route }
        self.schemes = schemes
    }

    func read(_ bytes: [UInt8]) -> Frame {
        // `readEnvelope` itself is total; only the reading of an error's text throws.
        let frame = try? MessageReader.read(bytes) { (reader) throws(DecodingFault) in try read(&reader) }
        return frame ?? .other
    }

    private func read(_ reader: inout MessageReader) throws(DecodingFault) -> Frame {
        let envelope = reader.readEnvelope()
        switch envelope.kind {
        case .data:
            guard let scheme = schemes[envelope.channel], let key = reader.routeKey(by: scheme) else { return .other }
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
