/// The contexts of all perpetuals of a dex, in the order of its universe.
///
/// Shared and routed by dex. Every message has all of them, every few seconds. Served by the venue, but undocumented.
/// A gap loses only intermediate values.
public struct AssetContextsFeed: CatalogueFeed {
    /// The dex; empty for the main one.
    public let dex: String

    /// Creates the feed of a dex, the main one by default.
    public init(dex: String = "") {
        self.dex = dex
    }

    /// `assetCtxs`, by dex.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "assetCtxs", parameters: [.dex], summary: "contexts of all perpetuals of a dex",
            status: .undocumented, example: AssetContextsFeed())
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(dex: try parameters.text("dex"))
    }

    /// `{"type":"assetCtxs","dex":…}`, without `dex` for the main one.
    public var request: FeedRequest {
        FeedRequest(type: "assetCtxs", fields: [("dex", .string(dex))])
    }

    /// Shared, routed by dex.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "assetCtxs", route: .dex, routeKey: [dex], snapshot: .everyMessage, delivery: .latest,
            priority: .low, ticks: true)
    }

    /// Checks the name of the dex. All dexes together are another feed.
    public func validate() throws(FeedParameterError) {
        try Dex.validate(dex)
        guard dex != AllMidsFeed.allDexs else {
            throw FeedParameterError(
                parameter: "dex", problem: "assetCtxs has no stream of all dexes", remedy: "ask for allDexsAssetCtxs")
        }
    }

    /// Returns whether the contexts are this dex's.
    public func accepts(_ event: DexContexts) -> Bool { event.dex == dex }

    /// Reads the contexts.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<DexContexts> {
        let contexts = try DexContexts(from: &reader)
        try reader.finish()
        return .update(contexts)
    }
}

extension FeedChoice {
    /// The contexts of all perpetuals of a dex, in the order of its universe; the main dex by default.
    public static func assetCtxs(dex: String = "") -> FeedChoice<AssetContextsFeed> {
        .feed(AssetContextsFeed(dex: dex))
    }
}
