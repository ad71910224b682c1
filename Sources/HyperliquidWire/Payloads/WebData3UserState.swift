/// The account in a ``WebData3``.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3UserState: Hashable, Sendable {
    /// The user, in lower case.
    public let user: Address
    /// The venue's clock: milliseconds since 1970.
    public let serverTimeMilliseconds: Int64
    /// The agent that may trade for the user.
    public let agentAddress: Address?
    /// Until when it may: milliseconds since 1970.
    public let agentValidUntilMilliseconds: Int64?
    /// The sum of all ledger updates, in USDC.
    public let cumulativeLedger: ExactDecimal
    /// Whether the account is a vault.
    public let isVault: Bool
    /// Whether small spot balances are left alone.
    public let optsOutOfSpotDusting: Bool?
    /// Whether dexes share one balance.
    public let isDexAbstractionEnabled: Bool?
    /// `unifiedAccount`, `portfolioMargin` or `disabled`; an open set.
    public let abstraction: String?

    /// Puts the fields together.
    public init(
        user: Address, serverTimeMilliseconds: Int64, agentAddress: Address? = nil,
        agentValidUntilMilliseconds: Int64? = nil,
        cumulativeLedger: ExactDecimal, isVault: Bool, optsOutOfSpotDusting: Bool? = nil,
        isDexAbstractionEnabled: Bool? = nil, abstraction: String? = nil
    ) {
        self.user = user
        self.serverTimeMilliseconds = serverTimeMilliseconds
        self.agentAddress = agentAddress
        self.agentValidUntilMilliseconds = agentValidUntilMilliseconds
        self.cumulativeLedger = cumulativeLedger
        self.isVault = isVault
        self.optsOutOfSpotDusting = optsOutOfSpotDusting
        self.isDexAbstractionEnabled = isDexAbstractionEnabled
        self.abstraction = abstraction
    }
}

extension WebData3UserState: JSONWritable {
    init(from reader: inout MessageReader) throws(DecodingFault) {
        var user: Address?
        var serverTimeMilliseconds: Int64?
        var cumulativeLedger: ExactDecimal?
        var isVault: Bool?
        var agentAddress: Address?
        var agentValidUntilMilliseconds: Int64?
        var optsOutOfSpotDusting: Bool?
        var isDexAbstractionEnabled: Bool?
        var abstraction: String?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "serverTime": serverTimeMilliseconds = try reader.readInteger()
            case "agentAddress":
                agentAddress = try reader.readOptional { (r) throws(DecodingFault) in try r.readAddress() }
            case "agentValidUntil":
                agentValidUntilMilliseconds = try reader.readOptional { (r) throws(DecodingFault) in try r.readInteger()
                }
            case "cumLedger": cumulativeLedger = try reader.readDecimal()
            case "isVault": isVault = try reader.readBoolean()
            case "optOutOfSpotDusting":
                optsOutOfSpotDusting = try reader.readOptional { (r) throws(DecodingFault) in try r.readBoolean() }
            case "dexAbstractionEnabled":
                isDexAbstractionEnabled = try reader.readOptional { (r) throws(DecodingFault) in try r.readBoolean() }
            case "abstraction":
                abstraction = try reader.readOptional { (r) throws(DecodingFault) in try r.readString() }
            default: try reader.skipUnknown()
            }
        }
        self.user = try reader.require(user, "user", in: object)
        self.serverTimeMilliseconds = try reader.require(serverTimeMilliseconds, "serverTime", in: object)
        self.cumulativeLedger = try reader.require(cumulativeLedger, "cumLedger", in: object)
        self.isVault = try reader.require(isVault, "isVault", in: object)
        self.agentAddress = agentAddress
        self.agentValidUntilMilliseconds = agentValidUntilMilliseconds
        self.optsOutOfSpotDusting = optsOutOfSpotDusting
        self.isDexAbstractionEnabled = isDexAbstractionEnabled
        self.abstraction = abstraction
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("serverTime", serverTimeMilliseconds)
        writer.field(orNull: "agentAddress", agentAddress)
        writer.field(orNull: "agentValidUntil", agentValidUntilMilliseconds)
        writer.field("cumLedger", cumulativeLedger)
        writer.field("isVault", isVault)
        writer.field(ifPresent: "optOutOfSpotDusting", optsOutOfSpotDusting)
        writer.field(ifPresent: "dexAbstractionEnabled", isDexAbstractionEnabled)
        writer.field(ifPresent: "abstraction", abstraction)
        writer.endObject()
    }
}
