/// The balance of a token, or of an outcome side (`+14720` active, `o14720` settled).
///
/// Source: docs/protocol.md, "spotState".
public struct SpotBalance: Hashable, Sendable {
    /// The token's or outcome's name.
    public let coin: String
    /// The token's index; outcomes have none.
    public let token: Int?
    /// In the token's units.
    public let total: ExactDecimal
    /// What orders hold, in the token's units.
    public let hold: ExactDecimal
    /// What it cost, in USDC.
    public let entryNotional: ExactDecimal
    /// In the token's units.
    public let spotHold: ExactDecimal?
    /// As a fraction.
    public let loanToValue: ExactDecimal?
    /// In the token's units.
    public let borrowed: ExactDecimal?
    /// In the token's units.
    public let supplied: ExactDecimal?

    /// Puts the fields together.
    public init(
        coin: String, token: Int? = nil, total: ExactDecimal, hold: ExactDecimal, entryNotional: ExactDecimal,
        spotHold: ExactDecimal? = nil, loanToValue: ExactDecimal? = nil, borrowed: ExactDecimal? = nil,
        supplied: ExactDecimal? = nil
    ) {
        self.coin = coin
        self.token = token
        self.total = total
        self.hold = hold
        self.entryNotional = entryNotional
        self.spotHold = spotHold
        self.loanToValue = loanToValue
        self.borrowed = borrowed
        self.supplied = supplied
    }
}

extension SpotBalance: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: String?
        var total: ExactDecimal?
        var hold: ExactDecimal?
        var entryNotional: ExactDecimal?
        var token: Int?
        var spotHold: ExactDecimal?
        var loanToValue: ExactDecimal?
        var borrowed: ExactDecimal?
        var supplied: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readString()
            case "token": token = try reader.readOptional { (r) throws(DecodingFault) in try r.readInt() }
            case "total": total = try reader.readDecimal()
            case "hold": hold = try reader.readDecimal()
            case "entryNtl": entryNotional = try reader.readDecimal()
            case "spotHold": spotHold = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            case "ltv": loanToValue = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            case "borrowed": borrowed = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            case "supplied": supplied = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.total = try reader.require(total, "total", in: object)
        self.hold = try reader.require(hold, "hold", in: object)
        self.entryNotional = try reader.require(entryNotional, "entryNtl", in: object)
        self.token = token
        self.spotHold = spotHold
        self.loanToValue = loanToValue
        self.borrowed = borrowed
        self.supplied = supplied
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field(ifPresent: "token", token)
        writer.field("total", total)
        writer.field("hold", hold)
        writer.field("entryNtl", entryNotional)
        writer.field(ifPresent: "spotHold", spotHold)
        writer.field(ifPresent: "ltv", loanToValue)
        writer.field(ifPresent: "borrowed", borrowed)
        writer.field(ifPresent: "supplied", supplied)
        writer.endObject()
    }
}
