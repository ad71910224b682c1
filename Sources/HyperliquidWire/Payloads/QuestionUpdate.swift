/// A question as it stands after a change: several outcomes of which one comes true.
///
/// Source: docs/protocol.md, "outcomeMetaUpdates".
public struct QuestionUpdate: Hashable, Sendable {
    /// The question's id.
    public let question: Int64
    /// Its name, by the venue's templates.
    public let name: String
    /// What it is about: fields of the template.
    public let description: String
    /// The id of the outcome that comes true when no named one does.
    public let fallbackOutcome: Int64
    /// The ids of its named outcomes.
    public let namedOutcomes: [Int64]
    /// The ids of those named outcomes that are settled.
    public let settledNamedOutcomes: [Int64]
    /// What this version does not know.
    public let others: [RawField]

    /// Puts the fields together.
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

extension QuestionUpdate: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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

    /// Writes the question by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("question", question)
        writer.field("name", name)
        writer.field("description", description)
        writer.field("fallbackOutcome", fallbackOutcome)
        writer.field("namedOutcomes", array: namedOutcomes)
        writer.field("settledNamedOutcomes", array: settledNamedOutcomes)
        for field in others { writer.field(field.name, field.value) }
        writer.endObject()
    }
}
