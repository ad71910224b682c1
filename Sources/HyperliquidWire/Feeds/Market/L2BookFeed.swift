/// The book of a coin: up to 20 levels per side, or 5 with `fast`.
///
/// Dedicated, because its messages name the coin but not the variant: two variants of a coin never share a
/// connection. Routed by coin. Every message is the full book, about every 5 s, or every 0.5 s with `fast`
/// (docs/protocol.md, "l2Book", measured). A gap loses only intermediate books.
public struct L2BookFeed: CatalogueFeed {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The number of significant figures of prices, 2 to 5; `nil` for full precision.
    public let nSigFigs: Int?
    /// The step of the last figure: 2 or 5. Only with five significant figures.
    public let mantissa: Int?
    /// Whether to receive 5 levels per side, about ten times as often.
    public let fast: Bool

    /// Creates the feed of a variant of a coin's book.
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
                .init("fast", "true: 5 levels per side every 0.5 s instead of 20 every 5 s"),
            ],
            summary: "book of a coin, up to 20 levels per side", example: L2BookFeed(coin: "BTC"))
    }

    /// Creates the feed from its named parameters.
    public init(parameters: FeedParameters) throws(FeedParameterError) {
        self.init(
            coin: try parameters.coin(), nSigFigs: try parameters.integer("nSigFigs"),
            mantissa: try parameters.integer("mantissa"), fast: try parameters.flag("fast"))
    }

    /// `{"type":"l2Book","coin":…,"fast":…,"mantissa":…,"nSigFigs":…}`, without default values.
    public var request: FeedRequest {
        FeedRequest(
            type: "l2Book",
            fields: [
                ("coin", .string(coin.name)), ("nSigFigs", nSigFigs.map { .integer(Int64($0)) } ?? .null),
                ("mantissa", mantissa.map { .integer(Int64($0)) } ?? .null), ("fast", .boolean(fast)),
            ])
    }

    /// Dedicated, routed by coin.
    public var traits: FeedTraits {
        FeedTraits(
            .dedicated, channel: "l2Book", route: .coin, routeKey: [coin.name], snapshot: .everyMessage,
            delivery: .latest, ticks: true)
    }

    /// Checks the coin's name and the grouping. The venue closes the connection if they are wrong.
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

    /// Returns whether the book is this coin's.
    public func accepts(_ event: L2Book) -> Bool { event.coin == coin }

    /// The time of the block.
    public static func venueMilliseconds(of event: L2Book) -> Int64? { event.timeMilliseconds }

    /// Reads a book.
    public static func decode(
        _ reader: inout MessageReader, memory: inout BookMemory
    ) throws(DecodingFault) -> Decoded<L2Book> {
        let book = try L2Book(from: &reader, in: &memory.reusable)
        try reader.finish()
        return .update(book)
    }

    /// Keeps the array for the levels of the next book.
    public static func reclaim(_ event: consuming L2Book, into memory: inout BookMemory) {
        memory.reusable = event.levels
    }
}

/// The storage that the books of a coin share, one after the other.
public struct BookMemory: FeedMemory {
    /// An array for the levels of the next book.
    var reusable: [Level] = []

    /// Creates an empty memory.
    public init() {}

    /// Does nothing: each message is the full book.
    public mutating func subscribed(atMilliseconds milliseconds: Int64) {}
}

extension FeedChoice {
    /// The book of a coin: up to 20 levels per side, or 5 with `fast`.
    public static func l2Book(
        _ coin: Coin, nSigFigs: Int? = nil, mantissa: Int? = nil, fast: Bool = false
    ) -> FeedChoice<L2BookFeed> {
        .feed(L2BookFeed(coin: coin, nSigFigs: nSigFigs, mantissa: mantissa, fast: fast))
    }
}

/// The book of a coin at a moment.
///
/// Source: docs/protocol.md, "l2Book".
public struct L2Book: Hashable, Sendable {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The time of the block, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    // One array for both sides, bids first: one allocation per message.
    @usableFromInline let levels: [Level]
    @usableFromInline let bidCount: Int
    /// The width of the price groups, in quote units; present if the book was subscribed to with `nSigFigs`.
    public let spread: ExactDecimal?
    /// Whether the book is of the fast variant, with five levels per side.
    public let isFast: Bool

    /// Creates a book. Bids are ordered from the highest price down, asks from the lowest up.
    public init(
        coin: Coin, timeMilliseconds: Int64, bids: some Collection<Level>, asks: some Collection<Level>,
        spread: ExactDecimal? = nil, isFast: Bool = false
    ) {
        self.init(
            coin: coin, timeMilliseconds: timeMilliseconds, levels: Array(bids) + Array(asks), bidCount: bids.count,
            spread: spread,
            isFast: isFast)
    }

    init(coin: Coin, timeMilliseconds: Int64, levels: [Level], bidCount: Int, spread: ExactDecimal?, isFast: Bool) {
        self.coin = coin
        self.timeMilliseconds = timeMilliseconds
        self.levels = levels
        self.bidCount = bidCount
        self.spread = spread
        self.isFast = isFast
    }

    /// The bids, the highest price first.
    @inlinable public var bids: BookSide { BookSide(levels, 0..<bidCount) }
    /// The asks, the lowest price first.
    @inlinable public var asks: BookSide { BookSide(levels, bidCount..<levels.count) }
}

