/// A TWAP order: one that is filled in slices over time.
///
/// Source: docs/protocol.md, "TwapState".
public struct TwapState: Hashable, Sendable {
    /// The coin.
    public var coin: Coin
    /// The user, in lower case.
    public var user: Address
    /// Buy or sell.
    public var side: Side
    /// What was ordered, in base units.
    public var size: ExactDecimal
    /// What is filled, in base units.
    public var executedSize: ExactDecimal
    /// What is filled, in quote units.
    public var executedNotional: ExactDecimal
    /// How long it runs, in minutes.
    public var minutes: Int
    /// Whether it may only reduce a position.
    public var isReduceOnly: Bool
    /// Whether its slices are of random size.
    public var isRandomized: Bool
    /// When it was placed, by the venue's clock: milliseconds since 1970.
    public var time: Int64
    /// Where it stops, in quote units a base unit.
    public var stopPrice: ExactDecimal?
    /// Where it starts.
    public var trigger: TwapTrigger?

    /// Puts the fields together.
    package init(
        coin: Coin, user: Address, side: Side, size: ExactDecimal, executedSize: ExactDecimal,
        executedNotional:
            ExactDecimal, minutes: Int, isReduceOnly: Bool, isRandomized: Bool, time: Int64,
        stopPrice:
            ExactDecimal? = nil, trigger: TwapTrigger? = nil
    ) {
        self.coin = coin
        self.user = user
        self.side = side
        self.size = size
        self.executedSize = executedSize
        self.executedNotional = executedNotional
        self.minutes = minutes
        self.isReduceOnly = isReduceOnly
        self.isRandomized = isRandomized
        self.time = time
        self.stopPrice = stopPrice
        self.trigger = trigger
    }
}

extension TwapState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: Coin?
        var user: Address?
        var side: Side?
        var size: ExactDecimal?
        var executedSize: ExactDecimal?
        var executedNotional: ExactDecimal?
        var minutes: Int?
        var isReduceOnly: Bool?
        var isRandomized: Bool?
        var time: Int64?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readCoin()
            case "user": user = try reader.readAddress()
            case "side": side = try reader.readWord()
            case "sz": size = try reader.readDecimal()
            case "executedSz": executedSize = try reader.readDecimal()
            case "executedNtl": executedNotional = try reader.readDecimal()
            case "minutes": minutes = try reader.readInt()
            case "reduceOnly": isReduceOnly = try reader.readBoolean()
            case "randomize": isRandomized = try reader.readBoolean()
            case "timestamp": time = try reader.readInteger()
            case "stopPx": stopPrice = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            case "trigger":
                trigger = try reader.readOptional { (r) throws(DecodingFault) in try TwapTrigger(from: &r) }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.user = try reader.require(user, "user", in: object)
        self.side = try reader.require(side, "side", in: object)
        self.size = try reader.require(size, "sz", in: object)
        self.executedSize = try reader.require(executedSize, "executedSz", in: object)
        self.executedNotional = try reader.require(executedNotional, "executedNtl", in: object)
        self.minutes = try reader.require(minutes, "minutes", in: object)
        self.isReduceOnly = try reader.require(isReduceOnly, "reduceOnly", in: object)
        self.isRandomized = try reader.require(isRandomized, "randomize", in: object)
        self.time = try reader.require(time, "timestamp", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("user", user)
        writer.field("side", side)
        writer.field("sz", size)
        writer.field("executedSz", executedSize)
        writer.field("executedNtl", executedNotional)
        writer.field("minutes", minutes)
        writer.field("reduceOnly", isReduceOnly)
        writer.field("randomize", isRandomized)
        writer.field("timestamp", time)
        writer.field(ifPresent: "stopPx", stopPrice)
        writer.field(ifPresent: "trigger", trigger)
        writer.endObject()
    }
}
