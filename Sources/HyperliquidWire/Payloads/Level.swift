/// One price level of a book.
///
/// Source: docs/protocol.md, "Level".
public struct Level: Hashable, Sendable {
    /// The price, in quote units per base unit.
    public let price: ExactDecimal
    /// The size of all orders at this price, in base units.
    public let size: ExactDecimal
    /// The number of orders at this price.
    public let orderCount: Int

    /// Creates a level.
    public init(price: ExactDecimal, size: ExactDecimal, orderCount: Int) {
        self.price = price
        self.size = size
        self.orderCount = orderCount
    }

    /// The value of the level: price times size, exact, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` if it has more than 35 digits.
    public var notional: ExactDecimal {
        get throws(ExactDecimalOverflow) { try price.multiplied(by: size) }
    }
}

extension Level: VenueValue {
    /// Reads `{"px":"…","sz":"…","n":…}`, on the fast path.
    @inline(__always) init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"px":""#), let price = reader.decimal(before: #"","sz":""#),
            let size = reader.decimal(before: #"","n":"#), let orderCount = reader.integer(), reader.take("}")
        else { return nil }
        self.init(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount))
    }

    /// `{"px":"`, in front of a price.
    @inline(__always) static var opening: StaticString { #"{"px":""# }
    /// `},{"px":"`, between the number of orders of one level and the price of the next.
    @inline(__always) static var separator: StaticString { #"},{"px":""# }

    /// The maximum number of bytes that ``init(ofManyBehindOpening:)`` reads, with the separator behind the level: two
    /// numbers of eight characters with the literals behind them, the eight bytes in which the number of orders is
    /// found, and the separator.
    @inline(__always) private static var checkedByteCount: Int {
        let sizeLiteral: StaticString = #"","sz":""#
        let countLiteral: StaticString = #"","n":"#
        return 8 &+ sizeLiteral.utf8CodeUnitCount &+ 8 &+ countLiteral.utf8CodeUnitCount &+ 8
            &+ separator.utf8CodeUnitCount
    }

    /// Reads one of a book's many levels, from the first digit of its price to the last digit of its number of orders;
    /// otherwise returns `nil` and does not move.
    ///
    /// After success the ``separator`` may be taken unchecked. One check covers everything, so that no rare form of a
    /// number has to be considered in between.
    @inline(__always) init?(ofManyBehindOpening reader: inout FastPathReader) {
        let start = reader.position
        guard reader.hasBytes(Self.checkedByteCount), let price = reader.uncheckedShortDecimal(before: #"","sz":""#),
            let size = reader.uncheckedShortDecimal(before: #"","n":"#), let orderCount = reader.uncheckedShortInteger()
        else {
            reader.position = start
            return nil
        }
        assert(reader.position &+ Self.separator.utf8CodeUnitCount <= start &+ Self.checkedByteCount)
        self.init(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount))
    }

    /// Reads the same part of a level with numbers of any length, and returns the level and the position behind it.
    @inline(never) static func readSlowly(_ reader: FastPathReader) -> (Level, end: Int)? {
        var own = reader
        guard let price = own.decimal(before: #"","sz":""#), let size = own.decimal(before: #"","n":"#),
            let orderCount = own.integer()
        else { return nil }
        return (Level(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount)), own.position)
    }

    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var price: ExactDecimal?, size: ExactDecimal?, orderCount: Int?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "px": price = try reader.readDecimal()
            case "sz": size = try reader.readDecimal()
            case "n": orderCount = try reader.readInt()
            default: try reader.skipUnknown()
            }
        }
        self.price = try reader.require(price, "px", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.orderCount = try reader.require(orderCount, "n", in: object)
    }

    /// Writes `{"px":…,"sz":…,"n":…}`.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("px", price)
        writer.field("sz", size)
        writer.field("n", orderCount)
        writer.endObject()
    }
}
