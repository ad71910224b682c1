import HyperliquidWire

/// A feed that the world's people may ask for.
struct Offer: Hashable {
    let feed: RawFeed
    let traits: FeedTraits

    init(_ feed: RawFeed) {
        self.feed = feed
        traits = feed.traits
    }

    var request: FeedRequest { feed.request }

    /// What a message of it shows: two offers of one key cannot be told apart.
    var visible: Visible { Visible(endpoint: traits.endpoint, channel: traits.channel, key: traits.routeKey) }

    struct Visible: Hashable {
        let endpoint: EndpointKind
        let channel: String
        let key: [String]
    }
}

/// What is asked for in the world: ambiguous feeds on purpose, several users, the explorer, and what kills or is
/// refused.
enum OfferedFeeds {
    static let users = (1...40).map { number in "0x" + String(repeating: "00", count: 18) + String(1000 + number) }

    private static func raw(_ type: String, _ fields: [(String, FeedRequest.Value)] = []) -> Offer {
        Offer(RawFeed(type: type, fields: fields))
    }

    static let market: [Offer] =
        ["BTC", "ETH", "SOL"].flatMap { coin -> [Offer] in
            let coin = FeedRequest.Value.string(coin)
            return [
                raw("trades", [("coin", coin)]), raw("bbo", [("coin", coin)]),
                raw("candle", [("coin", coin), ("interval", "1m")]),
            ]
        } + [raw("allMids"), raw("activeAssetCtx", [("coin", "BTC")]), raw("spotAssetCtxs")]

    static let books: [Offer] = [
        raw("l2Book", [("coin", "BTC")]),
        raw("l2Book", [("coin", "BTC"), ("nSigFigs", .integer(5))]),
        raw("l2Book", [("coin", "BTC"), ("nSigFigs", .integer(5)), ("mantissa", .integer(2))]),
        raw("l2Book", [("coin", "ETH")]),
        raw("l2Book", [("coin", "ETH"), ("fast", .boolean(true))]),
    ]

    static let explorer = [raw("explorerBlock"), raw("explorerTxs")]

    static func personal(_ user: String) -> [Offer] {
        let user = FeedRequest.Value.string(user)
        return [
            raw("orderUpdates", [("user", user)]), raw("userEvents", [("user", user)]),
            raw("notification", [("user", user)]), raw("userFills", [("user", user)]),
            raw("userFills", [("user", user), ("aggregateByTime", .boolean(true))]),
            raw("userFundings", [("user", user)]), raw("webData3", [("user", user)]),
        ]
    }

    /// Feeds that kill their connection, and one that is refused in words.
    static let poison = [
        raw("trades", [("coin", "btc")]), raw("bbo", [("coin", "btc")]),
        raw("webData2", [("user", .string(users[0]))]),
    ]

    /// Every offer, each once.
    static let all = market + books + explorer + users.flatMap(personal) + poison

    static let byRequest = Dictionary(uniqueKeysWithValues: all.map { ($0.request, $0) })
}
