/// Any subscription, by its type and fields. Its events are the bytes of `data`.
///
/// A type of the catalogue is placed and routed like the typed feed, shares its upstream subscription, and has its
/// parameters checked. Of any other type nothing is known: its channel is assumed to have the name of the type and
/// its messages no key, so no two feeds of that type share a connection.
public struct RawFeed: Feed {
    /// The canonical request.
    public let request: FeedRequest

    /// Creates the feed of `type` with `fields`, by the venue's names: `["coin": "BTC"]`.
    public init(type: String, fields: KeyValuePairs<String, FeedRequest.Value> = [:]) {
        self.init(type: type, fields: fields.map { ($0.key, $0.value) })
    }

    /// Creates the feed of `type` with fields that were put together while the program runs.
    public init(type: String, fields: [(String, FeedRequest.Value)]) {
        request = FeedRequest(type: type, fields: fields)
    }

    private var parameters: [(String, FeedRequest.Value)] {
        request.fields.map { ($0.name, $0.value) }
    }

    /// The traits of the typed feed, or the cautious ones described above. If the typed feed makes states from the
    /// venue's changes, the messages are those changes: they are buffered, and none is given to a later subscription as
    /// a state.
    public var traits: FeedTraits {
        if let typed = try? FeedCatalogue.makeFeed(type: request.type, parameters: parameters) {
            var traits = typed.traits
            guard traits.snapshot == .firstMessage, traits.delivery == .latest else { return traits }
            (traits.delivery, traits.deliversStates) = (.buffered, false)
            return traits
        }
        return FeedTraits(
            request.user == nil ? .dedicated : .userGrouped, channel: request.type, snapshot: .none,
            delivery: .buffered)
    }

    /// Checks the type, and the parameters if the type is known.
    public func validate() throws(FeedParameterError) {
        guard !request.type.isEmpty else {
            throw FeedParameterError(
                parameter: "type", problem: "a subscription needs one", remedy: "name the venue's subscription type")
        }
        let isKnown = FeedCatalogue.feed(ofType: request.type) != nil || FeedCatalogue.refused[request.type] != nil
        if isKnown { _ = try FeedCatalogue.makeFeed(type: request.type, parameters: parameters) }
    }

    /// Copies the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<RawMessage> {
        let message = try RawMessage(from: &reader)
        try reader.finish()
        return .update(message)
    }
}

extension FeedChoice {
    /// Any subscription, by its type and fields: `.raw(type: "trades", fields: ["coin": "BTC"])`.
    public static func raw(type: String, fields: KeyValuePairs<String, FeedRequest.Value> = [:]) -> FeedChoice<RawFeed>
    {
        .feed(RawFeed(type: type, fields: fields))
    }
}

/// The `data` of a message as received.
public struct RawMessage: VenueValue {
    /// One JSON value in UTF-8.
    public let bytes: [UInt8]

    /// Creates a message from bytes that are one JSON value.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// Copies the next value.
    /// - Throws: ``DecodingFault`` if it is no JSON.
    public init(from reader: inout MessageReader) throws(DecodingFault) { bytes = try reader.readRaw() }

    /// The value as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes the value as received.
    public func write(to writer: inout JSONWriter) { writer.raw(bytes) }

    /// The value as text in one line, cut off after 200 characters.
    public var description: String { text.cut }
}
