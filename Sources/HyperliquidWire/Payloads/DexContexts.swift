/// The contexts of all perpetuals of a dex at a moment.
///
/// Source: docs/protocol.md, "assetCtxs".
public struct DexContexts: Hashable, Sendable {
    /// The dex; empty for the main one.
    public let dex: String
    /// The contexts. They name no coin: each has the index of its coin in the dex's universe (`/info` `meta`).
    public let contexts: [PerpContext]

    /// Creates the contexts of a dex.
    public init(dex: String, contexts: [PerpContext]) {
        self.dex = dex
        self.contexts = contexts
    }
}

extension DexContexts: VenueList {
    /// One row.
    public typealias Element = PerpContext

    /// The same as ``contexts``.
    public var elements: [PerpContext] { contexts }
}

extension DexContexts: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var dex = "", contexts: [PerpContext]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "dex":
                dex = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readString() } ?? ""
            case "ctxs": contexts = try Self.readContexts(&reader)
            default: try reader.skipUnknown()
            }
        }
        self.init(dex: dex, contexts: try reader.require(contexts, "ctxs", in: object))
    }

    /// Reads `[dex,[…]]`, the form in which `allDexsAssetCtxs` has each dex.
    init(fromPair reader: inout MessageReader) throws(DecodingFault) {
        var dex: String?, contexts: [PerpContext]?
        var count = 0
        var pair = try reader.beginArray()
        while try reader.nextElement(&pair) {
            switch count {
            case 0: dex = try reader.readString()
            case 1: contexts = try Self.readContexts(&reader)
            default: try reader.skipUnknown()
            }
            count += 1
        }
        self.init(
            dex: try reader.require(dex, "[0]", in: pair), contexts: try reader.require(contexts, "[1]", in: pair))
    }

    private static func readContexts(_ reader: inout MessageReader) throws(DecodingFault) -> [PerpContext] {
        var contexts: [PerpContext] = []
        var array = try reader.beginArray()
        while try reader.nextElement(&array) { contexts.append(try PerpContext(from: &reader)) }
        return contexts
    }

    /// Writes `{"dex":…,"ctxs":[…]}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("dex", dex)
        writer.field("ctxs", array: contexts)
        writer.endObject()
    }

    /// Writes `[dex,[…]]`.
    func writePair(to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(dex)
        writer.array(contexts)
        writer.endArray()
    }
}
