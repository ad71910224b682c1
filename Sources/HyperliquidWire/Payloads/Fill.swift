/// One fill of a user's order.
///
/// Source: docs/protocol.md, "Fill".
public struct Fill: Hashable, Sendable {
    /// The coin, as the venue spells it.
    public let coin: Coin
    /// The price, in quote units per base unit.
    public let price: ExactDecimal
    /// The size, in base units.
    public let size: ExactDecimal
    /// The side of the user's order.
    public let side: Side
    /// The time at which it happened, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The position before the fill, in base units; negative if short.
    public let startPosition: ExactDecimal
    /// The effect on the position, in the venue's words: `Open Long`, `Close Short`, `Buy`, …; an open set.
    public let direction: String
    /// The realised profit, in quote units; negative for a loss.
    public let closedProfit: ExactDecimal
    /// The hash of the transaction; all zero for TWAP slices and system fills.
    public let hash: TransactionHash
    /// The id of the order.
    public let orderID: Int64
    /// Whether the order took liquidity.
    public let isTaker: Bool
    /// The fee, in units of ``feeToken``; negative for a rebate.
    public let fee: ExactDecimal
    /// The token in which the fee was paid; absent in messages of 2023.
    public let feeToken: String?
    /// The id of the trade: unique only together with ``coin`` and ``timeMilliseconds``. Absent in messages of 2023.
    public let tradeID: Int64?
    /// The id of the TWAP order of which this is a slice.
    public let twapID: Int64?
    /// The builder's share of the fee, in ``feeToken``.
    public let builderFee: ExactDecimal?
    /// The amount that a fee trial holds back, in ``feeToken``.
    public let feeTrialEscrow: ExactDecimal?
    /// The client's own id of the order.
    public let clientOrderID: String?
    /// The liquidation that this fill is part of. The counterparty's fill has it too.
    public let liquidation: Liquidation?

    /// Creates a fill.
    public init(
        coin: Coin, price: ExactDecimal, size: ExactDecimal, side: Side, timeMilliseconds: Int64,
        startPosition: ExactDecimal, direction: String, closedProfit: ExactDecimal, hash: TransactionHash,
        orderID: Int64, isTaker: Bool, fee: ExactDecimal, feeToken: String?, tradeID: Int64?, twapID: Int64? = nil,
        builderFee: ExactDecimal? = nil, feeTrialEscrow: ExactDecimal? = nil, clientOrderID: String? = nil,
        liquidation: Liquidation? = nil
    ) {
        self.coin = coin
        self.price = price
        self.size = size
        self.side = side
        self.timeMilliseconds = timeMilliseconds
        self.startPosition = startPosition
        self.direction = direction
        self.closedProfit = closedProfit
        self.hash = hash
        self.orderID = orderID
        self.isTaker = isTaker
        self.fee = fee
        self.feeToken = feeToken
        self.tradeID = tradeID
        self.twapID = twapID
        self.builderFee = builderFee
        self.feeTrialEscrow = feeTrialEscrow
        self.clientOrderID = clientOrderID
        self.liquidation = liquidation
    }

    /// The value of the fill: price times size, exact, in quote units.
    /// - Throws: ``ExactDecimalOverflow`` if it has more than 35 digits.
    public var notional: ExactDecimal {
        get throws(ExactDecimalOverflow) { try price.multiplied(by: size) }
    }

    /// The liquidation that a fill is part of.
    public struct Liquidation: Hashable, Sendable {
        /// The user who is liquidated. Compare it with the account, because the counterparty's fill has it too.
        public let liquidatedUser: Address?
        /// The mark price, in quote units per base unit.
        public let markPrice: ExactDecimal
        /// The method: `market` or `backstop`; an open set.
        public let method: String

        /// Creates a liquidation.
        public init(liquidatedUser: Address?, markPrice: ExactDecimal, method: String) {
            self.liquidatedUser = liquidatedUser
            self.markPrice = markPrice
            self.method = method
        }
    }

    /// Distinguishes one fill from another. The order is part of it, because one user can be on both sides of a
    /// trade.
    public struct RowKey: ReplayKey {
        let coin: Coin
        let timeMilliseconds: Int64
        let tradeID: Int64?
        let orderID: Int64
    }

    /// The key of this fill.
    public var rowKey: RowKey {
        RowKey(coin: coin, timeMilliseconds: timeMilliseconds, tradeID: tradeID, orderID: orderID)
    }
}

