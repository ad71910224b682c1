import HyperliquidWire

/// Random feeds from a seed. Their parameters have few values, so many of the feeds are ambiguous.
struct RandomFeeds {
    private var generator: SplitMix64
    private let userCount: Int

    init(seed: UInt64, userCount: Int = 6) {
        generator = SplitMix64(seed: seed)
        self.userCount = userCount
    }

    mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &generator) }

    mutating func pick<Element>(_ elements: [Element]) -> Element { elements[number(0...elements.count - 1)] }

    mutating func shuffled<Element>(_ elements: [Element]) -> [Element] { elements.shuffled(using: &generator) }

    /// Returns so many different feeds.
    mutating func take(_ count: Int, mostlyUsers: Bool = false) -> [any Feed] {
        var feeds: [any Feed] = []
        var seen: Set<FeedRequest> = []
        var attempts = 0
        while feeds.count < count, attempts < count * 50 {
            attempts += 1
            let feed: any Feed = mostlyUsers && number(0...4) > 0 ? userFeed() : next()
            if seen.insert(feed.request).inserted { feeds.append(feed) }
        }
        return feeds
    }

    mutating func next() -> any Feed {
        switch number(0...9) {
        case 0...2: userFeed()
        case 3...5: book()
        case 6: odd()
        default: marketFeed()
        }
    }

    private mutating func coin() -> Coin { Coin(pick(["BTC", "ETH", "@107", "PURR/USDC", "#14720", "xyz:SP500"])) }

    private mutating func book() -> any Feed {
        let figures = pick([nil, 2, 3, 4, 5])
        return L2BookFeed(
            coin: coin(), nSigFigs: figures, mantissa: figures == 5 ? pick([nil, 2, 5]) : nil, fast: number(0...3) == 0)
    }

    private mutating func marketFeed() -> any Feed {
        switch number(0...10) {
        case 0: AllMidsFeed(dex: pick(["", "xyz", "ALL_DEXS"]))
        case 1, 2: TradesFeed(coin: coin())
        case 3, 4: BestBidOfferFeed(coin: coin())
        case 5: CandleFeed(coin: coin(), interval: pick([.oneMinute, .oneHour]))
        case 6: ActiveAssetContextFeed(coin: coin())
        case 7: AssetContextsFeed(dex: pick(["", "xyz"]))
        case 8: SpotAssetContextsFeed()
        case 9: pick([ExplorerBlockFeed() as any Feed, ExplorerTransactionsFeed()])
        default: pick([FastAssetContextsFeed() as any Feed, AllDexsAssetContextsFeed(), OutcomeMetaUpdatesFeed()])
        }
    }

    private mutating func userFeed() -> any Feed {
        let user = Address.numbered(number(1...userCount))
        switch number(0...9) {
        case 0, 1: return OrderUpdatesFeed(user: user)
        case 2, 3: return UserEventsFeed(user: user)
        case 4: return NotificationFeed(user: user)
        case 5, 6: return UserFillsFeed(user: user, aggregateByTime: number(0...1) == 0)
        case 7: return SpotStateFeed(user: user, ignorePortfolioMargin: number(0...1) == 0)
        case 8: return OpenOrdersFeed(user: user, dex: pick(["", "xyz", "ALL_DEXS"]))
        default: return ActiveAssetDataFeed(user: user, coin: coin())
        }
    }

    /// A feed whose type is not in the catalogue; two of the types have the name of a channel.
    private mutating func odd() -> any Feed {
        let type = pick(["l2", "newFeed", "user", "activeSpotAssetCtx"])
        let field: (String, FeedRequest.Value) =
            type == "user"
            ? ("user", .string(Address.numbered(number(1...userCount)).description)) : ("coin", .string(coin().name))
        return RawFeed(type: type, fields: [field])
    }
}
