/// Spot balances, and the figures that portfolio margin adds.
///
/// Source: docs/protocol.md, "spotState".
public struct SpotBalances: Hashable, Sendable {
    /// The balances.
    public let balances: [SpotBalance]
    /// Whether portfolio margin is enabled.
    public let isPortfolioMarginEnabled: Bool?
    /// The amounts held for the EVM.
    public let evmEscrows: [EVMEscrow]?
    /// The portfolio margin ratio, as a fraction.
    public let portfolioMarginRatio: ExactDecimal?
    /// The borrow ratio of each token, as a fraction.
    public let borrowRatios: [TokenAmount]?
    /// The supply ratio of each token, as a fraction.
    public let supplyRatios: [TokenAmount]?
    /// The amount of each token that is available after maintenance margin, in units of the token.
    public let availableAfterMaintenance: [TokenAmount]?

    /// Creates spot balances.
    public init(
        balances: [SpotBalance], isPortfolioMarginEnabled: Bool? = nil, evmEscrows: [EVMEscrow]? = nil,
        portfolioMarginRatio: ExactDecimal? = nil, borrowRatios: [TokenAmount]? = nil,
        supplyRatios:
            [TokenAmount]? = nil, availableAfterMaintenance: [TokenAmount]? = nil
    ) {
        self.balances = balances
        self.isPortfolioMarginEnabled = isPortfolioMarginEnabled
        self.evmEscrows = evmEscrows
        self.portfolioMarginRatio = portfolioMarginRatio
        self.borrowRatios = borrowRatios
        self.supplyRatios = supplyRatios
        self.availableAfterMaintenance = availableAfterMaintenance
    }
}

extension SpotBalances: VenueList {
    /// One row.
    public typealias Element = SpotBalance

    /// The same as ``balances``.
    public var elements: [SpotBalance] { balances }
}

extension SpotBalances: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var balances: [SpotBalance]?
        var isPortfolioMarginEnabled: Bool?
        var evmEscrows: [EVMEscrow]?
        var portfolioMarginRatio: ExactDecimal?
        var borrowRatios: [TokenAmount]?
        var supplyRatios: [TokenAmount]?
        var availableAfterMaintenance: [TokenAmount]?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "balances": balances = try reader.readArray { (r) throws(DecodingFault) in try SpotBalance(from: &r) }
            case "portfolioMarginEnabled":
                isPortfolioMarginEnabled = try reader.readNullable { (r) throws(DecodingFault) in try r.readBoolean() }
            case "evmEscrows":
                evmEscrows = try reader.readNullable { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try EVMEscrow(from: &r) }
                }
            case "portfolioMarginRatio":
                portfolioMarginRatio = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "tokenToPortfolioBorrowRatio":
                borrowRatios = try reader.readNullable { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try TokenAmount(from: &r) }
                }
            case "tokenToPortfolioSupplyRatio":
                supplyRatios = try reader.readNullable { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try TokenAmount(from: &r) }
                }
            case "tokenToAvailableAfterMaintenance":
                availableAfterMaintenance = try reader.readNullable { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try TokenAmount(from: &r) }
                }
            default: try reader.skipUnknown()
            }
        }
        self.balances = try reader.require(balances, "balances", in: object)
        self.isPortfolioMarginEnabled = isPortfolioMarginEnabled
        self.evmEscrows = evmEscrows
        self.portfolioMarginRatio = portfolioMarginRatio
        self.borrowRatios = borrowRatios
        self.supplyRatios = supplyRatios
        self.availableAfterMaintenance = availableAfterMaintenance
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("balances", array: balances)
        writer.field(ifPresent: "portfolioMarginEnabled", isPortfolioMarginEnabled)
        writer.field(ifPresent: "evmEscrows", evmEscrows)
        writer.field(ifPresent: "portfolioMarginRatio", portfolioMarginRatio)
        writer.field(ifPresent: "tokenToPortfolioBorrowRatio", borrowRatios)
        writer.field(ifPresent: "tokenToPortfolioSupplyRatio", supplyRatios)
        writer.field(ifPresent: "tokenToAvailableAfterMaintenance", availableAfterMaintenance)
        writer.endObject()
    }
}

