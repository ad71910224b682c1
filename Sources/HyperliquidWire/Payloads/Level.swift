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

extension Level: JSONWritable {
    /// `{"px":"…","sz":"…","n":…}`, on the fast path.
    @inline(__always) init?(fast reader: inout FastPathReader) {
        guard reader.take(#"{"px":""#), let price = reader.decimal(before: #"","sz":""#),
            let size = reader.decimal(before: #"","n":"#), let orderCount = reader.integer(), reader.take("}")
        else { return nil }
        self.init(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount))
    }

    /// The same of a book's many levels, from the price's first digit to the last one of the number of orders: what
    /// stands between two levels is taken at once, and of that the caller knows then that it is there. Otherwise
    /// nothing, and the reader has not moved.
    @inline(__always) init?(ofManyBehindOpening reader: inout FastPathReader) {
        let start = reader.position
        // Two times eight characters, what stands between, eight bytes to find the last number in, and nine behind it:
        // one check for all, and no rare way of a number to be kept in mind between them.
        guard reader.hasBytes(47), let price = reader.uncheckedShortDecimal(before: #"","sz":""#),
            let size = reader.uncheckedShortDecimal(before: #"","n":"#), let orderCount = reader.uncheckedShortInteger()
        else {
            reader.position = start
            return nil
        }
        self.init(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount))
    }

    /// Numbers of any length, to the end of the message; and where they end.
    @inline(never) static func read(unusual reader: FastPathReader) -> (Level, end: Int)? {
        var own = reader
        guard let price = own.decimal(before: #"","sz":""#), let size = own.decimal(before: #"","n":"#),
            let orderCount = own.integer()
        else { return nil }
        return (Level(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount)), own.position)
    }

    init(from reader: inout MessageReader) throws(DecodingFault) {
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
