/// The mid prices of all coins of a dex.
///
/// Shared; routed by dex; every message has all coins, every 2 to 5 s (docs/protocol.md, "allMids", observed). The main
/// dex' messages also carry spot pairs and outcome sides. A gap hides only prices in between.
public struct AllMidsFeed: CatalogueFeed {
    /// The dex; empty for the main one, `ALL_DEXS` for all of them in one stream.
    public let dex: String

    /// The mid prices of `dex`, the main one by default.
    public init(dex: String = "") {
        self.dex = dex
    }

    /// The name by which the venue's own frontend asks for all dexes at once (undocumented).
    static let allDexs = "ALL_DEXS"

    /// `allMids`, by dex.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "allMids", parameters: [.dex], summary: "mid prices of all coins of a dex", example: AllMidsFeed())
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(dex: try parameters.text("dex"))
    }

    /// `{"type":"allMids","dex":…}`, without `dex` for the main one.
    public var request: FeedRequest {
        FeedRequest(type: "allMids", fields: [("dex", .string(dex))])
    }

    /// Shared, by dex.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "allMids", route: .dex, routeKey: [dex], snapshot: .everyMessage, delivery: .latest)
    }

    /// Checks the dex' interned string.
    public func validate() throws(FeedParameterError) { try Dex.validate(dex) }

    /// Whether the prices are this dex'. What the stream of all dexes shows as its dex is not documented, only
    /// that it is not empty.
    public func accepts(_ event: AllMids) -> Bool {
        event.dex == dex || (dex == Self.allDexs && !event.dex.isEmpty)
    }

    /// Reads the prices.
    public static func decode(
        _ reader: inout MessageReader, memory: inout CoinMemory
    ) throws(DecodingFault) -> Decoded<AllMids> {
        let mids = try AllMids(from: &reader, memory: &memory)
        try reader.finish()
        return .update(mids)
    }
}

extension Feed where Self == AllMidsFeed {
    /// The mid prices of all coins of a dex, the main one by default.
    public static func allMids(dex: String = "") -> AllMidsFeed { AllMidsFeed(dex: dex) }
}
