/// An order that was cancelled, not by the user.
///
/// Source: docs/protocol.md, "userEvents".
public struct CancelledOrder: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The order.
    public let orderID: Int64

    /// Puts the fields together.
    public init(
        coin: Coin, orderID: Int64
    ) {
        self.coin = coin
        self.orderID = orderID
    }
}

extension CancelledOrder: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var orderID: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "oid": orderID = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.orderID = try reader.require(orderID, "oid", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("oid", orderID)
        writer.endObject()
    }
}
