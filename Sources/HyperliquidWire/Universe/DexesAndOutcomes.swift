/// The dexes of perpetuals (`/info` `perpDexs`), the main one first.
///
/// Source: docs/protocol.md, "Info requests".
public struct PerpDexes: Hashable, Sendable {
    /// The names; that of the main dex is empty.
    public let names: [String]

    /// Creates the dexes.
    public init(names: [String]) {
        self.names = names
    }
}

extension PerpDexes: VenueValue {
    /// Reads the value, written as the venue does: the main dex is null, each other one an object with a name.
    /// - Throws: ``DecodingFault`` if a name is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        names = try reader.readArray { (reader) throws(DecodingFault) in
            try reader.readNullable { (reader) throws(DecodingFault) in
                var name: String?
                var object = try reader.beginObject()
                while let key = try reader.nextKey(&object) {
                    // The rest, such as the deployer, is not needed to name its coins.
                    if key == "name" { name = try reader.readString() } else { try reader.skipValue() }
                }
                return try reader.require(name, "name", in: object)
            } ?? ""
        }
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        for name in names {
            guard !name.isEmpty else {
                writer.null()
                continue
            }
            writer.beginObject()
            writer.field("name", name)
            writer.endObject()
        }
        writer.endArray()
    }
}

/// The outcomes that can be traded (`/info` `outcomeMeta`).
///
/// Source: docs/protocol.md, "outcomeMetaUpdates".
public struct OutcomeMeta: Hashable, Sendable {
    /// The outcomes.
    public let outcomes: [OutcomeCreation]

    /// Creates the outcomes.
    public init(outcomes: [OutcomeCreation]) {
        self.outcomes = outcomes
    }
}

extension OutcomeMeta: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var outcomes: [OutcomeCreation]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "outcomes" { outcomes = try [OutcomeCreation](from: &reader) } else { try reader.skipValue() }
        }
        self.init(outcomes: try reader.require(outcomes, "outcomes", in: object))
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("outcomes", array: outcomes)
        writer.endObject()
    }
}
