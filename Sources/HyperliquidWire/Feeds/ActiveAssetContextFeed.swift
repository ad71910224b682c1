/// What the venue tells of a coin beside its book: mark price, funding, volume, open interest or supply.
///
/// Shared; routed by coin; the first message comes at once, then one on each change. The channel is
/// `activeSpotAssetCtx` for spot pairs and outcome sides. A gap hides only values in between.
public struct ActiveAssetContextFeed: CatalogueFeed {
    /// The coin, by the venue's interned string.
    public let coin: Coin

    /// The context of `coin`.
    public init(coin: Coin) {
        self.coin = coin
    }

    /// `activeAssetCtx`, by coin.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "activeAssetCtx", parameters: [.coin], summary: "mark price, funding, volume of a coin",
            example: ActiveAssetContextFeed(coin: "BTC"))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin())
    }

    /// `{"type":"activeAssetCtx","coin":…}`, for spot pairs as well.
    public var request: FeedRequest {
        FeedRequest(type: "activeAssetCtx", fields: [("coin", .string(coin.name))])
    }

    /// Shared, by coin, on the channel of the coin's kind.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: coin.isSpotLike ? "activeSpotAssetCtx" : "activeAssetCtx", route: .coin,
            routeKey: [coin.name], snapshot: .everyMessage, delivery: .latest)
    }

    /// Checks the coin's interned string.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Whether the context is this coin's.
    public func accepts(_ event: ActiveAssetContext) -> Bool { event.coin == coin }

    /// Reads a context.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<ActiveAssetContext> {
        let context = try ActiveAssetContext(from: &reader)
        try reader.finish()
        return .update(context)
    }
}

extension Feed where Self == ActiveAssetContextFeed {
    /// What the venue tells of a coin beside its book: mark price, funding, volume, open interest or supply.
    public static func activeAssetCtx(_ coin: Coin) -> ActiveAssetContextFeed { ActiveAssetContextFeed(coin: coin) }
}
