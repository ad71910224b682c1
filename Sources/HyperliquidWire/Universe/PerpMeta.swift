/// The perpetuals of a dex, in the order in which its contexts come (`/info` `meta`).
///
/// Source: docs/protocol.md, "Info requests".
public struct PerpMeta: Hashable, Sendable {
    /// One perpetual.
    public struct Asset: Hashable, Sendable {
        /// The coin, as the venue spells it.
        public let coin: Coin
        /// The number of decimals of sizes.
        public let sizeDecimals: Int
        /// The largest leverage.
        public let maximumLeverage: Int
        /// Whether it is no longer traded. A subscription to it may close the connection.
        public let isDelisted: Bool
        /// The fields that this version does not know.
        public let others: [RawField]

        /// Creates a perpetual.
        public init(
            coin: Coin, sizeDecimals: Int, maximumLeverage: Int, isDelisted: Bool = false, others: [RawField] = []
        ) {
            self.coin = coin
            self.sizeDecimals = sizeDecimals
            self.maximumLeverage = maximumLeverage
            self.isDelisted = isDelisted
            self.others = others
        }
    }

    /// The perpetuals, delisted ones included.
    public let assets: [Asset]
    /// The fields that this version does not know, such as the margin tables.
    public let others: [RawField]

    /// Creates the perpetuals of a dex.
    public init(assets: [Asset], others: [RawField] = []) {
        self.assets = assets
        self.others = others
    }
}

extension PerpMeta: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var assets: [Asset]?, others: [RawField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            if key == "universe" {
                assets = try [Asset](from: &reader)
            } else {
                others.append(try RawField(key, from: &reader))
            }
        }
        self.init(assets: try reader.require(assets, "universe", in: object), others: others)
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("universe", array: assets)
        writer.fields(others)
        writer.endObject()
    }
}

extension PerpMeta.Asset: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, sizeDecimals: Int?, maximumLeverage: Int?, isDelisted = false, others: [RawField] = []
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "name": coin = try reader.readCoin()
            case "szDecimals": sizeDecimals = try reader.readInt()
            case "maxLeverage": maximumLeverage = try reader.readInt()
            case "isDelisted": isDelisted = try reader.readBoolean()
            default: others.append(try RawField(key, from: &reader))
            }
        }
        self.init(
            coin: try reader.require(coin, "name", in: object),
            sizeDecimals: try reader.require(sizeDecimals, "szDecimals", in: object),
            maximumLeverage: try reader.require(maximumLeverage, "maxLeverage", in: object), isDelisted: isDelisted,
            others: others)
    }

    /// Writes the value with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("name", coin)
        writer.field("szDecimals", sizeDecimals)
        writer.field("maxLeverage", maximumLeverage)
        if isDelisted { writer.field("isDelisted", true) }
        writer.fields(others)
        writer.endObject()
    }
}