extension L2Book: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var reusable: [Level] = []
        try self.init(from: &reader, in: &reusable)
    }

    /// Reads a book. Its levels take over the storage of `reusable`, whose elements are removed.
    init(from reader: inout MessageReader, in reusable: inout [Level]) throws(DecodingFault) {
        if let book = reader.fast({ L2Book(fast: &$0, in: &reusable) }) {
            self = book
            return
        }
        try self.init(anyOrder: &reader)
    }

    /// `{"coin":"…","time":…,"levels":[[…],[…]],"spread":"…","fast":true}`, on the fast path.
    private init?(fast reader: inout FastPathReader, in reusable: inout [Level]) {
        guard reader.take(#"{"coin":""#), let coin = reader.coin(), reader.take(#"","time":"#),
            let timeMilliseconds = reader.longInteger(), reader.take(#","levels":["#)
        else { return nil }
        var bidCount = 0
        var levels: [Level] = []
        swap(&levels, &reusable)
        if !levels.isEmpty { levels.removeAll(keepingCapacity: true) }
        guard Self.readSides(fast: &reader, into: &levels, bidCount: &bidCount), reader.take("]") else {
            return nil
        }
        var spread: ExactDecimal?
        if reader.take(#","spread":""#) {
            guard let width = reader.decimal(before: "\"") else { return nil }
            spread = width
        }
        let isFast = reader.take(#","fast":true"#)
        guard reader.take("}") else { return nil }
        self.init(
            coin: coin, timeMilliseconds: timeMilliseconds, levels: levels, bidCount: bidCount, spread: spread,
            isFast: isFast)
    }

    /// Reads both sides into one array that is allocated at its full size.
    @inline(__always) private static func readSides(
        fast reader: inout FastPathReader, into levels: inout [Level], bidCount: inout Int
    ) -> Bool {
        var isWhole = false
        // A level has at least 26 characters, with its comma.
        levels.append(addingCapacity: min(40, reader.remainingByteCount / 26 + 1)) { output in
            // A local copy of the reader, so that its position can stay in a register.
            var own = reader
            for side in 0..<2 {
                if side == 1 {
                    bidCount = output.count
                    guard own.take(",") else { return }
                }
                guard own.take("[") else { return }
                if own.take("]") { continue }
                guard own.take(Level.opening) else { return }
                var isMore = false
                repeat {
                    // `append` tests the same condition; the compiler then leaves it out there.
                    guard output.count < output.capacity else { return }
                    if let level = Level(ofManyBehindOpening: &own) {
                        output.append(level)
                        isMore = own.takeUnchecked(Level.separator)
                    } else {
                        guard let (level, end) = Level.readSlowly(own) else { return }
                        output.append(level)
                        own.position = end
                        isMore = own.take(Level.separator)
                    }
                } while isMore
                guard own.take("}]") else { return }
            }
            (reader, isWhole) = (own, true)
        }
        return isWhole
    }

    private init(anyOrder reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, timeMilliseconds: Int64?, levels: [Level]?, bidCount = 0, spread: ExactDecimal?, isFast = false
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "time": timeMilliseconds = try reader.readInteger()
            case "levels":
                var sides: [Level] = []
                bidCount = try Self.readSides(&reader, into: &sides)
                levels = sides
            case "spread":
                spread = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readDecimal() }
            case "fast":
                isFast = try reader.readNullable { (reader) throws(DecodingFault) in try reader.readBoolean() } ?? false
            default: try reader.skipUnknown()
            }
        }
        self.init(
            coin: try reader.require(coin, "coin", in: object),
            timeMilliseconds: try reader.require(timeMilliseconds, "time", in: object),
            levels: try reader.require(levels, "levels", in: object), bidCount: bidCount, spread: spread,
            isFast: isFast)
    }

    /// Reads bids and asks into one array and returns the number of bids.
    private static func readSides(
        _ reader: inout MessageReader, into levels: inout [Level]
    ) throws(DecodingFault) -> Int {
        levels.reserveCapacity(40)
        var bidCount = 0
        var sideCount = 0
        var sides = try reader.beginArray()
        while try reader.nextElement(&sides) {
            if sideCount < 2 {
                var side = try reader.beginArray()
                while try reader.nextElement(&side) { levels.append(try Level(from: &reader)) }
                if sideCount == 0 { bidCount = levels.count }
            } else {
                try reader.skipUnknown()
            }
            sideCount += 1
        }
        guard sideCount >= 2 else { throw DecodingFault(.missingField, at: sides.start, field: "levels[\(sideCount)]") }
        return bidCount
    }

    /// Writes the book with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("time", timeMilliseconds)
        writer.key("levels")
        writer.beginArray()
        writer.array(bids)
        writer.array(asks)
        writer.endArray()
        writer.field(ifPresent: "spread", spread)
        if isFast { writer.field("fast", true) }
        writer.endObject()
    }
}

/// One side of a book: its levels, the best one first.
///
/// A view of the book's one array: it shares that storage and copies nothing.
public struct BookSide: RandomAccessCollection, Sendable {
    @usableFromInline let levels: [Level]
    @usableFromInline let start: Int
    /// The number of levels.
    public let count: Int

    @inlinable init(_ levels: [Level], _ range: Range<Int>) {
        self.levels = levels
        start = range.lowerBound
        count = range.count
    }

    /// Always 0.
    @inlinable public var startIndex: Int { 0 }
    /// The number of levels.
    @inlinable public var endIndex: Int { count }

    /// The level at `position`, counted from the best one.
    @inlinable public subscript(position: Int) -> Level {
        precondition(position >= 0 && position < count, "no such level")
        return levels[start + position]
    }
}

extension BookSide: Hashable {
    /// Returns whether both have equal levels.
    public static func == (lhs: BookSide, rhs: BookSide) -> Bool { lhs.elementsEqual(rhs) }

    /// Hashes the levels.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(count)
        for level in self { hasher.combine(level) }
    }
}
