/// A feed of the venue's catalogue, which can be created from named parameters and listed in a table.
public protocol CatalogueFeed: Feed where Event: VenueValue {
    /// The line of the catalogue for this feed.
    static var descriptor: FeedDescriptor { get }
    /// Creates the feed from parameters with the venue's names.
    /// - Throws: ``FeedParameterError`` if a parameter is missing, unknown or of the wrong kind.
    init(parameters: FeedParameters) throws(FeedParameterError)
}

extension CatalogueFeed {
    /// Returns `true`: `accepts(_:)` of every catalogue feed compares the key, if its messages have one.
    public static var verifiesKey: Bool { true }
}

/// One line of the catalogue.
public struct FeedDescriptor: Sendable {
    /// How well a feed is known.
    public enum Status: String, Sendable, CaseIterable {
        /// Described in the venue's documentation.
        case current
        /// Served by the venue, but not documented.
        case undocumented
        /// Refused by the venue.
        case refused
    }

    /// One parameter of a feed.
    public struct Parameter: Sendable {
        /// The venue's name of the parameter.
        public let name: String
        /// Whether the parameter is required.
        public let isRequired: Bool
        /// The values it takes, and its default.
        public let summary: String

        /// Describes a parameter.
        public init(_ name: String, required: Bool = false, _ summary: String) {
            self.name = name
            isRequired = required
            self.summary = summary
        }

        /// `coin`, required.
        public static let coin = Parameter("coin", required: true, "market, as the venue spells it")
        /// `user`, required.
        public static let user = Parameter("user", required: true, "address: 0x and 40 hexadecimal digits")
        /// `dex`, optional; the main one by default.
        public static let dex = Parameter("dex", "builder dex; the main one by default")
    }

    /// The venue's name of the subscription type.
    public let type: String
    /// The parameters. The first one needs no name on a command line.
    public let parameters: [Parameter]
    /// What the feed delivers, in a few words.
    public let summary: String
    /// How well the feed is known.
    public let status: Status
    /// The feed with example parameters, from which its traits can be read.
    public let example: any Feed

    /// Describes a feed.
    public init(
        type: String, parameters: [Parameter] = [], summary: String, status: Status = .current, example: any Feed
    ) {
        self.type = type
        self.parameters = parameters
        self.summary = summary
        self.status = status
        self.example = example
    }
}

/// The venue's subscription types. Adding a feed takes one new file and one line here.
public enum FeedCatalogue {
    /// All feeds, market feeds first.
    public static let feeds: [any CatalogueFeed.Type] = [
        AllMidsFeed.self,
        L2BookFeed.self,
        BestBidOfferFeed.self,
        TradesFeed.self,
        CandleFeed.self,
        ActiveAssetContextFeed.self,
        AssetContextsFeed.self,
        SpotAssetContextsFeed.self,
        AllDexsAssetContextsFeed.self,
        FastAssetContextsFeed.self,
        OutcomeMetaUpdatesFeed.self,
        NotificationFeed.self,
        OrderUpdatesFeed.self,
        UserEventsFeed.self,
        UserFillsFeed.self,
        UserFundingsFeed.self,
        LedgerUpdatesFeed.self,
        HistoricalOrdersFeed.self,
        TwapSliceFillsFeed.self,
        TwapHistoryFeed.self,
        TwapStatesFeed.self,
        OpenOrdersFeed.self,
        ClearinghouseStateFeed.self,
        AllDexsClearinghouseStateFeed.self,
        SpotStateFeed.self,
        ActiveAssetDataFeed.self,
        WebData3Feed.self,
        ExplorerBlockFeed.self,
        ExplorerTransactionsFeed.self,
    ]

    /// Types that the venue refuses, with the feeds to use instead (`webData2`: removed in August 2026).
    public static let refused: [String: String] = [
        "webData2":
            "ask for webData3, clearinghouseState, openOrders, spotState, twapStates and allDexsAssetCtxs instead"
    ]

    /// The feed type with the venue's name `type`; `nil` if there is none.
    public static func feed(ofType type: String) -> (any CatalogueFeed.Type)? {
        feeds.first { $0.descriptor.type == type }
    }

    /// Creates the feed of `type` with `parameters`.
    /// - Throws: ``FeedParameterError`` if the type is unknown or refused, or a parameter is wrong.
    public static func makeFeed(
        type: String, parameters: [(String, FeedRequest.Value)]
    ) throws(FeedParameterError) -> any CatalogueFeed {
        if let replacement = refused[type] {
            throw FeedParameterError(parameter: "type", problem: "the venue refuses '\(type)'", remedy: replacement)
        }
        guard let feed = feed(ofType: type) else {
            let nearest = NearestName.find(for: type, among: feeds.map { $0.descriptor.type })
            throw FeedParameterError(
                parameter: "type", problem: "no feed is called '\(type)'",
                remedy: nearest.map { "did you mean '\($0)'?" } ?? "`hyperliquid feeds` lists them")
        }
        let made = try feed.init(parameters: FeedParameters(type: type, known: feed.descriptor.parameters, parameters))
        try made.validate()
        return made
    }
}