extension Fill: VenueValue {
    /// Reads a fill, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?, price: ExactDecimal?, size: ExactDecimal?, side: Side?, timeMilliseconds: Int64?
        var startPosition: ExactDecimal?, direction: String?, closedProfit: ExactDecimal?, hash: TransactionHash?
        var orderID: Int64?, isTaker: Bool?, fee: ExactDecimal?
        var feeToken: String?
        var tradeID: Int64?
        var twapID: Int64?
        var builderFee: ExactDecimal?
        var feeTrialEscrow: ExactDecimal?
        var clientOrderID: String?
        var liquidation: Liquidation?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "px": price = try reader.readDecimal()
            case "sz": size = try reader.readDecimal()
            case "side": side = try reader.readWord()
            case "time": timeMilliseconds = try reader.readInteger()
            case "startPosition": startPosition = try reader.readDecimal()
            case "dir": direction = try reader.readString()
            case "closedPnl": closedProfit = try reader.readDecimal()
            case "hash": hash = try reader.readHash()
            case "oid": orderID = try reader.readInteger()
            case "crossed": isTaker = try reader.readBoolean()
            case "fee": fee = try reader.readDecimal()
            case "feeToken": feeToken = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            case "tid": tradeID = try reader.readNullable { (r) throws(DecodingFault) in try r.readInteger() }
            case "twapId": twapID = try reader.readNullable { (r) throws(DecodingFault) in try r.readInteger() }
            case "builderFee": builderFee = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "feeTrialEscrow":
                feeTrialEscrow = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "cloid": clientOrderID = try reader.readNullable { (r) throws(DecodingFault) in try r.readString() }
            case "liquidation":
                liquidation = try reader.readNullable { (r) throws(DecodingFault) in try Liquidation(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.price = try reader.require(price, "px", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.side = try reader.require(side, "side", in: object)
        self.timeMilliseconds = try reader.require(timeMilliseconds, "time", in: object)
        self.startPosition = try reader.require(startPosition, "startPosition", in: object)
        self.direction = try reader.require(direction, "dir", in: object)
        self.closedProfit = try reader.require(closedProfit, "closedPnl", in: object)
        self.hash = try reader.require(hash, "hash", in: object)
        self.orderID = try reader.require(orderID, "oid", in: object)
        self.isTaker = try reader.require(isTaker, "crossed", in: object)
        self.fee = try reader.require(fee, "fee", in: object)
        self.feeToken = feeToken
        self.tradeID = tradeID
        self.twapID = twapID
        self.builderFee = builderFee
        self.feeTrialEscrow = feeTrialEscrow
        self.clientOrderID = clientOrderID
        self.liquidation = liquidation
    }

    /// Writes the fill with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("px", price)
        writer.field("sz", size)
        writer.field("side", side)
        writer.field("time", timeMilliseconds)
        writer.field("startPosition", startPosition)
        writer.field("dir", direction)
        writer.field("closedPnl", closedProfit)
        writer.field("hash", hash)
        writer.field("oid", orderID)
        writer.field("crossed", isTaker)
        writer.field("fee", fee)
        writer.field(ifPresent: "tid", tradeID)
        writer.field(ifPresent: "cloid", clientOrderID)
        writer.field(ifPresent: "feeToken", feeToken)
        // Messages with a fee token have a TWAP id, null for most fills.
        if feeToken != nil || twapID != nil { writer.field(orNull: "twapId", twapID) }
        writer.field(ifPresent: "builderFee", builderFee)
        writer.field(ifPresent: "feeTrialEscrow", feeTrialEscrow)
        writer.field(ifPresent: "liquidation", liquidation)
        writer.endObject()
    }
}

extension Fill.Liquidation: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var markPrice: ExactDecimal?, method: String?
        var liquidatedUser: Address?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "liquidatedUser":
                liquidatedUser = try reader.readNullable { (r) throws(DecodingFault) in try r.readAddress() }
            case "markPx": markPrice = try reader.readDecimal()
            case "method": method = try reader.readString()
            default: try reader.skipUnknown()
            }
        }
        self.markPrice = try reader.require(markPrice, "markPx", in: object)
        self.method = try reader.require(method, "method", in: object)
        self.liquidatedUser = liquidatedUser
    }

    /// Writes the liquidation with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field(ifPresent: "liquidatedUser", liquidatedUser)
        writer.field("markPx", markPrice)
        writer.field("method", method)
        writer.endObject()
    }
}

extension Fill: UserRow {
    /// `fills`
    public static var listName: String { "fills" }

    /// The time of the fill, by the venue's clock: milliseconds since 1970.
    public var rowTimeMilliseconds: Int64 { timeMilliseconds }
}

/// A fill of a slice of a TWAP order.
///
/// Source: docs/protocol.md, "userTwapSliceFills".
public struct TwapSliceFill: Hashable, Sendable {
    /// The fill.
    public let fill: Fill
    /// The id of the TWAP order.
    public let twapID: Int64

    /// Creates a TWAP slice fill.
    public init(fill: Fill, twapID: Int64) {
        self.fill = fill
        self.twapID = twapID
    }
}

extension TwapSliceFill: VenueValue {
    /// Reads a fill with its TWAP order, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var fill: Fill?
        var twapID: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "fill": fill = try Fill(from: &reader)
            case "twapId": twapID = try reader.readInteger()
            default: try reader.skipUnknown()
            }
        }
        self.fill = try reader.require(fill, "fill", in: object)
        self.twapID = try reader.require(twapID, "twapId", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("fill", fill)
        writer.field("twapId", twapID)
        writer.endObject()
    }
}

extension TwapSliceFill: UserRow {
    /// `twapSliceFills`
    public static var listName: String { "twapSliceFills" }

    /// The key of the fill.
    public var rowKey: Fill.RowKey { fill.rowKey }
    /// The time of the fill, by the venue's clock: milliseconds since 1970.
    public var rowTimeMilliseconds: Int64 { fill.timeMilliseconds }
}
