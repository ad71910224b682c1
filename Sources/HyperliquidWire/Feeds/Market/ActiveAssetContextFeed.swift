/// The data of a coin beside its book: mark price, funding, volume, open interest or supply.
///
/// Shared and routed by coin. The first message comes at once, then one on each change. The channel is
/// `activeSpotAssetCtx` for spot pairs and outcome sides. A gap loses only intermediate values.
public struct ActiveAssetContextFeed: CatalogueFeed {
    /// The coin, as the venue spells it.
    public let coin: Coin

    /// Creates the feed of a coin.
    public init(coin: Coin) {
        self.coin = coin
    }

    /// `activeAssetCtx`, by coin.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "activeAssetCtx", parameters: [.coin], summary: "mark price, funding, volume of a coin",
            example: ActiveAssetContextFeed(coin: "BTC"))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin())
    }

    /// `{"type":"activeAssetCtx","coin":…}`, for spot pairs as well.
    public var request: FeedRequest {
        FeedRequest(type: "activeAssetCtx", fields: [("coin", .string(coin.name))])
    }

    /// Shared and routed by coin, on the channel of the coin's kind.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: coin.isSpotLike ? "activeSpotAssetCtx" : "activeAssetCtx", route: .coin,
            routeKey: [coin.name], snapshot: .everyMessage, delivery: .latest)
    }

    /// Checks the coin's name.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Returns whether the context is this coin's.
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

extension FeedChoice {
    /// The data of a coin beside its book: mark price, funding, volume, open interest or supply.
    public static func activeAssetCtx(_ coin: Coin) -> FeedChoice<ActiveAssetContextFeed> {
        .feed(ActiveAssetContextFeed(coin: coin))
    }
}

/// The data of a coin beside its book at a moment.
///
/// Source: docs/protocol.md, "activeAssetCtx".
public struct ActiveAssetContext: Hashable, Sendable {
    /// A perpetual's or a spot pair's context.
    public enum Context: Hashable, Sendable {
        /// The context of a perpetual.
        case perp(PerpContext)
        /// The context of a spot pair or an outcome side.
        case spot(SpotContext)
    }

    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The context of the coin.
    public let context: Context

    /// Creates a coin's context.
    public init(coin: Coin, context: Context) {
        self.coin = coin
        self.context = context
    }

    /// The context of a perpetual; `nil` for a spot pair.
    public var perp: PerpContext? {
        guard case .perp(let context) = context else { return nil }
        return context
    }

    /// The context of a spot pair or an outcome side; `nil` for a perpetual.
    public var spot: SpotContext? {
        guard case .spot(let context) = context else { return nil }
        return context
    }

    /// The mark price, in quote units per base unit.
    public var markPrice: ExactDecimal {
        switch context {
        case .perp(let context): context.markPrice
        case .spot(let context): context.markPrice
        }
    }
}

extension ActiveAssetContext: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        if let context = reader.fast({ ActiveAssetContext(fast: &$0) }) {
            self = context
            return
        }
        try self.init(anyOrder: &reader)
    }

    /// `{"coin":"…","ctx":{…}}`, on the fast path; the coin's name decides its kind.
    private init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"coin":""#), let coin = reader.coin(), reader.take(#"","ctx":"#) else { return nil }
        if coin.isSpotLike {
            guard let context = SpotContext(fast: &reader), reader.take("}") else { return nil }
            self.init(coin: coin, context: .spot(context))
        } else {
            guard let context = PerpContext(fast: &reader), reader.take("}") else { return nil }
            self.init(coin: coin, context: .perp(context))
        }
    }

    private init(anyOrder reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, fields: ContextFields?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "ctx": fields = try ContextFields(from: &reader)
            default: try reader.skipUnknown()
            }
        }
        let found = try reader.require(coin, "coin", in: object)
        let context = try reader.require(fields, "ctx", in: object)
        let isSpot = context.isSpot || found.isSpotLike
        self.init(coin: found, context: isSpot ? .spot(try context.spot(&reader)) : .perp(try context.perp(&reader)))
    }

    /// Writes `{"coin":…,"ctx":{…}}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        switch context {
        case .perp(let context): writer.field("ctx", context)
        case .spot(let context): writer.field("ctx", context)
        }
        writer.endObject()
    }
}
