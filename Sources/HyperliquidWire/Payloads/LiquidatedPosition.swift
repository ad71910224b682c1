/// A position that was liquidated.
///
/// Source: docs/protocol.md, "userNonFundingLedgerUpdates".
public struct LiquidatedPosition: Hashable, Sendable {
    /// The coin, by the venue's interned string.
    public let coin: Coin
    /// What was liquidated, in base units; negative when short.
    public let size: ExactDecimal

    /// Makes a position.
    public init(coin: Coin, size: ExactDecimal) {
        self.coin = coin
        self.size = size
    }
}

extension LiquidatedPosition: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var size: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "szi": size = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.size = try reader.require(size, "szi", in: object)
    }

    /// Writes the position by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("szi", size)
        writer.endObject()
    }
}
