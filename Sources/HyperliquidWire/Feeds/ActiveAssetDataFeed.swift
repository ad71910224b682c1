/// What a user can trade of a perpetual.
///
/// Every message is the full state.
public struct ActiveAssetDataFeed: CatalogueFeed {
    /// The user.
    public let user: Address
    /// The coin, by the venue's interned string.
    public let coin: Coin

    /// Names the feed by its parameters.
    public init(user: Address, coin: Coin) {
        self.user = user
        self.coin = coin
    }

    /// `activeAssetData`.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "activeAssetData", parameters: [.user, .coin],
            summary: "what a user can trade of a perpetual",
            example: ActiveAssetDataFeed(user: .example, coin: "ETH"))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(user: try parameters.user(), coin: try parameters.coin())
    }

    /// The request in canonical form.
    public var request: FeedRequest {
        FeedRequest(
            type: "activeAssetData", fields: [("user", .string(user.description)), ("coin", .string(coin.name))])
    }

    /// With the same user's other feeds.
    public var traits: FeedTraits {
        FeedTraits(
            .userGrouped, channel: "activeAssetData", route: .userAndCoin, routeKey: [user.description, coin.name],
            snapshot: .everyMessage, delivery: .latest, priority: .high)
    }

    /// Checks the coin's interned string.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Whether the message is this feed's.
    public func accepts(_ event: ActiveAssetData) -> Bool { event.user == user && event.coin == coin }

    /// Reads the value of `data`.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<ActiveAssetData> {
        let event = try ActiveAssetData(from: &reader)
        try reader.finish()
        return .update(event)
    }
}

extension Feed where Self == ActiveAssetDataFeed {
    /// What a user can trade of a perpetual.
    public static func activeAssetData(user: Address, coin: Coin) -> ActiveAssetDataFeed {
        ActiveAssetDataFeed(user: user, coin: coin)
    }
}
