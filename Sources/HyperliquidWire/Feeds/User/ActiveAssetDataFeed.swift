/// The amounts of a perpetual that a user can trade.
///
/// Every message is the full state.
public struct ActiveAssetDataFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// The coin, as the venue spells it.
    public let coin: Coin

    /// Creates the feed.
    public init(user: Address, coin: Coin) {
        self.user = user
        self.coin = coin
    }

    /// `activeAssetData`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "activeAssetData", parameters: [.user, .coin],
            summary: "amounts of a perpetual that a user can trade",
            example: ActiveAssetDataFeed(user: .example, coin: "ETH"))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), coin: try parameters.coin())
    }

    /// The canonical request.
    public var request: FeedRequest {
        FeedRequest(
            type: "activeAssetData", fields: [("user", .string(user.description)), ("coin", .string(coin.name))])
    }

    /// Grouped with the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "activeAssetData", route: .userAndCoin, routeKey: [user.description, coin.name],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Checks the coin's name.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Returns whether the message is this feed's.
    public func accepts(_ event: ActiveAssetData) -> Bool { event.user == user && event.coin == coin }

    /// Decodes the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<ActiveAssetData> {
        let event = try ActiveAssetData(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension FeedChoice {
    /// The amounts of a perpetual that a user can trade.
    public static func activeAssetData(user: Address, coin: Coin) -> FeedChoice<ActiveAssetDataFeed> {
        .feed(ActiveAssetDataFeed(user: user, coin: coin))
    }
}

/// The amounts of a perpetual that a user can trade.
///
/// Source: docs/protocol.md, "activeAssetData".
public struct ActiveAssetData: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The coin.
    public let coin: Coin
    /// The user's leverage for this coin.
    public let leverage: Leverage
    /// The largest sizes that can be bought and sold, in this order, in base units.
    public let maximumTradeSizes: [ExactDecimal]
    /// The amounts available to buy and to sell, in this order, in quote units.
    public let availableToTrade: [ExactDecimal]
    /// The mark price, in quote units per base unit.
    public let markPrice: ExactDecimal

    /// Creates a user's amounts.
    public init(
        user: Address, coin: Coin, leverage: Leverage, maximumTradeSizes: [ExactDecimal],
        availableToTrade:
            [ExactDecimal], markPrice: ExactDecimal
    ) {
        self.user = user
        self.coin = coin
        self.leverage = leverage
        self.maximumTradeSizes = maximumTradeSizes
        self.availableToTrade = availableToTrade
        self.markPrice = markPrice
    }
}

extension ActiveAssetData: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var user: Address?
        var coin: Coin?
        var leverage: Leverage?
        var maximumTradeSizes: [ExactDecimal]?
        var availableToTrade: [ExactDecimal]?
        var markPrice: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "coin": coin = try reader.readCoin()
            case "leverage": leverage = try Leverage(from: &reader)
            case "maxTradeSzs":
                maximumTradeSizes = try reader.readArray { (r) throws(DecodingFault) in try r.readDecimal() }
            case "availableToTrade":
                availableToTrade = try reader.readArray { (r) throws(DecodingFault) in try r.readDecimal() }
            case "markPx": markPrice = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.user = try reader.require(user, "user", in: object)
        self.coin = try reader.require(coin, "coin", in: object)
        self.leverage = try reader.require(leverage, "leverage", in: object)
        self.maximumTradeSizes = try reader.require(maximumTradeSizes, "maxTradeSzs", in: object)
        self.availableToTrade = try reader.require(availableToTrade, "availableToTrade", in: object)
        self.markPrice = try reader.require(markPrice, "markPx", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("coin", coin)
        writer.field("leverage", leverage)
        writer.field("maxTradeSzs", array: maximumTradeSizes)
        writer.field("availableToTrade", array: availableToTrade)
        writer.field("markPx", markPrice)
        writer.endObject()
    }
}
