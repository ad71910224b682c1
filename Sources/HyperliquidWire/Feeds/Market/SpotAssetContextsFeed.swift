/// The contexts of all spot pairs and of the sides of outcome markets.
///
/// Shared, routed by the channel alone. Every message has all contexts. Served by the venue, but undocumented. A gap
/// loses only intermediate values.
public struct SpotAssetContextsFeed: CatalogueFeed {
    /// Creates the feed.
    public init() {}

    /// `spotAssetCtxs`, without parameters.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "spotAssetCtxs", summary: "contexts of all spot pairs and outcome sides", status: .undocumented,
            example: SpotAssetContextsFeed())
    }

    /// Creates the feed, which has no parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {}

    /// `{"type":"spotAssetCtxs"}`
    public var request: FeedRequest { FeedRequest(type: "spotAssetCtxs") }

    /// Shared, routed by the channel alone.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "spotAssetCtxs", snapshot: .everyMessage, delivery: .latest, priority: .low, ticks: true)
    }

    /// Reads the contexts; each names its coin.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<[SpotContext]> {
        let contexts = try reader.readArray { (reader) throws(DecodingFault) in try SpotContext(from: &reader) }
        try reader.finish()
        return .update(contexts)
    }
}

extension FeedChoice {
    /// Contexts of all spot pairs and outcome sides.
    public static var spotAssetCtxs: FeedChoice<SpotAssetContextsFeed> { .feed(SpotAssetContextsFeed()) }
}
