/// Any subscription by its type and fields; its events are the bytes of `data`.
///
/// For a type of the catalogue it is placed and routed like the typed feed, shares its upstream subscription, and has
/// its parameters checked. A type that is not in the catalogue is taken as it is: its channel is named like the
/// type, its messages carry no key, so no two of that type share a connection.
public struct RawFeed: Feed {
    /// The canonical request.
    public let request: FeedRequest

    /// The subscription of `type` with `fields`, by the venue's names.
    public init(type: String, fields: [(String, FeedRequest.Value)] = []) {
        request = FeedRequest(type: type, fields: fields)
    }

    private var parameters: [(String, FeedRequest.Value)] {
        request.fields.map { ($0.name, $0.value) }
    }

    /// The typed feed's, or the cautious ones described above.
    public var traits: FeedTraits {
        if let typed = try? FeedCatalogue.makeFeed(type: request.type, parameters: parameters) { return typed.traits }
        return FeedTraits(
            request.user == nil ? .dedicated : .userGrouped, channel: request.type, snapshot: .none,
            delivery: .buffered)
    }

    /// Checks what is known of the type.
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
        let message = RawMessage(bytes: try reader.readRaw())
        try reader.finish()
        return .update(message)
    }
}

extension Feed where Self == RawFeed {
    /// Any subscription by its type and fields.
    public static func raw(type: String, fields: [(String, FeedRequest.Value)] = []) -> RawFeed {
        RawFeed(type: type, fields: fields)
    }
}

/// The `data` of a message as it came.
public struct RawMessage: Hashable, Sendable, JSONWritable {
    /// One JSON value in UTF-8.
    public let bytes: [UInt8]

    /// Takes bytes that are one JSON value already.
    public init(bytes: [UInt8]) {
        self.bytes = bytes
    }

    /// The value as text.
    public var text: String { String(decoding: bytes, as: UTF8.self) }

    /// Writes the value as it came.
    public func write(to writer: inout JSONWriter) { writer.raw(bytes) }
}
