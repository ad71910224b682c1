import Hyperliquid

/// The best bid of a coin, each time its price moves, decoded from `bbo`.
struct BidMovesFeed: Feed {
    let coin: Coin

    var request: FeedRequest { FeedRequest(type: "bbo", fields: [("coin", .string(coin.name))]) }

    var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "bbo", route: .coin, routeKey: [coin.name], snapshot: .firstMessage, delivery: .buffered)
    }

    func validate() throws(FeedParameterError) {
        guard !coin.name.isEmpty else {
            throw FeedParameterError(parameter: "coin", problem: "it is empty", remedy: "name a coin")
        }
    }

    func accepts(_ event: BidMove) -> Bool { event.coin == coin }

    static func decode(
        _ reader: inout MessageReader, memory: inout BidMoveMemory
    ) throws(DecodingFault) -> Decoded<BidMove> {
        var coin: Coin?
        var prices: [ExactDecimal?] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "bbo": prices = try reader.readArray(readPrice)
            default: try reader.skipValue()
            }
        }
        try reader.finish()
        guard let bid = prices.first, let price = bid, let number = memory.number(of: price) else { return .nothing }
        return .update(BidMove(coin: try reader.require(coin, "coin", in: object), price: price, number: number))
    }

    private static func readPrice(_ reader: inout MessageReader) throws(DecodingFault) -> ExactDecimal? {
        try reader.readNullable { (reader) throws(DecodingFault) in
            var price: ExactDecimal?
            var level = try reader.beginObject()
            while let key = try reader.nextKey(&level) {
                if key == "px" { price = try reader.readDecimal() } else { try reader.skipValue() }
            }
            return try reader.require(price, "px", in: level)
        }
    }
}

struct BidMove: Hashable, Sendable {
    let coin: Coin
    let price: ExactDecimal
    /// Counted from 1 since the last subscribe.
    let number: Int
}

struct BidMoveMemory: FeedMemory {
    private var price: ExactDecimal?
    private var count = 0

    mutating func subscribed(atMilliseconds milliseconds: Int64) {
        self = BidMoveMemory()
    }

    mutating func number(of next: ExactDecimal) -> Int? {
        guard next != price else { return nil }
        price = next
        count += 1
        return count
    }
}

/// How many bids a grouped book shows. Its messages do not say which grouping they are of.
struct BidCountFeed: Feed {
    let coin: Coin
    let nSigFigs: Int

    var request: FeedRequest {
        FeedRequest(type: "l2Book", fields: [("coin", .string(coin.name)), ("nSigFigs", .integer(Int64(nSigFigs)))])
    }

    var traits: FeedTraits {
        FeedTraits(
            .dedicated, channel: "l2Book", route: .coin, routeKey: [coin.name], snapshot: .everyMessage,
            delivery: .latest)
    }

    static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<Int> {
        var counts: [Int] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            guard key == "levels" else {
                try reader.skipValue()
                continue
            }
            counts = try reader.readArray { (reader) throws(DecodingFault) in
                try reader.readArray { (reader) throws(DecodingFault) in try reader.skipValue() }.count
            }
        }
        try reader.finish()
        return .update(try reader.require(counts.first, "levels", in: object))
    }
}

/// A reading of `bbo` that expects a field which the venue does not send.
struct MissingFieldFeed: Feed {
    let coin: Coin

    var request: FeedRequest { FeedRequest(type: "bbo", fields: [("coin", .string(coin.name))]) }

    var traits: FeedTraits {
        FeedTraits(
            .shared, channel: "bbo", route: .coin, routeKey: [coin.name], snapshot: .everyMessage, delivery: .buffered)
    }

    static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<Int64> {
        var sequence: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "sequence" { sequence = try reader.readInteger() } else { try reader.skipValue() }
        }
        try reader.finish()
        return .update(try reader.require(sequence, "sequence", in: object))
    }
}

/// A feed type that neither this package nor the venue knows.
struct UnheardOfFeed: Feed {
    let coin: Coin

    var request: FeedRequest { FeedRequest(type: "unheardOf", fields: [("coin", .string(coin.name))]) }

    var traits: FeedTraits {
        FeedTraits(.dedicated, channel: "unheardOf", snapshot: .none, delivery: .buffered)
    }

    static func decode(
        _ reader: inout MessageReader, memory: inout NoMemory
    ) throws(DecodingFault) -> Decoded<[UInt8]> {
        .update(try reader.readRaw())
    }
}

extension FeedChoice {
    static func bidMoves(_ coin: Coin) -> FeedChoice<BidMovesFeed> { .feed(BidMovesFeed(coin: coin)) }
}

extension FeedChoice {
    static func bidCount(_ coin: Coin, nSigFigs: Int) -> FeedChoice<BidCountFeed> {
        .feed(BidCountFeed(coin: coin, nSigFigs: nSigFigs))
    }
}

extension FeedChoice {
    static func missingField(_ coin: Coin) -> FeedChoice<MissingFieldFeed> { .feed(MissingFieldFeed(coin: coin)) }
}

extension FeedChoice {
    static func unheardOf(_ coin: Coin) -> FeedChoice<UnheardOfFeed> { .feed(UnheardOfFeed(coin: coin)) }
}
