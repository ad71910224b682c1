/// Spot balances and what portfolio margin adds.
///
/// Source: docs/protocol.md, "spotState".
public struct SpotBalances: Hashable, Sendable {
    /// The balances.
    public let balances: [SpotBalance]
    /// Whether portfolio margin is on.
    public let isPortfolioMarginEnabled: Bool?
    /// What is held for the EVM.
    public let evmEscrows: [EVMEscrow]?
    /// As a fraction.
    public let portfolioMarginRatio: ExactDecimal?
    /// By token, as fractions.
    public let borrowRatios: [TokenAmount]?
    /// By token, as fractions.
    public let supplyRatios: [TokenAmount]?
    /// By token, in the token's units.
    public let availableAfterMaintenance: [TokenAmount]?

    /// Puts the fields together.
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

extension SpotBalances: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
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
                isPortfolioMarginEnabled = try reader.readOptional { (r) throws(DecodingFault) in try r.readBoolean() }
            case "evmEscrows":
                evmEscrows = try reader.readOptional { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try EVMEscrow(from: &r) }
                }
            case "portfolioMarginRatio":
                portfolioMarginRatio = try reader.readOptional { (r) throws(DecodingFault) in try r.readDecimal() }
            case "tokenToPortfolioBorrowRatio":
                borrowRatios = try reader.readOptional { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try TokenAmount(from: &r) }
                }
            case "tokenToPortfolioSupplyRatio":
                supplyRatios = try reader.readOptional { (r) throws(DecodingFault) in
                    try r.readArray { (r) throws(DecodingFault) in try TokenAmount(from: &r) }
                }
            case "tokenToAvailableAfterMaintenance":
                availableAfterMaintenance = try reader.readOptional { (r) throws(DecodingFault) in
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

    /// Writes the object by the venue's field names.
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
