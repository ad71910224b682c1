/// Outcomes and questions as they are created, changed and settled.
///
/// Shared; its messages carry no key. There is no snapshot, and messages are rare. Two forms are on record: a bare
/// array with bare ids, and an object with wrapped ids (docs/protocol.md, "outcomeMetaUpdates"); both are read. A gap
/// loses events.
public struct OutcomeMetaUpdatesFeed: CatalogueFeed {
    /// Creates the feed.
    public init() {}

    /// `outcomeMetaUpdates`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "outcomeMetaUpdates", summary: "outcomes and questions as they are created, changed and settled",
            example: OutcomeMetaUpdatesFeed())
    }

    /// Creates the feed, which has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"outcomeMetaUpdates"}`
    public var request: FeedRequest { FeedRequest(type: "outcomeMetaUpdates") }

    /// Shared, routed by the channel alone.
    public var traits: FeedTraits {
        FeedTraits(.shared, channel: "outcomeMetaUpdates", snapshot: .none, delivery: .buffered, priority: .low)
    }

    /// Reads the updates in either form.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<OutcomeMetaUpdates> {
        let event = try OutcomeMetaUpdates(from: &reader)
        try reader.finish()
        return event.updates.isEmpty ? .nothing : .update(event)
    }
}

extension FeedChoice {
    /// Outcomes and questions as they are created, changed and settled.
    public static var outcomeMetaUpdates: FeedChoice<OutcomeMetaUpdatesFeed> { .feed(OutcomeMetaUpdatesFeed()) }
}

/// Changes of outcomes and questions.
///
/// Source: docs/protocol.md, "outcomeMetaUpdates" and "Irregularities on record" for the shape on record.
public struct OutcomeMetaUpdates: Hashable, Sendable {
    /// One change.
    public enum Update: Hashable, Sendable {
        /// A new outcome.
        case outcomeCreated(OutcomeCreation)
        /// The outcome of that id was settled.
        case outcomeSettled(Int64)
        /// A question was created or changed.
        case questionUpdated(QuestionUpdate)
        /// The question of that id was settled.
        case questionSettled(Int64)
        /// A change that this version does not know, kept as received.
        case other(RawField)
    }

    /// The changes, in the venue's order.
    public let updates: [Update]
    /// Whether the venue wrapped the list and its ids in objects, which is the rarer of the two forms on record.
    public let isWrapped: Bool

    /// Creates a list of changes.
    public init(_ updates: [Update], isWrapped: Bool = false) {
        self.updates = updates
        self.isWrapped = isWrapped
    }
}

extension OutcomeMetaUpdates: VenueList {
    /// One row.
    public typealias Element = Update

    /// The same as ``updates``.
    public var elements: [Update] { updates }
}

extension OutcomeMetaUpdates: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        guard reader.peekType() == .object else {
            self.init(try Self.readUpdates(&reader))
            return
        }
        var updates: [Update]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "updates" { updates = try Self.readUpdates(&reader) } else { try reader.skipUnknown() }
        }
        self.init(try reader.require(updates, "updates", in: object), isWrapped: true)
    }

    private static func readUpdates(_ reader: inout MessageReader) throws(DecodingFault) -> [Update] {
        var updates: [Update] = []
        var array = try reader.beginArray()
        while try reader.nextElement(&array) {
            // The venue sends one key; each further one counts as one more update.
            var object = try reader.beginObject()
            while let key = try reader.nextKey(&object) { updates.append(try readUpdate(key, &reader)) }
        }
        return updates
    }

    private static func readUpdate(
        _ key: FieldKey, _ reader: inout MessageReader
    ) throws(DecodingFault) -> Update {
        switch key {
        case "outcomeCreated": .outcomeCreated(try OutcomeCreation(from: &reader))
        case "outcomeSettled": .outcomeSettled(try readID(&reader, "outcome"))
        case "questionUpdated": .questionUpdated(try QuestionUpdate(from: &reader))
        case "questionSettled": .questionSettled(try readID(&reader, "question"))
        default: .other(try RawField(key, from: &reader))
        }
    }

    /// Reads an id, bare or wrapped in an object with one field.
    private static func readID(
        _ reader: inout MessageReader, _ name: StaticString
    ) throws(DecodingFault) -> Int64 {
        guard reader.peekType() == .object else { return try reader.readInteger() }
        var id: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == name { id = try reader.readInteger() } else { try reader.skipUnknown() }
        }
        return try reader.require(id, name.description, in: object)
    }

    /// Writes the updates in the form in which they were received.
    public func write(to writer: inout JSONWriter) {
        if isWrapped {
            writer.beginObject()
            writer.key("updates")
        }
        writer.beginArray()
        for update in updates { write(update, to: &writer) }
        writer.endArray()
        if isWrapped { writer.endObject() }
    }

    private func write(_ update: Update, to writer: inout JSONWriter) {
        writer.beginObject()
        switch update {
        case .outcomeCreated(let creation): writer.field("outcomeCreated", creation)
        case .outcomeSettled(let id): write(id, as: "outcomeSettled", of: "outcome", to: &writer)
        case .questionUpdated(let question): writer.field("questionUpdated", question)
        case .questionSettled(let id): write(id, as: "questionSettled", of: "question", to: &writer)
        case .other(let field): writer.field(field.name, field.value)
        }
        writer.endObject()
    }

    private func write(_ id: Int64, as name: String, of subject: String, to writer: inout JSONWriter) {
        guard isWrapped else { return writer.field(name, id) }
        writer.key(name)
        writer.beginObject()
        writer.field(subject, id)
        writer.endObject()
    }
}
