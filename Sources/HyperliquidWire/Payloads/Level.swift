/// One price level of a book.
///
/// Source: PROTOCOL section 3.1, Level.
public struct Level: Hashable, Sendable {
    /// Price, in quote units a base unit.
    public let price: ExactDecimal
    /// The size of all orders at this price, in base units.
    public let size: ExactDecimal
    /// How many orders stand at this price.
    public let orderCount: Int

    /// Makes a level.
    public init(price: ExactDecimal, size: ExactDecimal, orderCount: Int) {
        self.price = price
        self.size = size
        self.orderCount = orderCount
    }
}

extension Level: JSONWritable {
    /// `{"px":"…","sz":"…","n":…}`, straight through.
    @inline(__always) init?(straight reader: inout StraightReader) {
        guard reader.take(#"{"px":""#), let level = Level(behindOpening: &reader), reader.take("}") else { return nil }
        self = level
    }

    /// The same from the price's first digit to the last one of the number of orders: what stands between two levels
    /// of a book is taken at once.
    @inline(__always) init?(behindOpening reader: inout StraightReader) {
        guard let price = reader.decimal(), reader.take(#"","sz":""#), let size = reader.decimal(),
            reader.take(#"","n":"#), let orderCount = reader.integer()
        else { return nil }
        self.init(price: price, size: size, orderCount: Int(truncatingIfNeeded: orderCount))
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
