/// A TWAP order, which is filled in slices over time.
///
/// Source: docs/protocol.md, "TwapState".
public struct TwapState: Hashable, Sendable {
    /// The coin.
    public let coin: Coin
    /// The user, in lower case.
    public let user: Address
    /// The side of the order.
    public let side: Side
    /// The size that was ordered, in base units.
    public let size: ExactDecimal
    /// The size filled so far, in base units.
    public let executedSize: ExactDecimal
    /// The value filled so far, in quote units.
    public let executedNotional: ExactDecimal
    /// The duration of the order, in minutes.
    public let durationMinutes: Int
    /// Whether the order may only reduce a position.
    public let isReduceOnly: Bool
    /// Whether the slices have random sizes.
    public let isRandomized: Bool
    /// The time at which it was placed, by the venue's clock: milliseconds since 1970.
    public let timeMilliseconds: Int64
    /// The price at which the order stops, in quote units per base unit.
    public let stopPrice: ExactDecimal?
    /// The price at which the order starts.
    public let trigger: TwapTrigger?

    /// Creates a TWAP state.
    public init(
        coin: Coin, user: Address, side: Side, size: ExactDecimal, executedSize: ExactDecimal,
        executedNotional:
            ExactDecimal, durationMinutes: Int, isReduceOnly: Bool, isRandomized: Bool, timeMilliseconds: Int64,
        stopPrice:
            ExactDecimal? = nil, trigger: TwapTrigger? = nil
    ) {
        self.coin = coin
        self.user = user
        self.side = side
        self.size = size
        self.executedSize = executedSize
        self.executedNotional = executedNotional
        self.durationMinutes = durationMinutes
        self.isReduceOnly = isReduceOnly
        self.isRandomized = isRandomized
        self.timeMilliseconds = timeMilliseconds
        self.stopPrice = stopPrice
        self.trigger = trigger
    }
}

extension TwapState: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var user: Address?
        var side: Side?
        var size: ExactDecimal?
        var executedSize: ExactDecimal?
        var executedNotional: ExactDecimal?
        var durationMinutes: Int?
        var isReduceOnly: Bool?
        var isRandomized: Bool?
        var timeMilliseconds: Int64?
        var stopPrice: ExactDecimal?
        var trigger: TwapTrigger?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "user": user = try reader.readAddress()
            case "side": side = try reader.readWord()
            case "sz": size = try reader.readDecimal()
            case "executedSz": executedSize = try reader.readDecimal()
            case "executedNtl": executedNotional = try reader.readDecimal()
            case "minutes": durationMinutes = try reader.readInt()
            case "reduceOnly": isReduceOnly = try reader.readBoolean()
            case "randomize": isRandomized = try reader.readBoolean()
            case "timestamp": timeMilliseconds = try reader.readInteger()
            case "stopPx": stopPrice = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "trigger":
                trigger = try reader.readNullable { (r) throws(DecodingFault) in try TwapTrigger(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.side = try reader.require(side, "side", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.executedSize = try reader.require(executedSize, "executedSz", in: object)
        self.executedNotional = try reader.require(executedNotional, "executedNtl", in: object)
        self.durationMinutes = try reader.require(durationMinutes, "minutes", in: object)
        self.isReduceOnly = try reader.require(isReduceOnly, "reduceOnly", in: object)
        self.isRandomized = try reader.require(isRandomized, "randomize", in: object)
        self.timeMilliseconds = try reader.require(timeMilliseconds, "timestamp", in: object)
        self.stopPrice = stopPrice
        self.trigger = trigger
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("user", user)
        writer.field("side", side)
        writer.field("sz", size)
        writer.field("executedSz", executedSize)
        writer.field("executedNtl", executedNotional)
        writer.field("minutes", durationMinutes)
        writer.field("reduceOnly", isReduceOnly)
        writer.field("randomize", isRandomized)
        writer.field("timestamp", timeMilliseconds)
        writer.field(ifPresent: "stopPx", stopPrice)
        writer.field(ifPresent: "trigger", trigger)
        writer.endObject()
    }
}

/// The price at which a TWAP order starts.
///
/// Source: docs/protocol.md, "TwapState".
public struct TwapTrigger: Hashable, Sendable {
    /// The price, in quote units per base unit.
    public let price: ExactDecimal
    /// Whether the order starts above that price; if `false`, below it.
    public let isAbove: Bool

    /// Creates a TWAP trigger.
    public init(price: ExactDecimal, isAbove: Bool) {
        self.price = price
        self.isAbove = isAbove
    }
}

extension TwapTrigger: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var price: ExactDecimal?
        var isAbove: Bool?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "px": price = try reader.readDecimal()
            case "above": isAbove = try reader.readBoolean()
            default: try reader.skipUnknown()
            }
        }
        self.price = try reader.require(price, "px", in: object)
        self.isAbove = try reader.require(isAbove, "above", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("px", price)
        writer.field("above", isAbove)
        writer.endObject()
    }
}
