/// The contexts of all perpetuals of all dexes.
///
/// Shared; its messages carry no key. Every message has all contexts: hundreds of kilobytes, about once per second
/// (docs/protocol.md, "allDexsAssetCtxs", observed). A gap loses only intermediate values.
public struct AllDexsAssetContextsFeed: CatalogueFeed {
    /// Creates the feed.
    public init() {}

    /// `allDexsAssetCtxs`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "allDexsAssetCtxs", summary: "contexts of all perpetuals of all dexes",
            example: AllDexsAssetContextsFeed())
    }

    /// Creates the feed, which has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"allDexsAssetCtxs"}`
    public var request: FeedRequest { FeedRequest(type: "allDexsAssetCtxs") }

    /// Shared, routed by the channel alone.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "allDexsAssetCtxs", snapshot: .everyMessage, delivery: .latest, priority: .low,
            ticks: true)
    }

    /// Reads the contexts.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<AllDexsContexts> {
        let contexts = try AllDexsContexts(from: &reader)
        try reader.finish()
        return .update(contexts)
    }
}

extension FeedChoice {
    /// Contexts of all perpetuals of all dexes.
    public static var allDexsAssetCtxs: FeedChoice<AllDexsAssetContextsFeed> { .feed(AllDexsAssetContextsFeed()) }
}

/// The contexts of all perpetuals of all dexes at a moment.
public struct AllDexsContexts: Hashable, Sendable {
    /// The dexes, the main one first.
    public let dexes: [DexContexts]

    /// Creates the contexts of all dexes.
    public init(dexes: [DexContexts]) {
        self.dexes = dexes
    }

    /// The contexts of a dex, with an empty name for the main one; `nil` if there is no such dex.
    public subscript(dex: String) -> [PerpContext]? { dexes.first { $0.dex == dex }?.contexts }
}

extension AllDexsContexts: VenueList {
    /// One row.
    public typealias Element = DexContexts

    /// The same as ``dexes``.
    public var elements: [DexContexts] { dexes }
}

extension AllDexsContexts: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var dexes: [DexContexts]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "ctxs":
                dexes = try reader.readArray { (reader) throws(DecodingFault) in
                    try DexContexts(fromPair: &reader)
                }
            default: try reader.skipUnknown()
            }
        }
        self.init(dexes: try reader.require(dexes, "ctxs", in: object))
    }

    /// Writes `{"ctxs":[[dex,[…]],…]}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.key("ctxs")
        writer.beginArray()
        for contexts in dexes { contexts.writePair(to: &writer) }
        writer.endArray()
        writer.endObject()
    }
}
