/// An order with everything that the venue's own pages show.
///
/// Source: docs/protocol.md, "FrontendOrder".
public struct FrontendOrder: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The side of the order.
    public let side: Side
    /// The limit price, in quote units per base unit.
    public let limitPrice: ExactDecimal
    /// The size not filled yet, in base units.
    public let size: ExactDecimal
    /// The order's id.
    public let orderID: Int64
    /// The time at which it was placed, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The size that was ordered, in base units.
    public let originalSize: ExactDecimal
    /// The condition in words, or `N/A`.
    public let triggerCondition: String
    /// Whether the order waits for a trigger price.
    public let isTrigger: Bool
    /// The trigger price, in quote units per base unit; `0.0` if there is none.
    public let triggerPrice: ExactDecimal
    /// The orders that are placed when this one is filled.
    public let children: [FrontendOrder]
    /// Whether the order takes profit or stops loss for the whole position.
    public let isPositionStop: Bool
    /// Whether the order may only reduce a position.
    public let isReduceOnly: Bool
    /// The type: `Limit`, `Market`, `Stop Market`, …; an open set.
    public let orderType: String
    /// The time in force: `Gtc`, `Ioc`, `Alo`, …; an open set.
    public let timeInForce: String?
    /// The client's own id of the order.
    public let clientOrderID: String?

    /// Creates a frontend order.
    public init(
        coin: Coin, side: Side, limitPrice: ExactDecimal, size: ExactDecimal, orderID: Int64, timeMilliseconds: Int64,
        originalSize: ExactDecimal, triggerCondition: String, isTrigger: Bool, triggerPrice: ExactDecimal,
        children: [FrontendOrder], isPositionStop: Bool, isReduceOnly: Bool, orderType: String,
        timeInForce:
            String? = nil, clientOrderID: String? = nil
    ) {
        self.coin = coin
        self.side = side
        self.limitPrice = limitPrice
        self.size = size
        self.orderID = orderID
        self.timeMilliseconds = timeMilliseconds
        self.originalSize = originalSize
        self.triggerCondition = triggerCondition
        self.isTrigger = isTrigger
        self.triggerPrice = triggerPrice
        self.children = children
        self.isPositionStop = isPositionStop
        self.isReduceOnly = isReduceOnly
        self.orderType = orderType
        self.timeInForce = timeInForce
        self.clientOrderID = clientOrderID
    }
}

extension FrontendOrder: VenueValue {
    /// Reads an order, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var side: Side?
        var limitPrice: ExactDecimal?
        var size: ExactDecimal?
        var orderID: Int64?
        var timeMilliseconds: Int64?
        var originalSize: ExactDecimal?
        var triggerCondition: String?
        var isTrigger: Bool?
        var triggerPrice: ExactDecimal?
        var children: [FrontendOrder]?
        var isPositionStop: Bool?
        var isReduceOnly: Bool?
        var orderType: String?
        var timeInForce: String?
        var clientOrderID: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "side": side = try reader.readWord()
            case "limitPx": limitPrice = try reader.readDecimal()
            case "sz": size = try reader.readDecimal()
            case "oid": orderID = try reader.readInteger()
            case "timestamp": timeMilliseconds = try reader.readInteger()
            case "origSz": originalSize = try reader.readDecimal()
            case "triggerCondition": triggerCondition = try reader.readString()
            case "isTrigger": isTrigger = try reader.readBoolean()
            case "triggerPx": triggerPrice = try reader.readDecimal()
            case "children":
                children = try reader.readArray { (r) throws(DecodingFault) in try FrontendOrder(from: &r) }
            case "isPositionTpsl": isPositionStop = try reader.readBoolean()
            case "reduceOnly": isReduceOnly = try reader.readBoolean()
            case "orderType": orderType = try reader.readString()
            case "tif": timeInForce = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            case "cloid": clientOrderID = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.side = try reader.require(side, "side", in: object)
        self.limitPrice = try reader.require(limitPrice, "limitPx", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.orderID = try reader.require(orderID, "oid", in: object)
        self.timeMilliseconds = try reader.require(timeMilliseconds, "timestamp", in: object)
        self.originalSize = try reader.require(originalSize, "origSz", in: object)
        self.triggerCondition = try reader.require(triggerCondition, "triggerCondition", in: object)
        self.isTrigger = try reader.require(isTrigger, "isTrigger", in: object)
        self.triggerPrice = try reader.require(triggerPrice, "triggerPx", in: object)
        self.children = try reader.require(children, "children", in: object)
        self.isPositionStop = try reader.require(isPositionStop, "isPositionTpsl", in: object)
        self.isReduceOnly = try reader.require(isReduceOnly, "reduceOnly", in: object)
        self.orderType = try reader.require(orderType, "orderType", in: object)
        self.timeInForce = timeInForce
        self.clientOrderID = clientOrderID
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("side", side)
        writer.field("limitPx", limitPrice)
        writer.field("sz", size)
        writer.field("oid", orderID)
        writer.field("timestamp", timeMilliseconds)
        writer.field("origSz", originalSize)
        writer.field("triggerCondition", triggerCondition)
        writer.field("isTrigger", isTrigger)
        writer.field("triggerPx", triggerPrice)
        writer.field("children", array: children)
        writer.field("isPositionTpsl", isPositionStop)
        writer.field("reduceOnly", isReduceOnly)
        writer.field("orderType", orderType)
        writer.field(orNull: "tif", timeInForce)
        writer.field(orNull: "cloid", clientOrderID)
        writer.endObject()
    }
}

extension FrontendOrder: OrderIdentity {}
