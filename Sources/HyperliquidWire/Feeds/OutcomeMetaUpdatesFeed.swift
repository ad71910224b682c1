/// Outcomes and questions as they are created, changed and settled.
///
/// Shared; its messages carry no key; nothing comes first, and messages are rare. Two shapes are on record: a bare
/// array with bare ids, and an object with wrapped ids (docs/protocol.md, "outcomeMetaUpdates"); both are read. A gap
/// hides events.
public struct OutcomeMetaUpdatesFeed: CatalogueFeed {
    /// Outcomes and questions as they are created, changed and settled.
    public init() {}

    /// `outcomeMetaUpdates`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "outcomeMetaUpdates", summary: "outcomes and questions as they are created, changed and settled",
            example: OutcomeMetaUpdatesFeed())
    }

    /// Makes the feed; it has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"outcomeMetaUpdates"}`
    public var request: FeedRequest { FeedRequest(type: "outcomeMetaUpdates") }

    /// Shared, by the channel alone.
    public var traits: FeedTraits {
        FeedTraits(.shared, channel: "outcomeMetaUpdates", snapshot: .none, delivery: .buffered, priority: .low)
    }

    /// Reads the updates in either shape.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<OutcomeMetaUpdates> {
        let event = try OutcomeMetaUpdates(from: &reader)
        try reader.finish()
        return event.updates.isEmpty ? .nothing : .update(event)
    }
}

extension Feed where Self == OutcomeMetaUpdatesFeed {
    /// Outcomes and questions as they are created, changed and settled.
    public static var outcomeMetaUpdates: OutcomeMetaUpdatesFeed { OutcomeMetaUpdatesFeed() }
}
