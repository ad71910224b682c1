/// A book as it stood at a moment.
///
/// Source: docs/protocol.md, "l2Book".
public struct L2Book: Hashable, Sendable {
    /// The coin, by the venue's interned string.
    public let coin: Coin
    /// When it stood so, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    // One array for both sides, bids first: one allocation a message.
    @usableFromInline let levels: [Level]
    @usableFromInline let bidCount: Int
    /// The width of the price groups, in quote units; present when the book was asked for with `nSigFigs`.
    public let spread: ExactDecimal?
    /// Whether it is of the fast variant: five levels a side.
    public let isFast: Bool

    /// Makes a book; bids from the highest price down, asks from the lowest up.
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

extension L2Book: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var room: [Level] = []
        try self.init(from: &reader, in: &room)
    }

    /// Reads a book; its levels take the array in `room`, in place of what that holds.
    init(from reader: inout MessageReader, in room: inout [Level]) throws(DecodingFault) {
        if let book = reader.fast({ L2Book(fast: &$0, in: &room) }) {
            self = book
            return
        }
        try self.init(anyOrder: &reader)
    }

    /// `{"coin":"…","time":…,"levels":[[…],[…]],"spread":"…","fast":true}`, straight through.
    private init?(fast reader: inout FastPathReader, in room: inout [Level]) {
        guard reader.take(#"{"coin":""#), let coin = reader.coin(), reader.take(#"","time":"#),
            let timeMilliseconds = reader.longInteger(), reader.take(#","levels":["#)
        else { return nil }
        var bidCount = 0
        var levels: [Level] = []
        swap(&levels, &room)
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

    /// Both sides into one array that is made at its full size: one allocation a book.
    @inline(__always) private static func readSides(
        fast reader: inout FastPathReader, into levels: inout [Level], bidCount: inout Int
    ) -> Bool {
        var isWhole = false
        // A level is at least 26 characters long, its comma included.
        levels.append(addingCapacity: min(40, reader.remainingByteCount / 26 + 1)) { output in
            // A reader of its own, whose place can stay in a register.
            var own = reader
            for side in 0..<2 {
                if side == 1 {
                    bidCount = output.count
                    guard own.take(",") else { return }
                }
                guard own.take("[") else { return }
                if own.take("]") { continue }
                guard own.take(#"{"px":""#) else { return }
                var isMore = false
                repeat {
                    // As `append` asks it, which then asks no more.
                    guard output.count < output.capacity else { return }
                    if let level = Level(ofManyBehindOpening: &own) {
                        output.append(level)
                        isMore = own.takeUnchecked(#"},{"px":""#)
                    } else {
                        guard let (level, end) = Level.read(unusual: own) else { return }
                        output.append(level)
                        own.position = end
                        isMore = own.take(#"},{"px":""#)
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

    /// Reads bids and asks into one array and gives the number of bids.
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

    /// Writes the book by the venue's field names.
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