/// The balance of a token, or of an outcome side (`+14720` active, `o14720` settled).
///
/// Source: docs/protocol.md, "spotState".
public struct SpotBalance: Hashable, Sendable {
    /// The name of the token or outcome.
    public let coin: String
    /// The index of the token; outcomes have none.
    public let token: Int?
    /// The total balance, in units of the token.
    public let total: ExactDecimal
    /// The amount held by orders, in units of the token.
    public let hold: ExactDecimal
    /// The cost of the balance, in USDC.
    public let entryNotional: ExactDecimal
    /// The amount held by spot orders, in units of the token.
    public let spotHold: ExactDecimal?
    /// The loan-to-value ratio, as a fraction.
    public let loanToValue: ExactDecimal?
    /// The amount borrowed, in units of the token.
    public let borrowed: ExactDecimal?
    /// The amount supplied, in units of the token.
    public let supplied: ExactDecimal?

    /// Creates a spot balance.
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

extension SpotBalance: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
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
            case "token": token = try reader.readNullable { (r) throws(DecodingFault) in try r.readInt() }
            case "total": total = try reader.readDecimal()
            case "hold": hold = try reader.readDecimal()
            case "entryNtl": entryNotional = try reader.readDecimal()
            case "spotHold": spotHold = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "ltv": loanToValue = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "borrowed": borrowed = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
            case "supplied": supplied = try reader.readNullable { (r) throws(DecodingFault) in try r.readDecimal() }
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

    /// Writes the object with the venue's field names.
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

/// The amount of a token that is held for the EVM.
///
/// Source: docs/protocol.md, "spotState".
public struct EVMEscrow: Hashable, Sendable {
    /// The name of the token.
    public let coin: String
    /// The index of the token.
    public let token: Int
    /// The amount held, in units of the token.
    public let total: ExactDecimal

    /// Creates the amount of a token that is held for the EVM.
    public init(coin: String, token: Int, total: ExactDecimal) {
        self.coin = coin
        self.token = token
        self.total = total
    }
}

extension EVMEscrow: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var coin: String?
        var token: Int?
        var total: ExactDecimal?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "coin": coin = try reader.readString()
            case "token": token = try reader.readInt()
            case "total": total = try reader.readDecimal()
            default: try reader.skipUnknown()
            }
        }
        self.coin = try reader.require(coin, "coin", in: object)
        self.token = try reader.require(token, "token", in: object)
        self.total = try reader.require(total, "total", in: object)
    }

    /// Writes the object with the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("coin", coin)
        writer.field("token", token)
        writer.field("total", total)
        writer.endObject()
    }
}

/// A token's index and an amount.
///
/// Source: docs/protocol.md, "spotState".
public struct TokenAmount: Hashable, Sendable {
    /// The token's index.
    public let token: Int
    /// The amount in units of the token, or a ratio: see the list that has it.
    public let amount: ExactDecimal

    /// Creates a token amount.
    public init(token: Int, amount: ExactDecimal) {
        self.token = token
        self.amount = amount
    }
}

extension TokenAmount: VenueValue {
    /// Reads the value, written as the venue does.
    /// - Throws: ``DecodingFault`` if a field is missing or cannot be read.
    public init(from reader: inout MessageReader) throws(DecodingFault) {
        var array = try reader.beginArray()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        token = try reader.readInt()
        guard try reader.nextElement(&array) else { throw DecodingFault(.missingField, at: array.start) }
        amount = try reader.readDecimal()
        while try reader.nextElement(&array) { try reader.skipUnknown() }
    }

    /// Writes the pair as an array.
    public func write(to writer: inout JSONWriter) {
        writer.beginArray()
        writer.value(token)
        writer.value(amount)
        writer.endArray()
    }
}
