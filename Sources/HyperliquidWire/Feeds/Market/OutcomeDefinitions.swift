/// A new outcome: an event that may come true, with a market for each side.
///
/// Source: docs/protocol.md, "outcomeMetaUpdates".
public struct OutcomeCreation: Hashable, Sendable {
    /// One side of an outcome.
    public struct SideSpec: Hashable, Sendable {
        /// The side's name, for example `template:Yes`.
        public let name: String
        /// The side's token; absent in all messages on record.
        public let token: Int64?

        /// Creates a side spec.
        public init(name: String, token: Int64?) {
            self.name = name
            self.token = token
        }
    }

    /// The outcome's id.
    public let outcome: Int64
    /// The name, which follows the venue's templates.
    public let name: String
    /// The description: the fields of the template.
    public let description: String
    /// The sides.
    public let sideSpecs: [SideSpec]
    /// The token in which prices are quoted.
    public let quoteToken: String
    /// The venue on which it is listed; absent in older messages.
    public let venue: String?
    /// The deployer's share of fees, as a fraction; absent in older messages.
    public let deployerFeeScale: ExactDecimal?
    /// The fields that this version does not know.
    public let others: [RawField]

    /// Creates an outcome.
    public init(
        outcome: Int64, name: String, description: String, sideSpecs: [SideSpec], quoteToken: String,
        venue: String? = nil, deployerFeeScale: ExactDecimal? = nil, others: [RawField] = []
    ) {
        self.outcome = outcome
        self.name = name
        self.description = description
        self.sideSpecs = sideSpecs
        self.quoteToken = quoteToken
        self.venue = venue
        self.deployerFeeScale = deployerFeeScale
        self.others = others
    }
}

extension OutcomeCreation: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var outcome: Int64?, name: String?, description: String?, sideSpecs: [SideSpec]?, quoteToken: String?
        var venue: String?, deployerFeeScale: ExactDecimal?, others: [RawField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "outcome": outcome = try reader.readInteger()
            case "name": name = try reader.readString()
            case "description": description = try reader.readString()
            case "sideSpecs":
                sideSpecs = try reader.readArray { (reader) throws(DecodingFault) in try SideSpec(from: &reader) }
            case "quoteToken": quoteToken = try reader.readString()
            case "venue": venue = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readString() }
            case "deployerFeeScale":
                deployerFeeScale = try reader.readNullable { (reader) throws(DecodingFault) in
                    try reader.readDecimal()
                }
            default: others.append(try RawField(key, from: &reader))
            }
        }
        self.init(
            outcome: try reader.require(outcome, "outcome", in: object),
            name: try reader.require(name, "name", in: object),
            description: try reader.require(description, "description", in: object),
            sideSpecs: try reader.require(sideSpecs, "sideSpecs", in: object),
            quoteToken: try reader.require(quoteToken, "quoteToken", in: object), venue: venue,
            deployerFeeScale: deployerFeeScale, others: others)
    }

    /// Writes the outcome with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("outcome", outcome)
        writer.field("name", name)
        writer.field("description", description)
        writer.field("sideSpecs", array: sideSpecs)
        writer.field("quoteToken", quoteToken)
        writer.field(ifPresent: "venue", venue)
        writer.field(ifPresent: "deployerFeeScale", deployerFeeScale)
        writer.fields(others)
        writer.endObject()
    }
}

extension OutcomeCreation.SideSpec: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var name: String?, token: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "name": name = try reader.readString()
            case "token": token = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readInteger() }
            default: try reader.skipUnknown()
            }
        }
        self.init(name: try reader.require(name, "name", in: object), token: token)
    }

    /// Writes `{"name":…,"token":…}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", name)
        writer.field(ifPresent: "token", token)
        writer.endObject()
    }
}

/// A question after a change: several outcomes of which one comes true.
///
/// Source: docs/protocol.md, "outcomeMetaUpdates".
public struct QuestionUpdate: Hashable, Sendable {
    /// The question's id.
    public let question: Int64
    /// The name, which follows the venue's templates.
    public let name: String
    /// The description: the fields of the template.
    public let description: String
    /// The id of the outcome that comes true if no named one does.
    public let fallbackOutcome: Int64
    /// The ids of its named outcomes.
    public let namedOutcomes: [Int64]
    /// The ids of those named outcomes that are settled.
    public let settledNamedOutcomes: [Int64]
    /// The fields that this version does not know.
    public let others: [RawField]

    /// Creates a question.
    public init(
        question: Int64, name: String, description: String, fallbackOutcome: Int64, namedOutcomes: [Int64],
        settledNamedOutcomes: [Int64], others: [RawField] = []
    ) {
        self.question = question
        self.name = name
        self.description = description
        self.fallbackOutcome = fallbackOutcome
        self.namedOutcomes = namedOutcomes
        self.settledNamedOutcomes = settledNamedOutcomes
        self.others = others
    }
}

extension QuestionUpdate: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var question: Int64?, name: String?, description: String?, fallbackOutcome: Int64?
        var namedOutcomes: [Int64]?, settledNamedOutcomes: [Int64]?, others: [RawField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "question": question = try reader.readInteger()
            case "name": name = try reader.readString()
            case "description": description = try reader.readString()
            case "fallbackOutcome": fallbackOutcome = try reader.readInteger()
            case "namedOutcomes": namedOutcomes = try Self.readIDs(&reader)
            case "settledNamedOutcomes": settledNamedOutcomes = try Self.readIDs(&reader)
            default: others.append(try RawField(key, from: &reader))
            }
        }
        self.init(
            question: try reader.require(question, "question", in: object),
            name: try reader.require(name, "name", in: object),
            description: try reader.require(description, "description", in: object),
            fallbackOutcome: try reader.require(fallbackOutcome, "fallbackOutcome", in: object),
            namedOutcomes: try reader.require(namedOutcomes, "namedOutcomes", in: object),
            settledNamedOutcomes: try reader.require(settledNamedOutcomes, "settledNamedOutcomes", in: object),
            others: others)
    }

    private static func readIDs(_ reader: inout MessageReader) throws(DecodingFault) -> [Int64] {
        try reader.readArray { (reader) throws(DecodingFault) in try reader.readInteger() }
    }

    /// Writes the question with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("question", question)
        writer.field("name", name)
        writer.field("description", description)
        writer.field("fallbackOutcome", fallbackOutcome)
        writer.field("namedOutcomes", array: namedOutcomes)
        writer.field("settledNamedOutcomes", array: settledNamedOutcomes)
        writer.fields(others)
        writer.endObject()
    }
}

/// A field that this version does not know, kept as received.
public struct RawField: Hashable, Sendable {
    /// The venue's name of the field.
    public let name: String
    /// The value of the field: one JSON value in UTF-8.
    public let value: RawMessage

    /// Creates a field.
    public init(name: String, value: RawMessage) {
        self.name = name
        self.value = value
    }

    /// Reads the value of the field `key` and counts it as unknown.
    init(_ key: FieldKey, from reader: inout MessageReader) throws(DecodingFault) {
        reader.unknownCount += 1
        self.init(name: key.text, value: RawMessage(bytes: try reader.readRaw()))
    }
}

extension JSONWriter {
    /// Writes fields as they were read.
    mutating func fields(_ fields: [RawField]) {
        for raw in fields { field(raw.name, raw.value) }
    }
}
