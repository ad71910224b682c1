/// The best bid and offer of a coin, each time one of them changes in a block.
///
/// Shared and routed by coin. The first message comes at once. A gap loses only intermediate prices.
public struct BestBidOfferFeed: CatalogueFeed {
    /// The coin, as the venue spells it.
    public let coin: Coin

    /// Creates the feed of a coin.
    public init(coin: Coin) {
        self.coin = coin
    }

    /// `bbo`, by coin.
    public static var descriptor: FeedDescriptor {
        FeedDescriptor(
            type: "bbo", parameters: [.coin], summary: "best bid and offer of a coin, as they change",
            example: BestBidOfferFeed(coin: "BTC"))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(coin: try parameters.coin())
    }

    /// `{"type":"bbo","coin":…}`
    public var request: FeedRequest {
        FeedRequest(type: "bbo", fields: [("coin", .string(coin.name))])
    }

    /// Shared, routed by coin.
    public var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "bbo", route: .coin, routeKey: [coin.name], snapshot: .everyMessage, delivery: .latest)
    }

    /// Checks the coin's name.
    public func validate() throws(FeedParameterError) { try coin.validate() }

    /// Returns whether the prices are this coin's.
    public func accepts(_ event: BestBidOffer) -> Bool { event.coin == coin }

    /// The time of the block.
    public static func venueMilliseconds(of event: BestBidOffer) -> Int64? { event.timeMilliseconds }

    /// Reads the best levels.
    public static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<BestBidOffer> {
        let best = try BestBidOffer(from: &reader)
        try reader.finish()
        return .update(best)
    }
}

extension FeedChoice {
    /// The best bid and offer of a coin, each time one of them changes in a block.
    public static func bbo(_ coin: Coin) -> FeedChoice<BestBidOfferFeed> { .feed(BestBidOfferFeed(coin: coin)) }
}

/// The best bid and offer at a moment.
public struct BestBidOffer: Hashable, Sendable {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The time of the block, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The highest bid; `nil` if there is none.
    public let bid: Level?
    /// The lowest offer; `nil` if there is none.
    public let ask: Level?

    /// Creates a best bid and offer.
    public init(coin: Coin, timeMilliseconds: Int64, bid: Level?, ask: Level?) {
        self.coin = coin
        self.timeMilliseconds = timeMilliseconds
        self.bid = bid
        self.ask = ask
    }
}

extension BestBidOffer: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        if let best = reader.fast({ BestBidOffer(fast: &$0) }) {
            self = best
            return
        }
        try self.init(anyOrder: &reader)
    }

    /// `{"coin":"…","time":…,"bbo":[…,…]}`, on the fast path.
    @inline(__always) private init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"coin":""#), let coin = reader.coin(), reader.take(#"","time":"#),
            let timeMilliseconds = reader.longInteger(), reader.take(#","bbo":["#)
        else { return nil }
        var (bid, ask): (Level?, Level?) = (nil, nil)
        if !reader.take("null") {
            guard let level = Level(fast: &reader) else { return nil }
            bid = level
        }
        guard reader.take(",") else { return nil }
        if !reader.take("null") {
            guard let level = Level(fast: &reader) else { return nil }
            ask = level
        }
        guard reader.take("]}") else { return nil }
        self.init(coin: coin, timeMilliseconds: timeMilliseconds, bid: bid, ask: ask)
    }

    private init(anyOrder reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, timeMilliseconds: Int64?, best: (bid: Level?, ask: Level?)?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "time": timeMilliseconds = try reader.readInteger()
            case "bbo": best = try Self.readPair(&reader)
            default: try reader.skipUnknown()
            }
        }
        let (bid, ask) = try reader.require(best, "bbo", in: object)
        self.init(
            coin: try reader.require(coin, "coin", in: object),
            timeMilliseconds: try reader.require(timeMilliseconds, "time", in: object),
            bid: bid, ask: ask)
    }

    private static func readPair(_ reader: inout MessageReader) throws(DecodingFault) -> (bid: Level?, ask: Level?) {
        var pair: (bid: Level?, ask: Level?) = (nil, nil)
        var count = 0
        var array = try reader.beginArray()
        while try reader.nextElement(&array) {
            if count < 2 {
                let level = try reader.readNullable { (reader) throws(DecodingFault) in try Level(from: &reader) }
                if count == 0 { pair.bid = level } else { pair.ask = level }
            } else {
                try reader.skipUnknown()
            }
            count += 1
        }
        guard count >= 2 else { throw DecodingFault(.missingField, at: array.start, field: "bbo[\(count)]") }
        return pair
    }

    /// Writes the best levels with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("time", timeMilliseconds)
        writer.key("bbo")
        writer.beginArray()
        writer.value(orNull: bid)
        writer.value(orNull: ask)
        writer.endArray()
        writer.endObject()
    }
}
