package import HyperliquidWire

/// A feed that the simulated callers may subscribe to.
package struct TestFeed: Hashable {
    let rawFeed: RawFeed
    package let traits: FeedTraits

    package init(_ feed: RawFeed) {
        rawFeed = feed
        traits = feed.traits
    }

    package var request: FeedRequest { rawFeed.request }

    /// The parts of its messages that name the feed. Two feeds with equal keys are ambiguous.
    var messageKey: MessageKey {
        MessageKey(endpoint: traits.endpoint, channel: traits.channel, key: traits.routeKey)
    }

    struct MessageKey: Hashable {
        let endpoint: EndpointKind
        let channel: String
        let key: [String]
    }
}

/// The feeds of the simulated world. Some are ambiguous, some are of the explorer, and some are invalid.
package enum TestFeeds {
    package static let users = (1...40).map { number in
        "0x" + String(repeating: "00", count: 18) + String(1000 + number)
    }

    private static func raw(_ type: String, _ fields: [(String, FeedRequest.Value)] = []) -> TestFeed {
        TestFeed(RawFeed(type: type, fields: fields))
    }

    package static let market: [TestFeed] =
        ["BTC", "ETH", "SOL"].flatMap { coin -> [TestFeed] in
            let coin = FeedRequest.Value.string(coin)
            return [
                raw("trades", [("coin", coin)]), raw("bbo", [("coin", coin)]),
                raw("candle", [("coin", coin), ("interval", "1m")]),
            ]
        } + [raw("allMids"), raw("activeAssetCtx", [("coin", "BTC")]), raw("spotAssetCtxs")]

    static let books: [TestFeed] = [
        raw("l2Book", [("coin", "BTC")]),
        raw("l2Book", [("coin", "BTC"), ("nSigFigs", .integer(5))]),
        raw("l2Book", [("coin", "BTC"), ("nSigFigs", .integer(5)), ("mantissa", .integer(2))]),
        raw("l2Book", [("coin", "ETH")]),
        raw("l2Book", [("coin", "ETH"), ("fast", .boolean(true))]),
    ]

    static let explorer = [raw("explorerBlock"), raw("explorerTxs")]

    static func userFeeds(_ user: String) -> [TestFeed] {
        let user = FeedRequest.Value.string(user)
        return [
            raw("orderUpdates", [("user", user)]), raw("userEvents", [("user", user)]),
            raw("notification", [("user", user)]), raw("userFills", [("user", user)]),
            raw("userFills", [("user", user), ("aggregateByTime", .boolean(true))]),
            raw("userFundings", [("user", user)]), raw("webData3", [("user", user)]),
        ]
    }

    /// Feeds that kill their connection, and one that is refused with an error message.
    static let invalid = [
        raw("trades", [("coin", "btc")]), raw("bbo", [("coin", "btc")]),
        raw("webData2", [("user", .string(users[0]))]),
    ]

    /// Further feeds that kill their connection.
    static let poisonous = ["eth", "sol", "doge"].flatMap { coin in
        ["trades", "bbo", "l2Book"].map { raw($0, [("coin", .string(coin))]) }
    }

    /// All feeds, each once.
    static let all = market + books + explorer + users.flatMap(userFeeds) + invalid + poisonous

    static let byRequest = Dictionary(uniqueKeysWithValues: all.map { ($0.request, $0) })
}
