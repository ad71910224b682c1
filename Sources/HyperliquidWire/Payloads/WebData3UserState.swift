/// The account in a ``WebData3``.
///
/// Source: docs/protocol.md, "webData3".
public struct WebData3UserState: Hashable, Sendable {
    /// The user, in lower case.
    public var user: Address
    /// The venue's clock: milliseconds since 1970.
    public var serverTime: Int64
    /// The agent that may trade for the user.
    public var agentAddress: Address?
    /// Until when it may: milliseconds since 1970.
    public var agentValidUntil: Int64?
    /// The sum of all ledger updates, in USDC.
    public var cumulativeLedger: ExactDecimal
    /// Whether the account is a vault.
    public var isVault: Bool
    /// Whether small spot balances are left alone.
    public var optsOutOfSpotDusting: Bool?
    /// Whether dexes share one balance.
    public var isDexAbstractionEnabled: Bool?
    /// `unifiedAccount`, `portfolioMargin` or `disabled`; an open set.
    public var abstraction: String?

    /// Puts the fields together.
    package init(
        user: Address, serverTime: Int64, agentAddress: Address? = nil, agentValidUntil: Int64? = nil,
        cumulativeLedger: ExactDecimal, isVault: Bool, optsOutOfSpotDusting: Bool? = nil,
        isDexAbstractionEnabled: Bool? = nil, abstraction: String? = nil
    ) {
        self.user = user
        self.serverTime = serverTime
        self.agentAddress = agentAddress
        self.agentValidUntil = agentValidUntil
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
        var serverTime: Int64?
        var cumulativeLedger: ExactDecimal?
        var isVault: Bool?
        var object = try reader.beginObject()
        while let key = try reader.nextKey(&object) {
            switch key {
            case "user": user = try reader.readAddress()
            case "serverTime": serverTime = try reader.readInteger()
            case "agentAddress":
                agentAddress = try reader.readOptional { (r) throws(DecodingFault) in try r.readAddress() }
            case "agentValidUntil":
                agentValidUntil = try reader.readOptional { (r) throws(DecodingFault) in try r.readInteger() }
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
        self.serverTime = try reader.require(serverTime, "serverTime", in: object)
        self.cumulativeLedger = try reader.require(cumulativeLedger, "cumLedger", in: object)
        self.isVault = try reader.require(isVault, "isVault", in: object)
    }

    /// Writes the object by the venue's field names.
    public func write(to writer: inout JSONWriter) {
        writer.beginObject()
        writer.field("user", user)
        writer.field("serverTime", serverTime)
        writer.field(orNull: "agentAddress", agentAddress)
        writer.field(orNull: "agentValidUntil", agentValidUntil)
        writer.field("cumLedger", cumulativeLedger)
        writer.field("isVault", isVault)
        writer.field(ifPresent: "optOutOfSpotDusting", optsOutOfSpotDusting)
        writer.field(ifPresent: "dexAbstractionEnabled", isDexAbstractionEnabled)
        writer.field(ifPresent: "abstraction", abstraction)
        writer.endObject()
    }
}
