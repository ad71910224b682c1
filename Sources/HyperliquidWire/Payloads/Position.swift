/// A position in a perpetual.
///
/// Source: docs/protocol.md, "Clearinghouse".
public struct Position: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The size, in base units; negative if short.
    public let size: ExactDecimal
    /// The leverage.
    public let leverage: Leverage
    /// The mean entry price, in quote units per base unit.
    public let entryPrice: ExactDecimal?
    /// The value of the position, in USDC.
    public let value: ExactDecimal
    /// The unrealised profit, in USDC; negative for a loss.
    public let unrealizedProfit: ExactDecimal
    /// The return on equity, as a fraction.
    public let returnOnEquity: ExactDecimal
    /// The liquidation price, in quote units per base unit; `nil` if the position cannot be liquidated.
    public let liquidationPrice: ExactDecimal?
    /// The margin that the position uses, in USDC.
    public let marginUsed: ExactDecimal
    /// The maximum leverage of the coin: a whole number, 1 or more.
    public let maximumLeverage: Int
    /// The funding paid, in USDC; negative if received.
    public let cumulativeFunding: CumulativeFunding?

    /// Creates a position.
    public init(
        coin: Coin, size: ExactDecimal, leverage: Leverage, entryPrice: ExactDecimal? = nil,
        value:
            ExactDecimal, unrealizedProfit: ExactDecimal, returnOnEquity: ExactDecimal,
        liquidationPrice:
            ExactDecimal? = nil, marginUsed: ExactDecimal, maximumLeverage: Int,
        cumulativeFunding:
            CumulativeFunding? = nil
    ) {
        self.coin = coin
        self.size = size
        self.leverage = leverage
        self.entryPrice = entryPrice
        self.value = value
        self.unrealizedProfit = unrealizedProfit
        self.returnOnEquity = returnOnEquity
        self.liquidationPrice = liquidationPrice
        self.marginUsed = marginUsed
        self.maximumLeverage = maximumLeverage
        self.cumulativeFunding = cumulativeFunding
    }
}

extension Position: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var size: ExactDecimal?
        var leverage: Leverage?
        var value: ExactDecimal?
        var unrealizedProfit: ExactDecimal?
        var returnOnEquity: ExactDecimal?
        var marginUsed: ExactDecimal?
        var maximumLeverage: Int?
        var entryPrice: ExactDecimal?
        var liquidationPrice: ExactDecimal?
        var cumulativeFunding: CumulativeFunding?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "szi": size = try reader.readDecimal()
            case "leverage": leverage = try Leverage(from: &reader)
            case "entryPx": entryPrice = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "positionValue": value = try reader.readDecimal()
            case "unrealizedPnl": unrealizedProfit = try reader.readDecimal()
            case "returnOnEquity": returnOnEquity = try reader.readDecimal()
            case "liquidationPx":
                liquidationPrice = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "marginUsed": marginUsed = try reader.readDecimal()
            case "maxLeverage": maximumLeverage = try reader.readInt()
            case "cumFunding":
                cumulativeFunding = try reader.readNullable { (r) throws(DecodingFault) in
                    try CumulativeFunding(from: &r)
                }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.size = try reader.require(size, "szi", in: object)
        self.leverage = try reader.require(leverage, "leverage", in: object)
        self.value = try reader.require(value, "positionValue", in: object)
        self.unrealizedProfit = try reader.require(unrealizedProfit, "unrealizedPnl", in: object)
        self.returnOnEquity = try reader.require(returnOnEquity, "returnOnEquity", in: object)
        self.marginUsed = try reader.require(marginUsed, "marginUsed", in: object)
        self.maximumLeverage = try reader.require(maximumLeverage, "maxLeverage", in: object)
        self.entryPrice = entryPrice
        self.liquidationPrice = liquidationPrice
        self.cumulativeFunding = cumulativeFunding
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("szi", size)
        writer.field("leverage", leverage)
        writer.field(orNull: "entryPx", entryPrice)
        writer.field("positionValue", value)
        writer.field("unrealizedPnl", unrealizedProfit)
        writer.field("returnOnEquity", returnOnEquity)
        writer.field(orNull: "liquidationPx", liquidationPrice)
        writer.field("marginUsed", marginUsed)
        writer.field("maxLeverage", maximumLeverage)
        writer.field(ifPresent: "cumFunding", cumulativeFunding)
        writer.endObject()
    }
}

/// The leverage of a position.
///
/// Source: docs/protocol.md, "Leverage".
public struct Leverage: Hashable, Sendable {
    /// The mode: `cross` or `isolated`; an open set.
    public let type: String
    /// The leverage, as a multiple of the margin.
    public let value: Int
    /// The margin of an isolated position, in USDC; may be negative.
    public let rawUSD: ExactDecimal?

    /// Creates a leverage.
    public init(type: String, value: Int, rawUSD: ExactDecimal? = nil) {
        self.type = type
        self.value = value
        self.rawUSD = rawUSD
    }
}

extension Leverage: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var type: String?
        var value: Int?
        var rawUSD: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "type": type = try reader.readString()
            case "value": value = try reader.readInt()
            case "rawUsd": rawUSD = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            default: try reader.skipUnknown()
            }
        }
        self.type = try reader.require(type, "type", in: object)
        self.value = try reader.require(value, "value", in: object)
        self.rawUSD = rawUSD
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("type", type)
        writer.field("value", value)
        writer.field(ifPresent: "rawUsd", rawUSD)
        writer.endObject()
    }
}

/// The funding that a position has paid, in USDC; negative if received.
///
/// Source: docs/protocol.md, "Clearinghouse".
public struct CumulativeFunding: Hashable, Sendable {
    /// The funding of all positions in this coin so far, in USDC.
    public let allTime: ExactDecimal
    /// The funding since the position was opened, in USDC.
    public let sinceOpen: ExactDecimal
    /// The funding since the position last changed, in USDC.
    public let sinceChange: ExactDecimal

    /// Creates a cumulative funding.
    public init(allTime: ExactDecimal, sinceOpen: ExactDecimal, sinceChange: ExactDecimal) {
        self.allTime = allTime
        self.sinceOpen = sinceOpen
        self.sinceChange = sinceChange
    }
}

extension CumulativeFunding: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var allTime: ExactDecimal?
        var sinceOpen: ExactDecimal?
        var sinceChange: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "allTime": allTime = try reader.readDecimal()
            case "sinceOpen": sinceOpen = try reader.readDecimal()
            case "sinceChange": sinceChange = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.allTime = try reader.require(allTime, "allTime", in: object)
        self.sinceOpen = try reader.require(sinceOpen, "sinceOpen", in: object)
        self.sinceChange = try reader.require(sinceChange, "sinceChange", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("allTime", allTime)
        writer.field("sinceOpen", sinceOpen)
        writer.field("sinceChange", sinceChange)
        writer.endObject()
    }
}
