/// A new outcome: something that may come true, with a market for each of its sides.
///
/// Source: docs/protocol.md, "outcomeMetaUpdates".
public struct OutcomeCreation: Hashable, Sendable {
    /// One side of an outcome.
    public struct SideSpec: Hashable, Sendable {
        /// The side's name, for example `template:Yes`.
        public let name: String
        /// The side's token; absent in all messages on record.
        public let token: Int64?

        /// Puts the fields together.
        public init(name: String, token: Int64?) {
            self.name = name
            self.token = token
        }
    }

    /// The outcome's id.
    public let outcome: Int64
    /// Its name, by the venue's templates.
    public let name: String
    /// What it is about: fields of the template.
    public let description: String
    /// Its sides.
    public let sideSpecs: [SideSpec]
    /// The token in which prices are quoted.
    public let quoteToken: String
    /// Where it is listed; absent in older messages.
    public let venue: String?
    /// The deployer's part of fees, as a fraction; absent in older messages.
    public let deployerFeeScale: ExactDecimal?
    /// What this version does not know.
    public let others: [RawField]

    /// Puts the fields together.
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

extension OutcomeCreation: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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

    /// Writes the outcome by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("outcome", outcome)
        writer.field("name", name)
        writer.field("description", description)
        writer.field("sideSpecs", array: sideSpecs)
        writer.field("quoteToken", quoteToken)
        writer.field(ifPresent: "venue", venue)
        writer.field(ifPresent: "deployerFeeScale", deployerFeeScale)
        for field in others { writer.field(field.name, field.value) }
        writer.endObject()
    }
}

extension OutcomeCreation.SideSpec: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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
