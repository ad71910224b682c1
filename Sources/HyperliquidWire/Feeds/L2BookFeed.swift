/// The book of a coin: up to 20 levels a side, or 5 when `fast`.
///
/// Dedicated, because its messages name the coin and not the variant: two variants of a coin never share a
/// connection. Routed by coin; every message is the full book, about every 5 s, or every 0.5 s when `fast`
/// (docs/protocol.md, "l2Book", measured). A gap hides only books in between.
public struct L2BookFeed: CatalogueFeed {
    /// The coin, by the venue's interned string.
    public let coin: Coin
    /// To how many significant figures prices are grouped: 2 to 5; none is full precision.
    public let nSigFigs: Int?
    /// The step of the last figure: 2 or 5, with five significant figures only.
    public let mantissa: Int?
    /// Whether to have 5 levels a side about ten times as often.
    public let fast: Bool

    /// The book of `coin`.
    public init(coin: Coin, nSigFigs: Int? = nil, mantissa: Int? = nil, fast: Bool = false) {
        self.coin = coin
        self.nSigFigs = nSigFigs
        self.mantissa = mantissa
        self.fast = fast
    }

    /// `l2Book`, by coin and variant.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "l2Book",
            parameters: [
                .coin,
                .init("nSigFigs", "significant figures of prices, 2 to 5; full precision by default"),
                .init("mantissa", "step of the last figure, 2 or 5, only with nSigFigs=5"),
                .init("fast", "true: 5 levels a side every 0.5 s instead of 20 every 5 s"),
            ],
            summary: "book of a coin, up to 20 levels a side", example: L2BookFeed(coin: "BTC"))
    }

    /// Makes the feed from its parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(
            coin: try parameters.coin(), nSigFigs: try parameters.integer("nSigFigs"),
            mantissa: try parameters.integer("mantissa"), fast: try parameters.flag("fast"))
    }

    /// `{"type":"l2Book","coin":…,"fast":…,"mantissa":…,"nSigFigs":…}`, without what has its default.
    public var request: FeedRequest {
        FeedRequest(
            type: "l2Book",
            fields: [
                ("coin", .string(coin.name)), ("nSigFigs", nSigFigs.map { .integer(Int64($0)) } ?? .null),
                ("mantissa", mantissa.map { .integer(Int64($0)) } ?? .null), ("fast", .boolean(fast)),
            ])
    }

    /// Dedicated, by coin.
    public var traits: FeedTraits {
        FeedTraits(
            .dedicated, channel: "l2Book", route: .coin, routeKey: [coin.name], snapshot: .everyMessage,
            delivery: .latest)
    }

    /// Checks the coin's interned string and the grouping: the venue closes the connection on a wrong one.
    public func validate() throws(FeedParameterError) {
        try coin.validate()
        if let nSigFigs, !(2...5).contains(nSigFigs) {
            throw FeedParameterError(
                parameter: "nSigFigs", problem: "\(nSigFigs) significant figures are not offered",
                remedy: "use 2, 3, 4 or 5, or leave it out for full precision")
        }
        guard let mantissa else { return }
        guard nSigFigs == 5 else {
            throw FeedParameterError(
                parameter: "mantissa", problem: "it needs five significant figures",
                remedy: "give nSigFigs=5 as well, or leave mantissa out")
        }
        guard mantissa == 2 || mantissa == 5 else {
            throw FeedParameterError(
                parameter: "mantissa", problem: "a step of \(mantissa) is not offered",
                remedy: "use 2 or 5, or leave it out for a step of 1")
        }
    }

    /// Whether the book is this coin's.
    public func accepts(_ event: L2Book) -> Bool { event.coin == coin }

    /// The block's time.
    public static func venueMilliseconds(of event: L2Book) -> Int64? { event.timeMilliseconds }

    /// Reads a book.
    public static func decode(
        _ reader: inout MessageReader, memory: inout BookMemory
    ) throws(DecodingFault) -> Decoded<L2Book> {
        let book = try L2Book(from: &reader, in: &memory.room)
        try reader.finish()
        return .update(book)
    }

    /// Keeps the array for the next book's levels.
    public static func reclaim(_ event: consuming L2Book, into memory: inout BookMemory) { memory.room = event.levels }
}

/// What a book carries from message to message: room.
public struct BookMemory: FeedMemory {
    /// An array that may be used again.
    var room: [Level] = []

    /// Nothing yet.
    public init() {}

    /// Nothing changes: each message is the whole book.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}
}

extension Feed where Self == L2BookFeed {
    /// The book of a coin: up to 20 levels a side, or 5 when `fast`.
    public static func l2Book(
        _ coin: Coin, nSigFigs: Int? = nil, mantissa: Int? = nil, fast: Bool = false
    ) -> L2BookFeed {
        L2BookFeed(coin: coin, nSigFigs: nSigFigs, mantissa: mantissa, fast: fast)
    }
}
